-- Scores these events: paid, signed, designed, staffed, packed, briefed. `next_fix` is the first that is missing. An event is
-- packed once it is reserved (`tenancy.reserved_events`) and each booth reserved for it is ready.
create or replace function tenancy.readiness_of(coming uuid[])
  returns table (event_id uuid, score int, paid boolean, signed boolean, designed boolean, staffed boolean, packed boolean,
    briefed boolean, next_fix text)
  language plpgsql stable
  -- A plan made once for all events is five times as slow where many are coming.
  set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
  tenant constant uuid := tenancy.current_tenant();
  today constant date := tenancy.today();
begin
  return query
  with date as materialized (
    select d.id, d.event_id from public.event_dates d
    where d.tenant_id = tenant and d.event_id = any (coming) and d.status <> 'cancelled'
  ), booth as (
    -- Of each date: its reserved booths, those that are ready, and the crew that its booths need.
    select b.event_date_id, count(*) filter (where b.status in ('reserved', 'checked_out', 'returned')) as reserved,
      sum(t.crew_needed) filter (where tenancy.is_assigned(b.status, b.hold_expires_at)) as crew,
      count(*) filter (where not b.overbooked
        and (b.status in ('checked_out', 'returned') or b.status = 'reserved' and o.status = 'ready')) as fit
    from date d join public.booth_assignments b on b.tenant_id = tenant and b.event_date_id = d.id
    join public.booths o on o.tenant_id = tenant and o.id = b.booth_id
    join public.booth_types t on t.tenant_id = tenant and t.id = o.booth_type_id
    group by 1
  ), here as materialized (
    select h.user_id, h.effective @> today as works from public.user_role_history h where h.tenant_id = tenant
  ), crew as (
    -- As a filter: else the index that refuses double bookings is asked, which finds a date by reading many.
    select a.event_date_id, count(distinct a.user_id) filter (where not a.overbooked) as confirmed
    from date d join public.event_staff_assignments a on a.tenant_id = tenant and a.event_date_id = d.id
    where a.status = 'confirmed'
      and (a.user_id in (select h.user_id from here h where h.works) or not exists (select from here))
    group by 1
  ), dated as (
    select d.event_id, bool_and(coalesce(c.confirmed, 0) >= coalesce(b.crew, 1)) as staffed,
      bool_and(coalesce(b.fit = b.reserved, true)) as ready
    from date d left join booth b on b.event_date_id = d.id left join crew c on c.event_date_id = d.id
    group by 1
  ), billed as (
    select i.event_id, sum(i.total - i.paid) <= 0 as paid from public.invoices i
    where i.tenant_id = tenant and i.event_id = any (coming) and i.status not in ('draft', 'void', 'written_off') group by 1
  -- `any (coming)` in each look-up: where it is planned as a hash, that is not made of the rows of all years.
  ), fact as (
    select e.id, e.status, e.start_date, coalesce(billed.paid, false) as paid,
      exists (select from public.contracts c where c.tenant_id = tenant and c.event_id = e.id and c.event_id = any (coming)
        and c.status = 'signed') as signed,
      not exists (select from public.event_design_items d where d.tenant_id = tenant and d.event_id = e.id and d.event_id = any (coming)
        and d.approved_at is null) as designed,
      coalesce(dated.staffed, false) and not exists (select from public.event_staff_assignments a
        where a.tenant_id = tenant and a.event_id = e.id and a.event_id = any (coming) and a.status in ('invited', 'accepted')) as staffed,
      r.id is not null as reserved, r.id is not null and dated.ready as packed, e.briefed_at is not null as briefed
    from public.events e
    left join tenancy.reserved_events(coming) r (id) on r.id = e.id
    left join dated on dated.event_id = e.id left join billed on billed.event_id = e.id
    where e.tenant_id = tenant and e.id = any (coming) and e.deleted_at is null
  )
  select f.id, round(100.0 * (f.paid::int + f.signed::int + f.designed::int + f.staffed::int + f.packed::int + f.briefed::int) / 6)::int,
    f.paid, f.signed, f.designed, f.staffed, f.packed, f.briefed,
    case when f.status = 'postponed' then 'Choose a new date.'
      when not f.reserved then 'Reserve a booth.'
      when not f.signed then 'Have the contract signed.'
      when not f.designed then 'Have the designs approved.'
      when not f.staffed then 'Confirm the crew.'
      when not f.packed then 'Reserve a ready booth.'
      when not f.paid then 'Collect the balance.'
      when not f.briefed then 'Brief the crew.' end
  from fact f order by f.start_date, f.id;
end
$$;
select tenancy.grant_internals('tenancy.readiness_of(uuid[])');

-- The readiness of one event, or of those that begin in the next days, soonest first.
--   for_event  one event; all that begin in the next `days` days when null
--   unready    only the first so many that are not ready (score below 100); all, ready or not, when null
create or replace function public.event_readiness(for_event uuid default null, days int default 60, unready int default null)
  returns table (event_id uuid, score int, paid boolean, signed boolean, designed boolean, staffed boolean, packed boolean,
    briefed boolean, next_fix text)
  language plpgsql stable
as $$
#variable_conflict use_column
declare
  tenant constant uuid := tenancy.current_tenant();
  today constant date := tenancy.today();
  coming uuid[];
  -- In steps, the second and those after it larger: mostly the first is enough.
  size int := 12;
  missing int := unready;
  start int := 1;
  found int;
begin
  -- Staff see neither invoices nor contracts, so these facts would be wrong for them.
  perform tenancy.require_role('owner', 'admin', 'manager', 'sales', 'viewer');
  if for_event is not null then
    coming := array[for_event];
  else
    coming := array(select e.id from public.events e where e.tenant_id = tenant and e.deleted_at is null
      and e.status in ('tentative', 'confirmed', 'in_progress') and e.start_date between today and today + days
      order by e.start_date, e.id);
  end if;
  if unready is null then
    return query select * from tenancy.readiness_of(coming);
    return;
  end if;
  -- A company with hundreds of events coming asks for the few that come first.
  while missing > 0 and start <= cardinality(coming) loop
    return query select * from tenancy.readiness_of(coming[start : start + size - 1]) r where r.score < 100 limit missing;
    get diagnostics found = row_count;
    missing := missing - found;
    start := start + size;
    size := 50;
  end loop;
end
$$;
select tenancy.expose(true, 'public.event_readiness(uuid, integer, integer)');

-- Records that the crew and the client have been briefed, and when.
create or replace function public.mark_briefed(event_id uuid) returns public.events
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  caller name;
  event public.events;
begin
  perform tenancy.require_role('owner', 'admin', 'manager');
  caller := tenancy.act_for_tenant();
  update public.events e set briefed_at = coalesce(e.briefed_at, now())
    where e.tenant_id = (select tenancy.current_tenant()) and e.id = event_id returning * into event;
  if event.id is null then
    perform tenancy.refuse(404, 'There is no event with this id.');
  end if;
  perform tenancy.act_as(caller);
  return event;
end
$$;
select tenancy.expose(true, 'public.mark_briefed(uuid)');
