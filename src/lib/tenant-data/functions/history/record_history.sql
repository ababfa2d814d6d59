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
    union all select x.id, b.name from public.booth_assignments x join public.booths b on b.tenant_id = x.tenant_id and b.id = x.booth_id
      where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.name from public.booths x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.asset_tag || ' ' || x.name from public.equipment_items x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.name from public.design_item_types x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.name from public.design_statuses x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.name from public.products x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.name from public.templates x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.file_name from public.attachments x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.name from public.core_task_templates x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, coalesce(x.reference, tenancy.day_of(x.paid_at)::text, '–') from public.payments x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.title from public.events x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.name from public.opportunities x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, concat_ws(' ', x.first_name, x.last_name) from public.leads x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.name from public.packages x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.name from public.add_ons x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.name from public.booth_types x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.name from public.equipment_types x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.quote_number from public.quotes x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
    union all select x.id, x.invoice_number from public.invoices x where x.tenant_id = (select tenancy.current_tenant()) and x.id = any (ids)
  ) n
$$;
select tenancy.grant_internals('tenancy.names_of(uuid[])');

-- The history of a record of any kind that has one, newest first, with the names of what its ids refer to. Every user who may see the
-- record may see it, except what their role hides: pay and cost are for managers; money and contracts not for the crew, who see only
-- their own shifts, and of other records than events only changes of the record itself.
--   kind                the record's table; `tenant_settings` for all settings, `people` for a person's pay and time off: both for
--                       owners and admins. Changes of roles are in the application's audit log
--   record_id           the record, or the person; of settings any
--   before, before_id   the last row of the page before
create or replace function public.record_history(
  kind text, record_id uuid, before timestamptz default null, before_id uuid default null, most int default 30
) returns table (id uuid, entity text, entity_id uuid, subject jsonb, action text, columns jsonb, changed_at timestamptz,
    changed_by uuid, changed_through text, names jsonb)
  language plpgsql volatile
as $$
#variable_conflict use_column
declare
  -- The columns that are granted to managers only, of all tables with a history.
  costs constant text[] := case when tenancy.manages() then '{}' else '{rate_snapshot,cost,fee,purchase_price,default_rate}'::text[] end;
  -- Trusted code has no role.
  is_crew constant boolean := coalesce(tenancy.current_user_role() = 'staff', false);
  mine uuid[] := '{}';
  caller name;
  is_there boolean;
begin
  if kind in ('tenant_settings', 'people') then
    perform tenancy.require_role('owner', 'admin');
  elsif kind is null or kind <> all (tenancy.kinds_with_history()) then
    perform tenancy.refuse(400, format('There is no history of records called %s.', left(kind, 60)), null, 'Name the table of a record.');
  end if;
  if kind not in ('tenant_settings', 'people') then
    -- As the user, so that row policies decide who sees it.
    execute format('select exists (select from public.%I r where r.tenant_id = (select tenancy.current_tenant()) and r.id = $1)', kind)
      into is_there using record_history.record_id;
    if not is_there then
      perform tenancy.refuse(404, 'There is no record with this id.');
    end if;
  end if;
  if is_crew and kind = 'events' then
    mine := array(select a.id from public.event_staff_assignments a where a.tenant_id = (select tenancy.current_tenant())
      and a.event_id = record_history.record_id);
  end if;
  caller := tenancy.act_for_tenant();
  return query
  with shown as (
    select c.* from tenancy.changes c where kind = 'events'
      and c.tenant_id = (select tenancy.current_tenant()) and c.event_id = record_history.record_id
    union all
    select c.* from tenancy.changes c where kind <> 'events'
      and c.tenant_id = (select tenancy.current_tenant())
      and c.record_id = case kind when 'tenant_settings' then '00000000-0000-0000-0000-000000000000' else record_history.record_id end
  ), page as materialized (
    select c.id, c.entity, c.entity_id, c.subject, c.action, c.columns - costs as columns, c.changed_at, c.changed_by, c.changed_through
    from shown c
    where (before is null or (c.changed_at, c.id) < (before, coalesce(before_id, '00000000-0000-0000-0000-000000000000')))
      and (c.action <> 'changed' or c.columns - costs <> '{}')
      and (not is_crew or c.entity = kind or kind = 'events' and (c.entity in ('event_dates', 'booth_assignments',
        'equipment_assignments', 'event_design_items', 'event_custom_items', 'event_core_task_completion')
        or c.entity = 'event_staff_assignments' and c.entity_id = any (mine)))
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
select tenancy.expose(true, 'public.record_history(text, uuid, timestamp with time zone, uuid, integer)');
