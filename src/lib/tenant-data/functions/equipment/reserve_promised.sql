-- Booths promised to a client are booked here: held for a deal that is still open, reserved once it is accepted. All lock
-- every booth of the promised types (`lock_bookings`), so of two deals that want the last booth the second sees it taken, and is refused
-- or marked `overbooked` (setting `overlap_policy`).

-- What each of some deals promises for each of its dates: {"<booth_type_id>": booths}. Read from its accepted quote, else from the newest
-- quote that still stands, else from the deal's own lines. No row for a deal where no package names a booth type.
create or replace function tenancy.promises_of(deals uuid[]) returns table (deal uuid, promised jsonb)
  language sql stable
as $$
  with offer as materialized (
    select distinct on (q.opportunity_id) q.opportunity_id, q.id from public.quotes q
    where q.tenant_id = (select tenancy.current_tenant()) and q.opportunity_id = any (deals)
      and q.status in ('accepted', 'draft', 'sent', 'viewed')
    order by q.opportunity_id, q.status = 'accepted' desc, q.revision desc, q.created_at desc
  ), line as (
    select o.opportunity_id, l.package_id, l.quantity from offer o
      join public.quote_line_items l on l.tenant_id = (select tenancy.current_tenant()) and l.quote_id = o.id
      where l.chosen or not l.optional
    union all
    select l.opportunity_id, l.package_id, l.quantity from public.opportunity_line_items l
      where l.tenant_id = (select tenancy.current_tenant()) and l.opportunity_id = any (deals)
        and l.opportunity_id not in (select o.opportunity_id from offer o)
  )
  select w.opportunity_id, jsonb_object_agg(w.booth_type_id, w.booths) from (
    select line.opportunity_id, p.booth_type_id, ceil(sum(line.quantity))::int as booths
    from line join public.packages p on p.tenant_id = (select tenancy.current_tenant()) and p.id = line.package_id
    where p.booth_type_id is not null and line.quantity > 0 group by 1, 2) w
  group by 1
$$;
select tenancy.grant_internals('tenancy.promises_of(uuid[])');

-- The same for one deal; null where no package names a booth type.
create or replace function tenancy.promised_booths(deal uuid) returns jsonb
  language sql stable
  return (select p.promised from tenancy.promises_of(array[deal]) p);
select tenancy.grant_internals('tenancy.promised_booths(uuid)');

-- How many booths of each type a deal's standing dates still need.
--   wanted  {"<booth_type_id>": booths}
create or replace function tenancy.missing_booths(deal uuid, wanted jsonb)
  returns table (event_date_id uuid, event_id uuid, event_date date, occupied tstzrange, booth_type public.booth_types, booths int)
  language sql stable
as $$
  select d.id, d.event_id, d.event_date, d.occupied, t, w.value::int - own.booths
  from jsonb_each_text(wanted) w
  join public.booth_types t on t.tenant_id = (select tenancy.current_tenant()) and t.id = w.key::uuid
  join public.event_dates d on d.tenant_id = t.tenant_id and d.opportunity_id = deal and d.status <> 'cancelled'
  cross join lateral (select count(*)::int as booths from public.booth_assignments a
    join public.booths b on b.tenant_id = a.tenant_id and b.id = a.booth_id
    where a.tenant_id = d.tenant_id and a.event_date_id = d.id and b.booth_type_id = t.id
      and (a.status in ('checked_out', 'returned') or b.status in ('ready', 'incomplete')
        and tenancy.is_promised(a.status, a.hold_expires_at))) own
  where own.booths < w.value::int
  order by d.event_date, d.start_time, t.name
$$;
select tenancy.grant_internals('tenancy.missing_booths(uuid, jsonb)');

-- A booth of a type that is free for a date with its kit, ready ones first; with the policy `warn` also one that is taken. Null where
-- there is none.
create or replace function tenancy.free_booth(type uuid, date uuid, per tstzrange) returns uuid
  language sql stable
as $$
  select b.id
    from public.booths b
    cross join lateral (select exists (select from public.booth_assignments a
      where a.tenant_id = b.tenant_id and a.booth_id = b.id and a.per && free_booth.per
        and tenancy.is_booked(a.status, a.hold_expires_at)
      union all select from public.equipment_items i
      join public.equipment_types t on t.tenant_id = i.tenant_id and t.id = i.equipment_type_id
      join public.event_dates d on d.tenant_id = i.tenant_id and d.id = free_booth.date
      join public.equipment_assignments a on a.tenant_id = i.tenant_id and a.equipment_item_id = i.id
        and a.per && tenancy.around(d.occupied, t.buffer_before_minutes, t.buffer_after_minutes)
      where i.tenant_id = b.tenant_id and i.booth_id = b.id and i.status = 'available'
        and tenancy.is_booked(a.status, a.hold_expires_at)) as taken) busy
    where b.tenant_id = (select tenancy.current_tenant()) and b.booth_type_id = type and b.status in ('ready', 'incomplete')
      and (not busy.taken or tenancy.may_overbook())
      and not exists (select from public.booth_assignments own where own.tenant_id = b.tenant_id and own.booth_id = b.id
        and own.event_date_id = free_booth.date
        and tenancy.is_booked(own.status, own.hold_expires_at))
    order by busy.taken, b.status <> 'ready', b.name limit 1
