-- Bookings that conflict and are not over on a day, for managers and sales to resolve. There are some only with overlap_policy `warn`.
--   Answers one row a booking that stands over others: {kind: booth|equipment|person, thing_id, name (null for people),
--   assignment_id, event_date_id, event_id, title, per}.
create or replace function public.overbookings(from_day date default null, to_day date default null)
  returns table (kind text, thing_id uuid, name text, assignment_id uuid, event_date_id uuid, event_id uuid, title text, per tstzrange)
  language sql stable
as $$
  with day as (
    select d.id, d.event_date, coalesce(e.title, o.name) as title, e.id as event_id
    from public.event_dates d
    left join public.events e on e.tenant_id = d.tenant_id and e.id = d.event_id
    left join public.opportunities o on o.tenant_id = d.tenant_id and o.id = d.opportunity_id
    where d.tenant_id = (select tenancy.current_tenant())
      and d.event_date >= coalesce(from_day, (select tenancy.today())) - (select tenancy.booking_reach())
      and (to_day is null or d.event_date <= to_day + (select tenancy.booking_reach()))
  ), over as (
    select 'booth' as kind, a.booth_id as thing_id, b.name, a.id, a.event_date_id, a.per
      from public.booth_assignments a join public.booths b on b.tenant_id = a.tenant_id and b.id = a.booth_id
      where a.tenant_id = (select tenancy.current_tenant()) and a.overbooked
    union all
    select 'equipment', a.equipment_item_id, i.name, a.id, a.event_date_id, a.per
      from public.equipment_assignments a join public.equipment_items i on i.tenant_id = a.tenant_id and i.id = a.equipment_item_id
      where a.tenant_id = (select tenancy.current_tenant()) and a.overbooked
    union all
    select 'person', a.user_id, null, a.id, a.event_date_id, a.per
      from public.event_staff_assignments a where a.tenant_id = (select tenancy.current_tenant()) and a.overbooked
  )
  select o.kind, o.thing_id, o.name, o.id, o.event_date_id, day.event_id, day.title, o.per
  from over o join day on day.id = o.event_date_id
  where o.per && (select tstzrange(tenancy.midnight(coalesce(from_day, tenancy.today())), tenancy.midnight(to_day + 1)))
  order by day.event_date, o.kind, o.name, o.id
$$;
select tenancy.expose(true, 'public.overbookings(date, date)');
