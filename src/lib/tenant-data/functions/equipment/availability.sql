-- The longest buffer of any booth or equipment, in minutes.
create or replace function tenancy.longest_buffer() returns int
  language sql stable
  return greatest(0,
    (select max(greatest(t.buffer_before_minutes, t.buffer_after_minutes)) from public.booth_types t
      where t.tenant_id = (select tenancy.current_tenant())),
    (select max(greatest(t.buffer_before_minutes, t.buffer_after_minutes)) from public.equipment_types t
      where t.tenant_id = (select tenancy.current_tenant())));
select tenancy.grant_internals('tenancy.longest_buffer()');

-- How many days a booking may be from the day of its date: two days of teardown after its night and a buffer, in another time zone.
create or replace function tenancy.booking_reach() returns int
  language sql stable
  return 4 + (1439 + tenancy.longest_buffer()) / 1440;
select tenancy.grant_internals('tenancy.booking_reach()');

-- Bookings and time off near some days, also what is still out for a canceled date; kinds: booth, booth_hold, equipment, person. A booth is
-- busy with each piece of its kit too: one that is booked by itself, or is away longer than its booth, keeps the booth from being booked.
-- They are found through the index of event dates: operators of ranges are not leakproof, so under row-level security an index on ranges
-- is not used.
create or replace function tenancy.busy_near(days date[], without_event uuid)
  returns table (kind text, thing uuid, quantity int, per tstzrange)
  language sql stable
as $$
  with margin as (
    -- What two dates can be apart and still meet: one is set up on the day before it, the other is torn down for two days after its
    -- night, and both have their buffers.
    select 5 + (1439 + 2 * tenancy.longest_buffer()) / 1440 as days
  ), near as (
    select d.tenant_id, d.id from public.event_dates d
    where d.tenant_id = (select tenancy.current_tenant())
      and d.event_date = any (array(select distinct day + shift
        from unnest(busy_near.days) day cross join margin cross join generate_series(-margin.days, margin.days) shift))
      and (without_event is null or d.event_id is distinct from without_event)
  )
  select case a.status when 'hold' then 'booth_hold' else 'booth' end, a.booth_id, 1, a.per from near d join public.booth_assignments a
      on a.tenant_id = d.tenant_id and a.event_date_id = d.id
    where tenancy.is_booked(a.status, a.hold_expires_at)
  union all
  select 'equipment', a.equipment_item_id, a.quantity, a.per from near d join public.equipment_assignments a
      on a.tenant_id = d.tenant_id and a.event_date_id = d.id
    where tenancy.is_booked(a.status, a.hold_expires_at)
  union all
  select case a.status when 'hold' then 'booth_hold' else 'booth' end, b.id, 1,
      -- Where it meets a booth's span, with the buffers of booths around it, the piece meets the span with its own.
      tstzrange(lower(a.per) - make_interval(mins => greatest(0, t.buffer_after_minutes - k.buffer_after_minutes)),
        upper(a.per) + make_interval(mins => greatest(0, t.buffer_before_minutes - k.buffer_before_minutes)))
    from near d join public.equipment_assignments a on a.tenant_id = d.tenant_id and a.event_date_id = d.id
    join public.equipment_items i on i.tenant_id = a.tenant_id and i.id = a.equipment_item_id and i.status = 'available'
    join public.equipment_types t on t.tenant_id = i.tenant_id and t.id = i.equipment_type_id
    join public.booths b on b.tenant_id = i.tenant_id and b.id = i.booth_id
    join public.booth_types k on k.tenant_id = b.tenant_id and k.id = b.booth_type_id
    where tenancy.is_booked(a.status, a.hold_expires_at)
  union all
  select 'person', a.user_id, 1, a.per from near d join public.event_staff_assignments a
      on a.tenant_id = d.tenant_id and a.event_date_id = d.id
    where a.status in ('accepted', 'confirmed')
  union all
  -- A shift counts to the day of its event date, in whatever time zone.
  select 'person', t.user_id, 1, tstzrange(null, null)
    from tenancy.time_off t
    where t.tenant_id = (select tenancy.current_tenant()) and t.last_day >= (select min(day) from unnest(busy_near.days) day)
      and t.first_day <= (select max(day) from unnest(busy_near.days) day)
