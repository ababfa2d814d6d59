-- The names of the rows that ids in a change refer to: {id: name}. Names of people are in the application database.
create or replace function tenancy.names_of(ids uuid[]) returns jsonb
  language sql stable
as $$
  select coalesce(jsonb_object_agg(n.id, n.name), '{}') from (
    select a.id, a.name from public.accounts a where a.tenant_id = (select tenancy.current_tenant()) and a.id = any (ids)
    union all select c.id, concat_ws(' ', c.first_name, c.last_name) from public.contacts c where c.tenant_id = (select tenancy.current_tenant()) and c.id = any (ids)
    union all select l.id, l.name from public.locations l where l.tenant_id = (select tenancy.current_tenant()) and l.id = any (ids)
    union all select x.id, x.name from public.event_categories x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.name from public.event_types x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.event_date::text from public.event_dates x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.name from public.staff_roles x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.name from public.booths x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.asset_tag || ' ' || x.name from public.equipment_items x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.name from public.design_item_types x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.name from public.design_statuses x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.name from public.products x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.name from public.templates x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
  ) n
$$;
select tenancy.grant_internals('tenancy.names_of(uuid[])');

-- An event's history, newest first, with the names of what its ids refer to. Every user who may see the event may see it, except what
-- their role hides: pay and cost are for managers, money and contracts not for the crew, and the crew see only their own
-- shifts.
--   before, before_id   the last row of the page before
create or replace function public.event_history(event_id uuid, before timestamptz default null, before_id uuid default null, most int default 30)
  returns table (id uuid, entity text, entity_id uuid, subject jsonb, action text, columns jsonb, changed_at timestamptz,
    changed_by uuid, changed_through text, names jsonb)
  language plpgsql volatile
as $$
#variable_conflict use_column
declare
  costs constant text[] := case when tenancy.manages() then '{}' else '{rate_snapshot,cost,fee}'::text[] end;
  -- Trusted code has no role.
  is_crew constant boolean := coalesce(tenancy.current_user_role() = 'staff', false);
  mine uuid[] := '{}';
  caller name;
begin
  if not exists (select from public.events e where e.tenant_id = tenancy.current_tenant() and e.id = event_history.event_id) then
    perform tenancy.refuse(404, 'There is no event with this id.');
  end if;
  if is_crew then
    mine := array(select a.id from public.event_staff_assignments a where a.tenant_id = tenancy.current_tenant()
      and a.event_id = event_history.event_id);
  end if;
  caller := tenancy.act_for_tenant();
  return query
  with page as materialized (
    select c.id, c.entity, c.entity_id, c.subject, c.action, c.columns - costs as columns, c.changed_at, c.changed_by, c.changed_through
    from tenancy.changes c
    where c.tenant_id = (select tenancy.current_tenant()) and c.event_id = event_history.event_id
      and (before is null or (c.changed_at, c.id) < (before, coalesce(before_id, '00000000-0000-0000-0000-000000000000')))
      and (c.action <> 'changed' or c.columns - costs <> '{}')
      and (not is_crew or c.entity in ('events', 'event_dates', 'booth_assignments', 'equipment_assignments', 'event_design_items',
        'event_custom_items', 'event_core_task_completion') or c.entity = 'event_staff_assignments' and c.entity_id = any (mine))
    order by c.changed_at desc, c.id desc limit least(greatest(most, 1), 200)
  ), named as (
    select tenancy.names_of(array(
      select distinct v.value::uuid from page p
      cross join lateral (
        select s.value #>> '{}' as value from jsonb_each(p.subject) s
        union all select x.value #>> '{}' from jsonb_each(p.columns) s cross join lateral jsonb_array_elements(s.value) x
      ) v where v.value ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$')) as names
  )
  select p.id, p.entity, p.entity_id, p.subject, p.action, p.columns, p.changed_at, p.changed_by, p.changed_through, named.names
  from page p cross join named order by p.changed_at desc, p.id desc;
  perform tenancy.act_as(caller);
end
$$;
select tenancy.expose(true, 'public.event_history(uuid, timestamp with time zone, uuid, integer)');
