-- How often booths, loose equipment and people are booked on each day, for a timeline too long for names. What ends before six in
-- the morning belongs to the day before.
--   Answers one row a thing and day: {kind: booth|equipment|person, thing_id, day, bookings, holds (of these), overbooked}.
create or replace function public.booking_counts(from_day date, to_day date)
  returns table (kind text, thing_id uuid, day date, bookings int, holds int, overbooked boolean)
  language sql stable
as $$
  with zone as materialized (
    select tenancy.current_tenant() as tenant, coalesce(tenancy.setting('timezone') #>> '{}', 'UTC') as name
  ), reach as materialized (
    select tenancy.booking_reach() as days
  ), near as materialized (
    select d.id from public.event_dates d
      where d.tenant_id = (select tenant from zone)
        and d.event_date between from_day - (select days from reach) and to_day + (select days from reach)
  ), booked as (
    select 'booth' as kind, a.booth_id as thing_id, a.per, a.status = 'hold' as is_hold, a.overbooked
      from near join public.booth_assignments a on a.tenant_id = (select tenant from zone) and a.event_date_id = near.id
      where tenancy.is_assigned(a.status, a.hold_expires_at)
    union all
    select 'equipment', a.equipment_item_id, a.per, a.status = 'hold', a.overbooked
      from near join public.equipment_assignments a on a.tenant_id = (select tenant from zone) and a.event_date_id = near.id
      where a.booth_assignment_id is null
        and tenancy.is_assigned(a.status, a.hold_expires_at)
    union all
    select 'person', a.user_id, a.per, false, a.overbooked
      from near join public.event_staff_assignments a on a.tenant_id = (select tenant from zone) and a.event_date_id = near.id
      where a.status in ('invited', 'accepted', 'confirmed') and a.per is not null
  )
  select b.kind, b.thing_id, d::date, count(*)::int, count(*) filter (where b.is_hold)::int, bool_or(b.overbooked)
  from booked b cross join zone
  cross join lateral generate_series((lower(b.per) at time zone zone.name)::date,
    greatest((lower(b.per) at time zone zone.name)::date, ((upper(b.per) at time zone zone.name) - interval '6 hours')::date),
    interval '1 day') d
  where d::date between from_day and to_day
  group by 1, 2, 3 order by 1, 2, 3
$$;
select tenancy.expose(true, 'public.booking_counts(date, date)');