$$;
select tenancy.grant_internals('tenancy.busy_near(date[], uuid)');

-- What is available for one date. Of bulk equipment the most that is out at one moment counts, as in peak_use.
create or replace function tenancy.check_date(
  wanted public.event_dates, type_id uuid, booths_needed int, crew_needed int, travel_minutes int, without_event uuid
) returns jsonb
  language plpgsql stable
as $$
declare
  tenant constant uuid := tenancy.current_tenant();
  span constant tstzrange := tenancy.occupation(wanted);
  kind public.booth_types;
  needed record;
  booth_ids uuid[];
  free_booths jsonb;
  free_count int;
  total_count int;
  reachable int;
  kit_missing jsonb := '[]';
  crew_total int;
  crew_free int;
  crew_wanted int;
begin
  select * into kind from public.booth_types t where t.tenant_id = tenant and t.id = type_id;
  -- Booths.
  with busy as materialized (
    select b.thing, range_agg(b.per) as pers
    from tenancy.busy_near(array[wanted.event_date], without_event) b where b.kind in ('booth', 'booth_hold') group by b.thing
  ), own as (
    select b.id, b.name,
      coalesce(busy.pers && tenancy.around(span, t.buffer_before_minutes, t.buffer_after_minutes), false) as taken,
      coalesce(busy.pers && tenancy.around(span, greatest(t.buffer_before_minutes, travel_minutes),
        greatest(t.buffer_after_minutes, travel_minutes)), false) as too_far
    from public.booths b join public.booth_types t on t.tenant_id = b.tenant_id and t.id = b.booth_type_id
    left join busy on busy.thing = b.id
    where b.tenant_id = tenant and b.status in ('ready', 'incomplete') and (type_id is null or b.booth_type_id = type_id)
  )
  select coalesce(jsonb_agg(jsonb_build_object('id', id, 'name', name) order by name) filter (where not taken), '[]'),
      count(*) filter (where not taken), count(*), count(*) filter (where not too_far)
    into free_booths, free_count, total_count, reachable from own;

  -- Equipment that the booth type requires.
  for needed in
    select t.id, t.name, r.value::int * booths_needed as wanted, t.buffer_before_minutes, t.buffer_after_minutes,
      (select coalesce(sum(i.quantity), 0) from public.equipment_items i
        where i.tenant_id = tenant and i.equipment_type_id = t.id and i.status = 'available') as owned,
      (with taken as (
          select b.quantity, b.per from tenancy.busy_near(array[wanted.event_date], without_event) b
          join public.equipment_items i on i.tenant_id = tenant and i.id = b.thing and i.equipment_type_id = t.id and i.status = 'available'
          where b.kind = 'equipment' and b.per && around.span)
        select coalesce(max((select sum(x.quantity) from taken x
          where x.per @> greatest(lower(y.per), lower(around.span)))), 0) from taken y) as out
    from jsonb_each_text(kind.required_items) r
    join public.equipment_types t on t.tenant_id = tenant and t.id = r.key::uuid
    cross join lateral (select tenancy.around(span, t.buffer_before_minutes, t.buffer_after_minutes) as span) around
  loop
    if needed.owned - needed.out < needed.wanted then
      kit_missing := kit_missing || jsonb_build_object('equipment_type_id', needed.id, 'name', needed.name,
        'needed', needed.wanted, 'free', greatest(0, needed.owned - needed.out));
    end if;
  end loop;

  -- Crew: people with the role staff or a pay rate that day who still work here, without a shift or time off.
  crew_wanted := coalesce(crew_needed, coalesce(kind.crew_needed, 1) * booths_needed);
  with crew as (
    select h.user_id from public.user_role_history h
      where h.tenant_id = tenant and h.role = 'staff' and h.effective @> wanted.event_date
    union
    select h.user_id from public.user_pay_rate_history h
      where h.tenant_id = tenant and h.effective @> wanted.event_date and tenancy.works_here(h.user_id)
  ), busy as (
    select b.thing from tenancy.busy_near(array[wanted.event_date], without_event) b
      where b.kind = 'person' and b.per && span
  )
  select count(*), count(*) filter (where user_id not in (select thing from busy)) into crew_total, crew_free from crew;

  return jsonb_build_object(
    'event_date', wanted.event_date, 'from', lower(span), 'to', upper(span),
    'booths', jsonb_build_object('ok', free_count >= booths_needed, 'free', free_booths, 'needed', booths_needed,
      'reason', case when total_count = 0 then 'There is no booth of this kind.'
        when free_count >= booths_needed then format('%s of %s booths are free.', free_count, total_count)
        when free_count = 0 then format('All %s booths are taken.', total_count)
        else format('Only %s of %s booths are free, and %s are needed.', free_count, total_count, booths_needed) end),
    'kit', jsonb_build_object('ok', kit_missing = '[]', 'missing', kit_missing,
      'reason', case when kit_missing = '[]' then 'Everything that is needed is free.'
        else 'Short of ' || (select string_agg(format('%s (%s of %s free)', m ->> 'name', m ->> 'free', m ->> 'needed'), ', ')
          from jsonb_array_elements(kit_missing) m) || '.' end),
    'crew', jsonb_build_object('ok', crew_total > 0 and crew_free >= crew_wanted, 'free', crew_free, 'needed', crew_wanted,
      'reason', case when crew_total = 0 then 'No crew is on record for that day.'
        else format('%s of %s people are free, %s needed.', crew_free, crew_total, crew_wanted) end),
    'travel', jsonb_build_object('ok', reachable >= booths_needed, 'minutes', travel_minutes,
      'reason', case when travel_minutes is null then 'No travel time is known for this place.'
        when reachable >= booths_needed then format('There is time for %s minutes of travel each way.', travel_minutes)
        else format('Only %s free booths leave %s minutes of travel each way.', reachable, travel_minutes) end));
