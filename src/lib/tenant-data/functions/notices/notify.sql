-- Gives people a notice. The person whose change it is gets none. Crew see no prices and no quotes: their notice has no amount and
-- leads to the event.
create or replace function tenancy.notify(
  kind text, entity_type text, entity_id uuid, subject jsonb, recipients uuid[], event uuid default null
) returns void
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  tenant constant uuid := tenancy.current_tenant();
  caller constant name := tenancy.act_for_tenant();
begin
  insert into tenancy.notices (tenant_id, user_id, kind, entity_type, entity_id, subject, mail)
    select tenant, r.user_id, kind, case when r.is_crew then 'event' else entity_type end,
      case when r.is_crew then event else entity_id end,
      jsonb_strip_nulls(case when r.is_crew then subject - '{amount,currency}'::text[] else subject end),
      case when kind = any (p.without_mail) then 'none' else 'wanted' end
    from (select distinct user_id, event is not null and tenancy.role_today(user_id) = 'staff' as is_crew
      from unnest(recipients) user_id) r
    left join tenancy.notice_preferences p on p.tenant_id = tenant and p.user_id = r.user_id
    where r.user_id is distinct from (select coalesce(tenancy.current_user_id(), tenancy.acting_user())) and tenancy.works_here(r.user_id);
  perform tenancy.act_as(caller);
end
$$;
select tenancy.grant_internals('tenancy.notify(text, text, uuid, jsonb, uuid[], uuid)');

-- A user's role today, as of the last `record_roles`.
create or replace function tenancy.role_today(person uuid) returns text
  language sql stable
  return (select h.role from public.user_role_history h
    where h.tenant_id = (select tenancy.current_tenant()) and h.user_id = person and h.effective @> (select tenancy.today()));
select tenancy.grant_internals('tenancy.role_today(uuid)');

-- The tenant's owners today.
create or replace function tenancy.owners_today() returns uuid[]
  language sql stable
  return array(select h.user_id from public.user_role_history h
    where h.tenant_id = (select tenancy.current_tenant()) and h.role = 'owner' and h.effective @> (select tenancy.today()));
select tenancy.grant_internals('tenancy.owners_today()');

-- Who hears of a deal or an event: the tenant's owners, the people it belongs to, and the crew who work at the event.
create or replace function tenancy.concerned(opportunity uuid, event uuid) returns uuid[]
  language sql stable
  return tenancy.owners_today()
    || array(select o.owner_id from public.opportunities o
      where o.tenant_id = (select tenancy.current_tenant()) and o.id = opportunity and o.owner_id is not null)
    || array(select e.owner_id from public.events e
      where e.tenant_id = (select tenancy.current_tenant()) and e.id = event and e.owner_id is not null)
    || array(select a.user_id from public.event_staff_assignments a
      where a.tenant_id = (select tenancy.current_tenant()) and a.event_id = event and a.status in ('invited', 'accepted', 'confirmed'));
select tenancy.grant_internals('tenancy.concerned(uuid, uuid)');
