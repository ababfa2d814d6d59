-- What happens when something is booked that is taken: setting `overlap_policy`. `refuse` refuses. `warn` lets the booking
-- through and says so on its row: `overbooked`. Such rows stand outside the exclusion constraints, which go on to keep all
-- others apart; the triggers see every row. When what was in the way goes, the row is an ordinary one again.

create function tenancy.may_overbook() returns boolean
  language sql stable
  return coalesce(tenancy.setting('overlap_policy') #>> '{}' = 'warn', false);

alter table booth_assignments add column overbooked boolean not null default false,
  drop constraint booth_assignments_no_double_booking,
  add constraint booth_assignments_no_double_booking exclude using gist
    (tenant_id with =, booth_id with =, per with &&) where (status in ('hold', 'reserved', 'checked_out') and not overbooked);
alter table equipment_assignments add column overbooked boolean not null default false,
  drop constraint equipment_assignments_no_double_booking,
  add constraint equipment_assignments_no_double_booking exclude using gist
    (tenant_id with =, equipment_item_id with =, per with &&)
    where (serialized and status in ('hold', 'reserved', 'checked_out') and not overbooked);
-- In two steps: a default for rows that are there would rewrite them, which PostgreSQL refuses where a function takes such a row.
alter table event_staff_assignments add column overbooked boolean, no force row level security, disable trigger user;
update event_staff_assignments set overbooked = false;
alter table event_staff_assignments enable trigger user, force row level security;
alter table event_staff_assignments alter column overbooked set default false, alter column overbooked set not null,
  drop constraint event_staff_assignments_no_double_booking,
  add constraint event_staff_assignments_no_double_booking exclude using gist
    (tenant_id with =, user_id with =, event_date_id with <>, per with &&)
    where (status in ('accepted', 'confirmed') and not overbooked);
grant select (overbooked), insert (overbooked), update (overbooked) on event_staff_assignments
  to authenticated, authenticated_manager;

create or replace function tenancy.book_booth() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
  d public.event_dates := tenancy.date_of(new.event_date_id);
  booth record;
  other record;
  -- A booking that only goes on as it was is never refused, whatever the policy has become.
  goes_on boolean;
begin
  -- Whoever else books this booth waits: two that only met in the exclusion constraint could wait for each other.
  select b.name, b.status, t.buffer_before_minutes, t.buffer_after_minutes into booth
    from public.booths b join public.booth_types t on t.tenant_id = b.tenant_id and t.id = b.booth_type_id
    where b.tenant_id = new.tenant_id and b.id = new.booth_id
    for no key update of b;
  new.event_id := d.event_id;
  new.per := tenancy.around(d.occupied, coalesce(booth.buffer_before_minutes, 0), coalesce(booth.buffer_after_minutes, 0));
  goes_on := tg_op = 'UPDATE' and old.status in ('hold', 'reserved', 'checked_out')
    and old.per = new.per and old.booth_id = new.booth_id;
  if new.status not in ('hold', 'reserved', 'checked_out') then
    new.overbooked := false;
  elsif not goes_on or old.overbooked then
    if not goes_on and d.status = 'cancelled' then
      perform tenancy.refuse(409, 'The date is cancelled.');
    end if;
    if booth.status in ('maintenance', 'retired') and (tg_op = 'INSERT' or old.booth_id <> new.booth_id) then
      perform tenancy.refuse(409, format('%s is %s.', booth.name,
        case booth.status when 'maintenance' then 'in maintenance' else booth.status end));
    end if;
    -- One that somebody is changing right now waits for this booth, and is checked then.
    update public.booth_assignments a set status = 'cancelled'
      where a.tenant_id = new.tenant_id and a.id in (select h.id from public.booth_assignments h
        where h.tenant_id = new.tenant_id and h.booth_id = new.booth_id and h.id <> new.id
          and h.status = 'hold' and h.hold_expires_at <= now() for no key update skip locked);
    select a.per, e.title into other
      from public.booth_assignments a left join public.events e on e.tenant_id = a.tenant_id and e.id = a.event_id
      where a.tenant_id = new.tenant_id and a.booth_id = new.booth_id and a.id <> new.id
        and a.status in ('hold', 'reserved', 'checked_out') and a.per && new.per
      order by lower(a.per) limit 1;
    new.overbooked := found;
    if found and not goes_on and not tenancy.may_overbook() then
      perform tenancy.refuse(409, format('%s is taken from %s (%s).', booth.name, tenancy.in_words(other.per, d.timezone),
        coalesce(other.title, 'a hold')), null, 'Choose another booth or another time.');
    end if;
  else
    new.overbooked := false;
  end if;
  if new.status <> 'hold' then
    new.hold_expires_at := null;
  end if;
  perform tenancy.act_as(caller);
  return new;
end
$$;

-- The most of an item that is out at one moment of a span.
create function tenancy.peak_use(item uuid, span tstzrange, without_assignment uuid default null) returns int
  language sql stable
as $$
  with taken as (
    select a.quantity, a.per from public.equipment_assignments a
    where a.tenant_id = tenancy.current_tenant() and a.equipment_item_id = item and a.id is distinct from without_assignment
      and a.status in ('hold', 'reserved', 'checked_out') and a.per && span
  )
  select coalesce(max((select sum(t.quantity) from taken t where t.per @> greatest(lower(s.per), lower(span)))), 0)::int
  from taken s
$$;

create or replace function tenancy.book_equipment() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
  d public.event_dates := tenancy.date_of(new.event_date_id);
  item record;
  other record;
  used int;
  goes_on boolean;
begin
  -- The lock: how much of a bulk item is out is counted, and whoever else takes of it waits.
  select i.name, i.status, i.quantity, t.tracking, t.buffer_before_minutes, t.buffer_after_minutes into item
    from public.equipment_items i join public.equipment_types t on t.tenant_id = i.tenant_id and t.id = i.equipment_type_id
    where i.tenant_id = new.tenant_id and i.id = new.equipment_item_id
    for no key update of i;
  new.event_id := d.event_id;
  new.per := tenancy.around(d.occupied, coalesce(item.buffer_before_minutes, 0), coalesce(item.buffer_after_minutes, 0));
  new.serialized := coalesce(item.tracking = 'serialized', true);
  goes_on := tg_op = 'UPDATE' and old.status in ('hold', 'reserved', 'checked_out') and old.per = new.per
    and old.equipment_item_id = new.equipment_item_id and old.quantity >= new.quantity;
  if new.status not in ('hold', 'reserved', 'checked_out') then
    new.overbooked := false;
  elsif not goes_on or old.overbooked then
    if not goes_on and d.status = 'cancelled' then
      perform tenancy.refuse(409, 'The date is cancelled.');
    end if;
    if item.status <> 'available' and (tg_op = 'INSERT' or old.equipment_item_id <> new.equipment_item_id) then
      perform tenancy.refuse(409, format('%s is not available: %s.', item.name, item.status));
    end if;
    if new.quantity > item.quantity then
      perform tenancy.refuse(409, format('There are %s of %s, not %s.', item.quantity, item.name, new.quantity));
    end if;
    update public.equipment_assignments a set status = 'cancelled'
      where a.tenant_id = new.tenant_id and a.id in (select h.id from public.equipment_assignments h
        where h.tenant_id = new.tenant_id and h.equipment_item_id = new.equipment_item_id and h.id <> new.id
          and h.status = 'hold' and h.hold_expires_at <= now() for no key update skip locked);
    if new.serialized then
      select a.per, e.title into other
        from public.equipment_assignments a left join public.events e on e.tenant_id = a.tenant_id and e.id = a.event_id
        where a.tenant_id = new.tenant_id and a.equipment_item_id = new.equipment_item_id and a.id <> new.id
          and a.status in ('hold', 'reserved', 'checked_out') and a.per && new.per
        order by lower(a.per) limit 1;
      new.overbooked := found;
      if found and not goes_on and not tenancy.may_overbook() then
        perform tenancy.refuse(409, format('%s is taken from %s (%s).', item.name,
          tenancy.in_words(other.per, d.timezone), coalesce(other.title, 'a hold')), null, 'Choose another item or another time.');
      end if;
    else
      used := tenancy.peak_use(new.equipment_item_id, new.per, new.id);
      new.overbooked := used + new.quantity > item.quantity;
      if new.overbooked and not goes_on and not tenancy.may_overbook() then
        perform tenancy.refuse(409, format('Of %s, %s of %s are free then, and %s are asked for.',
          item.name, greatest(0, item.quantity - used), item.quantity, new.quantity), null, 'Take fewer, or choose another time.');
      end if;
    end if;
  else
    new.overbooked := false;
  end if;
  if new.status <> 'hold' then
    new.hold_expires_at := null;
  end if;
  perform tenancy.act_as(caller);
  return new;
end
$$;

create or replace function tenancy.book_person() returns trigger language plpgsql as $$
declare
  -- What a staff member may report of an assignment, and what triggers keep.
  reported constant text[] := '{status,hours_actual,miles,notes,per,overbooked,version,updated_at,updated_by,rate_snapshot}';
  caller name;
  d public.event_dates;
  dates uuid[];
  begins time;
  first_moment timestamptz;
  last_moment timestamptz;
  other record;
  goes_on boolean;
begin
  if tg_op = 'UPDATE' and tenancy.current_user_role() = 'staff' and (
      to_jsonb(new) - reported <> to_jsonb(old) - reported
      or (new.status <> old.status and not (old.status in ('invited', 'accepted', 'declined')
        and new.status in ('accepted', 'declined')))) then
    perform tenancy.refuse(403, 'You may accept or decline an assignment, and report hours and miles.');
  end if;
  caller := tenancy.act_for_tenant();
  if new.event_date_id is null then
    -- Nobody works at no time in particular: it is the event's one date, or one says which.
    select array_agg(x.id) into dates from public.event_dates x
      where x.tenant_id = new.tenant_id and x.event_id = new.event_id and x.status <> 'cancelled';
    if cardinality(dates) = 1 then
      new.event_date_id := dates[1];
    elsif new.status in ('accepted', 'confirmed') and (tg_op = 'INSERT' or old.event_date_id is not null or old.status <> new.status) then
      perform tenancy.refuse(400, case when dates is null then 'The event has no date yet.' else 'The event has several dates.' end,
        null, 'Say on which date this person works.');
    end if;
  end if;
  if new.event_date_id is null then
    new.per := null;
    new.overbooked := false;
  else
    d := tenancy.date_of(new.event_date_id);
    if d.event_id is distinct from new.event_id then
      perform tenancy.refuse(400, 'The date is not one of this event.');
    end if;
    begins := coalesce(new.arrival_time, new.start_time);
    first_moment := case when begins is null then lower(d.occupied) else tenancy.at_local_time(
      d.event_date - case when new.arrival_time > coalesce(new.start_time, d.start_time) then 1 else 0 end, begins, d.timezone) end;
    last_moment := case when new.end_time is null then upper(d.occupied) else tenancy.at_local_time(
      d.event_date + case when new.end_time <= coalesce(new.start_time, d.start_time) then 1 else 0 end, new.end_time, d.timezone,
      true) end;
    if last_moment <= first_moment then
      perform tenancy.refuse(400, 'The end is before the arrival.');
    end if;
    new.per := tstzrange(first_moment, last_moment);
    goes_on := tg_op = 'UPDATE' and old.status in ('accepted', 'confirmed') and old.per is not distinct from new.per
      and old.user_id = new.user_id and old.event_date_id is not distinct from new.event_date_id;
    if new.status not in ('accepted', 'confirmed') then
      new.overbooked := false;
    elsif not goes_on or old.overbooked then
      perform pg_advisory_xact_lock(hashtextextended(new.tenant_id::text || new.user_id, 0));
      select a.per, e.title into other
        from public.event_staff_assignments a join public.events e on e.tenant_id = a.tenant_id and e.id = a.event_id
        where a.tenant_id = new.tenant_id and a.user_id = new.user_id and a.id <> new.id
          and a.event_date_id <> new.event_date_id and a.status in ('accepted', 'confirmed') and a.per && new.per
        order by lower(a.per) limit 1;
      new.overbooked := found;
      if found and not goes_on and not tenancy.may_overbook() then
        perform tenancy.refuse(409, format('This person works from %s (%s).',
          tenancy.in_words(other.per, d.timezone), other.title), null, 'Ask somebody else, or change the times.');
      end if;
    else
      new.overbooked := false;
    end if;
  end if;
  if new.rate_snapshot is null then
    new.rate_snapshot := tenancy.pay_rate(new.user_id, new.staff_role_id, new.pay_type,
      coalesce(d.event_date, (select e.start_date from public.events e where e.tenant_id = new.tenant_id and e.id = new.event_id)));
  end if;
  perform tenancy.act_as(caller);
  return new;
end
$$;

-- A booking that ends or moves may have been what others stood in the way of: their own triggers look again. A row that
-- somebody is changing now is left to them: they wait for this thing's lock and look after it.
create function tenancy.ease_overbooking() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  execute format('update public.%1$I a set overbooked = a.overbooked where a.tenant_id = $1 and a.id in ('
      'select o.id from public.%1$I o where o.tenant_id = $1 and o.%2$I = $2 and o.overbooked and o.id <> $3 and o.per && $4 '
      'for no key update skip locked)', tg_table_name, tg_argv[0])
    using old.tenant_id, (to_jsonb(old) ->> tg_argv[0])::uuid, old.id, old.per;
  perform tenancy.act_as(caller);
  return null;
end
$$;

do $triggers$
declare
  t record;
begin
  for t in select * from (values ('booth_assignments', 'booth_id'), ('equipment_assignments', 'equipment_item_id'),
    ('event_staff_assignments', 'user_id')) as x (tab, thing)
  loop
    execute format('create trigger ease_overbooking after update on %1$I for each row when (not tenancy.copying() and '
      '(old.status <> new.status or old.per is distinct from new.per or old.%2$I <> new.%2$I)) '
      'execute function tenancy.ease_overbooking(%2$L)', t.tab, t.thing);
    execute format('create trigger ease_overbooking_deleted after delete on %1$I for each row when (not tenancy.copying()) '
      'execute function tenancy.ease_overbooking(%2$L)', t.tab, t.thing);
  end loop;
end
$triggers$;

-- A booth comes with its kit; also when a cancelled assignment is taken up again.
create or replace function tenancy.book_kit() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  if tg_op = 'INSERT' or old.booth_id <> new.booth_id or old.status = 'cancelled' and new.status <> 'cancelled' then
    if tg_op = 'UPDATE' then
      delete from public.equipment_assignments where tenant_id = new.tenant_id and booth_assignment_id = new.id;
    end if;
    insert into public.equipment_assignments
        (tenant_id, event_date_id, event_id, equipment_item_id, booth_assignment_id, quantity, status, hold_expires_at)
      select i.tenant_id, new.event_date_id, new.event_id, i.id, new.id, i.quantity, new.status, new.hold_expires_at
      from public.equipment_items i
      where i.tenant_id = new.tenant_id and i.booth_id = new.booth_id and i.status = 'available'
      order by i.id;
  else
    update public.equipment_assignments set event_id = new.event_id, event_date_id = new.event_date_id,
        status = case when status = 'returned' and old.status <> 'returned' then status else new.status end,
        hold_expires_at = new.hold_expires_at,
        checked_out_at = coalesce(checked_out_at, new.checked_out_at), checked_out_by = coalesce(checked_out_by, new.checked_out_by),
        checked_in_at = coalesce(checked_in_at, new.checked_in_at), checked_in_by = coalesce(checked_in_by, new.checked_in_by)
      where tenant_id = new.tenant_id and booth_assignment_id = new.id and status <> 'cancelled';
  end if;
  perform tenancy.act_as(caller);
  return null;
end
$$;

-- What stands in the way of a date at its new time. People with times of their own say so themselves.
create or replace function tenancy.conflicts_of(d public.event_dates) returns jsonb
  language sql stable
  return (
    select coalesce(jsonb_agg(conflict), '[]') from (
      select jsonb_build_object('kind', 'booth', 'id', b.id, 'name', b.name, 'event', e.title,
          'taken', tenancy.in_words(other.per, d.timezone)) as conflict
        from public.booth_assignments mine
        join public.booths b on b.tenant_id = mine.tenant_id and b.id = mine.booth_id
        join public.booth_types t on t.tenant_id = b.tenant_id and t.id = b.booth_type_id
        join public.booth_assignments other on other.tenant_id = mine.tenant_id and other.booth_id = mine.booth_id
          and other.event_date_id <> d.id and other.status in ('hold', 'reserved', 'checked_out')
          and (other.status <> 'hold' or other.hold_expires_at > now())
          and other.per && tenancy.around(d.occupied, t.buffer_before_minutes, t.buffer_after_minutes)
        left join public.events e on e.tenant_id = other.tenant_id and e.id = other.event_id
        where mine.tenant_id = d.tenant_id and mine.event_date_id = d.id and mine.status in ('hold', 'reserved', 'checked_out')
      union all
      select jsonb_build_object('kind', 'equipment', 'id', i.id, 'name', i.name, 'event', e.title,
          'taken', tenancy.in_words(other.per, d.timezone))
        from public.equipment_assignments mine
        join public.equipment_items i on i.tenant_id = mine.tenant_id and i.id = mine.equipment_item_id
        join public.equipment_types t on t.tenant_id = i.tenant_id and t.id = i.equipment_type_id
        join public.equipment_assignments other on other.tenant_id = mine.tenant_id
          and other.equipment_item_id = mine.equipment_item_id and other.serialized
          and other.event_date_id <> d.id and other.status in ('hold', 'reserved', 'checked_out')
          and (other.status <> 'hold' or other.hold_expires_at > now())
          and other.per && tenancy.around(d.occupied, t.buffer_before_minutes, t.buffer_after_minutes)
        left join public.events e on e.tenant_id = other.tenant_id and e.id = other.event_id
        where mine.tenant_id = d.tenant_id and mine.event_date_id = d.id and mine.serialized
          and mine.status in ('hold', 'reserved', 'checked_out')
      union all
      select jsonb_build_object('kind', 'person', 'id', mine.user_id, 'event', e.title,
          'taken', tenancy.in_words(other.per, d.timezone))
        from public.event_staff_assignments mine
        join public.event_staff_assignments other on other.tenant_id = mine.tenant_id and other.user_id = mine.user_id
          and other.event_date_id <> d.id and other.status in ('accepted', 'confirmed') and other.per && d.occupied
        join public.events e on e.tenant_id = other.tenant_id and e.id = other.event_id
        where mine.tenant_id = d.tenant_id and mine.event_date_id = d.id and mine.status in ('accepted', 'confirmed')
          and coalesce(mine.arrival_time, mine.start_time, mine.end_time) is null
    ) found
  );

create or replace function tenancy.carry_assignments() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
  conflicts jsonb;
begin
  if new.status = 'cancelled' and old.status <> 'cancelled' then
    update public.booth_assignments set status = 'cancelled'
      where tenant_id = new.tenant_id and event_date_id = new.id and status in ('hold', 'reserved');
    update public.equipment_assignments set status = 'cancelled'
      where tenant_id = new.tenant_id and event_date_id = new.id and status in ('hold', 'reserved');
    update public.event_staff_assignments set status = 'cancelled'
      where tenant_id = new.tenant_id and event_date_id = new.id and status in ('invited', 'accepted', 'confirmed');
  elsif new.occupied <> old.occupied or new.event_id is distinct from old.event_id then
    if new.occupied <> old.occupied and not tenancy.may_overbook() then
      conflicts := tenancy.conflicts_of(new);
      if conflicts <> '[]' then
        perform tenancy.refuse(409, format('The date cannot move: %s of its assignments are taken then.',
          jsonb_array_length(conflicts)), conflicts::text,
          'Release first, or choose another time: ' || (select string_agg(concat_ws(' ', coalesce(c ->> 'name', 'a person'),
              'from', c ->> 'taken', '(' || coalesce(c ->> 'event', 'a hold') || ')'), '; ')
            from jsonb_array_elements(conflicts) c) || '.');
      end if;
    end if;
    -- Their own triggers compute the new ranges. A kit's equipment follows its booth.
    update public.booth_assignments set event_id = new.event_id where tenant_id = new.tenant_id and event_date_id = new.id;
    update public.equipment_assignments set event_id = new.event_id where tenant_id = new.tenant_id and event_date_id = new.id;
    update public.event_staff_assignments set per = null where tenant_id = new.tenant_id and event_date_id = new.id;
  end if;
  perform tenancy.act_as(caller);
  return null;
exception when exclusion_violation then
  -- Somebody else took it between the look and the move.
  perform tenancy.refuse(409, 'The date cannot move: one of its assignments was taken just now.', null, 'Try again.');
  return null;
end
$$;

-- Longer or shorter buffers, or another type, hold for what is booked from now on: its triggers compute and look again.
create function tenancy.rebuffer() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  if tg_table_name = 'equipment_types' or tg_table_name = 'equipment_items' then
    update public.equipment_assignments a set per = a.per from public.equipment_items i
      where a.tenant_id = new.tenant_id and i.tenant_id = a.tenant_id and i.id = a.equipment_item_id
        and new.id in (i.id, i.equipment_type_id) and upper(a.per) > now() and a.status in ('hold', 'reserved', 'checked_out');
  else
    update public.booth_assignments a set per = a.per from public.booths b
      where a.tenant_id = new.tenant_id and b.tenant_id = a.tenant_id and b.id = a.booth_id
        and new.id in (b.id, b.booth_type_id) and upper(a.per) > now() and a.status in ('hold', 'reserved', 'checked_out');
  end if;
  perform tenancy.act_as(caller);
  return null;
end
$$;
create trigger rebuffer after update of buffer_before_minutes, buffer_after_minutes on booth_types
  for each row when (not tenancy.copying()) execute function tenancy.rebuffer();
create trigger rebuffer after update of buffer_before_minutes, buffer_after_minutes on equipment_types
  for each row when (not tenancy.copying()) execute function tenancy.rebuffer();
create trigger rebuffer after update of booth_type_id on booths
  for each row when (old.booth_type_id <> new.booth_type_id and not tenancy.copying()) execute function tenancy.rebuffer();
create trigger rebuffer after update of equipment_type_id on equipment_items
  for each row when (old.equipment_type_id <> new.equipment_type_id and not tenancy.copying()) execute function tenancy.rebuffer();

-- Fewer of an item than are promised would be double booking by another way.
create function tenancy.keep_promised() returns trigger language plpgsql as $$
declare
  promised int;
begin
  promised := tenancy.peak_use(new.id, tstzrange(now(), null));
  if promised > new.quantity and not tenancy.may_overbook() then
    perform tenancy.refuse(409, format('%s of %s are booked at one time.', promised, new.name), null,
      'Release some of them first.');
  end if;
  return new;
end
$$;
create trigger keep_promised before update of quantity on equipment_items
  for each row when (new.quantity < old.quantity and not tenancy.copying()) execute function tenancy.keep_promised();

create function tenancy.keep_tracking() returns trigger language plpgsql as $$
begin
  if exists (select from public.equipment_assignments a
      join public.equipment_items i on i.tenant_id = a.tenant_id and i.id = a.equipment_item_id
      where a.tenant_id = new.tenant_id and i.equipment_type_id = new.id and a.status in ('hold', 'reserved', 'checked_out')) then
    perform tenancy.refuse(409, format('%s are booked: how they are tracked does not change now.', new.name), null,
      'Release them first, or make another type.');
  end if;
  return new;
end
$$;
create trigger keep_tracking before update of tracking on equipment_types
  for each row when (new.tracking <> old.tracking and not tenancy.copying()) execute function tenancy.keep_tracking();

-- What is booked twice from a day on, for managers and sales to sort out: only where `warn` let it through.
--   Answers one row a booking that stands over others: {kind: booth|equipment|person, thing_id, name (null for people),
--   assignment_id, event_date_id, event_id, title, per}.
create function public.overbookings(from_day date default null, to_day date default null)
  returns table (kind text, thing_id uuid, name text, assignment_id uuid, event_date_id uuid, event_id uuid, title text, per tstzrange)
  language sql stable
as $$
  with day as (
    select d.id, d.event_date, coalesce(e.title, o.name) as title, e.id as event_id
    from public.event_dates d
    left join public.events e on e.tenant_id = d.tenant_id and e.id = d.event_id
    left join public.opportunities o on o.tenant_id = d.tenant_id and o.id = d.opportunity_id
    where d.tenant_id = tenancy.current_tenant() and d.event_date >= coalesce(from_day, tenancy.today())
      and (to_day is null or d.event_date <= to_day)
  ), over as (
    select 'booth' as kind, a.booth_id as thing_id, b.name, a.id, a.event_date_id, a.per
      from public.booth_assignments a join public.booths b on b.tenant_id = a.tenant_id and b.id = a.booth_id
      where a.tenant_id = tenancy.current_tenant() and a.overbooked
    union all
    select 'equipment', a.equipment_item_id, i.name, a.id, a.event_date_id, a.per
      from public.equipment_assignments a join public.equipment_items i on i.tenant_id = a.tenant_id and i.id = a.equipment_item_id
      where a.tenant_id = tenancy.current_tenant() and a.overbooked
    union all
    select 'person', a.user_id, null, a.id, a.event_date_id, a.per
      from public.event_staff_assignments a where a.tenant_id = tenancy.current_tenant() and a.overbooked
  )
  select o.kind, o.thing_id, o.name, o.id, o.event_date_id, day.event_id, day.title, o.per
  from over o join day on day.id = o.event_date_id order by day.event_date, o.kind, o.name, o.id
$$;

revoke execute on function tenancy.ease_overbooking(), tenancy.rebuffer(), tenancy.keep_promised(), tenancy.keep_tracking()
  from public;
select tenancy.grant_internals('tenancy.may_overbook()', 'tenancy.peak_use(uuid, tstzrange, uuid)');
select tenancy.expose(true, 'public.overbookings(date, date)');