end
$$;
select tenancy.grant_internals('tenancy.check_date(public.event_dates, uuid, integer, integer, integer, uuid)');

-- The nearest shifts by whole days with which every date finds enough free booths: [{shift_days, event_dates}].
create or replace function tenancy.nearest_days(
  wanted public.event_dates[], type_id uuid, booths_needed int, travel_minutes int, without_event uuid
) returns jsonb
  language sql stable
as $$
  with span as (
    select row_number() over () as nth, d.event_date, tenancy.occupation(d) as occupied, d.timezone from unnest(wanted) d
  ), busy as materialized (
    select b.thing, range_agg(b.per) as pers from tenancy.busy_near(
        array(select distinct s.event_date + shift from span s cross join generate_series(-14, 14) shift), without_event) b
    where b.kind in ('booth', 'booth_hold') group by b.thing
  ), candidate as (
    select shift, s.nth, s.event_date + shift as day, tstzrange(moved.begins, greatest(moved.begins, moved.ends)) as occupied
    from span s cross join generate_series(-14, 14) shift
    -- In local time, since the shift may cross a clock change; a time that the clocks skip is the one after it.
    cross join lateral (select (lower(s.occupied) at time zone s.timezone + make_interval(days => shift)) at time zone s.timezone as begins,
      (upper(s.occupied) at time zone s.timezone + make_interval(days => shift)) at time zone s.timezone as ends) moved
    where shift <> 0 and s.event_date + shift >= (select tenancy.today())
  ), free as (
    select c.shift, c.day, count(*) filter (where not coalesce(busy.pers && tenancy.around(c.occupied,
        greatest(t.buffer_before_minutes, travel_minutes), greatest(t.buffer_after_minutes, travel_minutes)), false)) as booths
    from candidate c cross join public.booths b
    join public.booth_types t on t.tenant_id = b.tenant_id and t.id = b.booth_type_id
    left join busy on busy.thing = b.id
    where b.tenant_id = (select tenancy.current_tenant()) and b.status in ('ready', 'incomplete')
      and (type_id is null or b.booth_type_id = type_id)
    group by c.shift, c.nth, c.day
  ), fits as (
    select shift, jsonb_agg(day order by day) as days from free
    group by shift having bool_and(booths >= booths_needed) and count(*) = cardinality(wanted)
  )
  select coalesce(jsonb_agg(jsonb_build_object('shift_days', shift, 'event_dates', days) order by abs(shift), shift), '[]')
  from (select * from fits order by abs(shift), shift limit 5) nearest
$$;
select tenancy.grant_internals('tenancy.nearest_days(public.event_dates[], uuid, integer, integer, uuid)');
