-- Updates the role history to today. `people`: all users who may sign in, [{"user_id": …, "role": …}]. The application database
-- knows them and calls this when they change.
create or replace function public.record_roles(people jsonb) returns void
  language plpgsql volatile
as $$
declare
  tenant uuid := tenancy.current_tenant();
  today date := tenancy.today();
begin
  perform tenancy.lock_own('record_roles');
  -- Removes roles that began today and ended today.
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

-- Users who may sign in today and their roles, as of the last `record_roles`.
create or replace function public.recorded_people() returns table (user_id uuid, role text)
  language sql stable
as $$
  select h.user_id, h.role from public.user_role_history h
    where h.tenant_id = (select tenancy.current_tenant()) and h.effective @> (select tenancy.today())
$$;
select tenancy.expose(false, 'public.recorded_people()');

-- Whether a user may sign in today, as of the last `record_roles`. True for all users of a tenant whose users were never
-- recorded, such as one made by a script.
create or replace function tenancy.works_here(person uuid) returns boolean
  language sql stable
  return exists (select from public.user_role_history h
      where h.tenant_id = (select tenancy.current_tenant()) and h.user_id = person and h.effective @> (select tenancy.today()))
    or not exists (select from public.user_role_history h where h.tenant_id = (select tenancy.current_tenant()));
select tenancy.grant_internals('tenancy.works_here(uuid)');

-- Users can only assign people who work for the tenant. Trusted code may set others, for imports. Trigger arguments: the
-- columns that name a person.
create or replace function tenancy.check_person() returns trigger
  language plpgsql
as $$
declare
  caller name;
  before constant jsonb := case when tg_op = 'UPDATE' then to_jsonb(old) else '{}' end;
  after constant jsonb := to_jsonb(new);
  field text;
begin
  if not tenancy.is_user() then
    return new;
  end if;
  caller := tenancy.act_for_tenant();
  foreach field in array tg_argv loop
    if after ->> field is distinct from before ->> field and after ->> field is not null
      and not tenancy.works_here((after ->> field)::uuid) then
      perform tenancy.refuse(409, 'This person does not work for your company, or no longer does.', null, 'Choose one of your company''s people.');
    end if;
  end loop;
  perform tenancy.act_as(caller);
  return new;
end
$$;
revoke execute on function tenancy.check_person() from public;
