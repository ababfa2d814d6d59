-- Who works for a company, and as what, is known to the application database: it says so here whenever it changes, so that
-- "who was crew on that day?" is answered where the events are.

-- Brings the history up to what is so today. `people`: all who may sign in, [{"user_id": …, "role": …}].
create function public.record_roles(people jsonb) returns void
  language plpgsql volatile
as $$
declare
  tenant uuid := tenancy.current_tenant();
  today date := tenancy.today();
begin
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('record_roles ' || tenant, 0));
  -- What began today and is so no more was never so for a day.
  delete from public.user_role_history h where h.tenant_id = tenant and lower(h.effective) >= today
    and not exists (select from pg_catalog.jsonb_to_recordset(people) p (user_id uuid, role text)
      where p.user_id = h.user_id and p.role = h.role);
  update public.user_role_history h set effective = daterange(lower(h.effective), today)
    where h.tenant_id = tenant and h.effective @> today and lower(h.effective) < today
      and not exists (select from pg_catalog.jsonb_to_recordset(people) p (user_id uuid, role text)
        where p.user_id = h.user_id and p.role = h.role);
  insert into public.user_role_history (user_id, role, effective)
    select p.user_id, p.role, daterange(today, null) from pg_catalog.jsonb_to_recordset(people) p (user_id uuid, role text)
    where not exists (select from public.user_role_history h
      where h.tenant_id = tenant and h.user_id = p.user_id and h.effective @> today);
end
$$;
select tenancy.expose(false, 'public.record_roles(jsonb)');
