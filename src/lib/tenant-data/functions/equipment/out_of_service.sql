-- Coming bookings of booths and equipment that cannot go out: in maintenance, lost or retired since they were booked.
--   thing  one booth or piece of equipment; all when null
-- Answers {kind: booth|equipment, thing_id, name, status (of the thing), assignment_id, event_date_id, event_id, title, event_date}.
create or replace function public.bookings_out_of_service(thing uuid default null)
  returns table (kind text, thing_id uuid, name text, status text, assignment_id uuid, event_date_id uuid, event_id uuid, title text,
    event_date date)
  language sql stable
as $$
  with missing as (
    select 'booth' as kind, b.id as thing_id, b.name, b.status, a.id, a.event_date_id
      from public.booths b join public.booth_assignments a on a.tenant_id = b.tenant_id and a.booth_id = b.id
      where b.tenant_id = (select tenancy.current_tenant()) and b.status in ('maintenance', 'retired') and (thing is null or b.id = thing)
        and tenancy.is_promised(a.status, a.hold_expires_at)
    union all
    select 'equipment', i.id, concat_ws(' ', i.asset_tag, i.name), i.status, a.id, a.event_date_id
      from public.equipment_items i join public.equipment_assignments a on a.tenant_id = i.tenant_id and a.equipment_item_id = i.id
      where i.tenant_id = (select tenancy.current_tenant()) and i.status <> 'available' and (thing is null or i.id = thing)
        and tenancy.is_promised(a.status, a.hold_expires_at)
  )
  select m.kind, m.thing_id, m.name, m.status, m.id, m.event_date_id, d.event_id, coalesce(e.title, o.name), d.event_date
  from missing m
  join public.event_dates d on d.tenant_id = (select tenancy.current_tenant()) and d.id = m.event_date_id and d.status = 'scheduled'
    and d.event_date >= (select tenancy.today())
  left join public.events e on e.tenant_id = d.tenant_id and e.id = d.event_id
  left join public.opportunities o on o.tenant_id = d.tenant_id and o.id = d.opportunity_id
  order by d.event_date, m.kind, m.name, m.id
$$;
select tenancy.expose(true, 'public.bookings_out_of_service(uuid)');