$$;
select tenancy.grant_internals('tenancy.free_booth(uuid, uuid, tstzrange)');

-- Books what is missing of `wanted` (`free_booth`). Needs the locks of `lock_bookings`.
--   status  `hold` (until `until`) or `reserved`
create or replace function tenancy.book_wanted(deal uuid, wanted jsonb, status text, until timestamptz default null) returns void
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  tenant constant uuid := tenancy.current_tenant();
  missing record;
  booth uuid;
begin
  for missing in select m.*, (m.booth_type).id as type_id, (m.booth_type).name, tenancy.around(m.occupied,
      (m.booth_type).buffer_before_minutes, (m.booth_type).buffer_after_minutes) as per from tenancy.missing_booths(deal, wanted) m
  loop
    for needed in 1 .. missing.booths loop
      booth := tenancy.free_booth(missing.type_id, missing.event_date_id, missing.per);
      if booth is null then
        perform tenancy.refuse(409, format('No %s is free on %s.', missing.name, missing.event_date), null,
          'Choose another date or another booth.');
      end if;
      insert into public.booth_assignments (event_date_id, event_id, booth_id, status, hold_expires_at)
        values (missing.event_date_id, missing.event_id, booth, status, until);
    end loop;
  end loop;
end
$$;
select tenancy.grant_internals('tenancy.book_wanted(uuid, jsonb, text, timestamp with time zone)');

-- Reserves what a deal promised: its holds become reservations, and what they do not cover is reserved among the free booths. Holds
-- of booths and equipment that are out of service by now are released. Called again it changes nothing.
create or replace function tenancy.reserve_promised(deal uuid) returns void
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  tenant constant uuid := tenancy.current_tenant();
  promised constant jsonb := coalesce(tenancy.promised_booths(deal), '{}');
  dates constant uuid[] := tenancy.dates_of_deal(deal);
begin
  -- Nothing to book: no locks.
  if not exists (select from tenancy.missing_booths(deal, promised)) and not exists (
      select from public.booth_assignments a where a.tenant_id = tenant and a.status = 'hold' and a.event_date_id = any (dates)
      union all select from public.equipment_assignments a
        where a.tenant_id = tenant and a.status = 'hold' and a.event_date_id = any (dates)) then
    return;
  end if;
  perform tenancy.lock_bookings(dates, array(select key::uuid from jsonb_object_keys(promised) key));
  update public.booth_assignments a
    set status = case when b.status in ('ready', 'incomplete') then 'reserved' else 'cancelled' end, hold_expires_at = null
    from public.booths b
    where a.tenant_id = tenant and a.status = 'hold' and a.event_date_id = any (dates) and b.tenant_id = tenant and b.id = a.booth_id;
  -- A kit's equipment has followed its booth.
  update public.equipment_assignments a
    set status = case when i.status = 'available' then 'reserved' else 'cancelled' end, hold_expires_at = null
    from public.equipment_items i
    where a.tenant_id = tenant and a.status = 'hold' and a.event_date_id = any (dates) and i.tenant_id = tenant
      and i.id = a.equipment_item_id;
  perform tenancy.book_wanted(deal, promised, 'reserved');
end
$$;
select tenancy.grant_internals('tenancy.reserve_promised(uuid)');

-- A quote that becomes accepted reserves its booths in the same transaction, by whatever way the status is set.
create or replace function tenancy.reserve_accepted() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  perform tenancy.reserve_promised(new.opportunity_id);
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.reserve_accepted() from public;

-- A lost deal releases its booths and equipment.
create or replace function tenancy.release_lost() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  if tenancy.stage(new.stage) ->> 'kind' = 'lost' then
    perform tenancy.lock_bookings(tenancy.dates_of_deal(new.id));
    update public.booth_assignments a set status = 'cancelled' from public.event_dates d
      where a.tenant_id = new.tenant_id and a.status in ('hold', 'reserved')
        and d.tenant_id = a.tenant_id and d.id = a.event_date_id and d.opportunity_id = new.id and d.event_id is null;
    update public.equipment_assignments a set status = 'cancelled' from public.event_dates d
      where a.tenant_id = new.tenant_id and a.status in ('hold', 'reserved')
        and d.tenant_id = a.tenant_id and d.id = a.event_date_id and d.opportunity_id = new.id and d.event_id is null;
  end if;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.release_lost() from public;
