-- No double booking of booths, equipment and people. Exclusion constraints decide; what stands here computes the ranges,
-- says in words what is in the way, and carries assignments along when a date moves.

create function tenancy.around(occupied tstzrange, before_minutes int, after_minutes int) returns tstzrange
  language sql immutable
  return tstzrange(lower(occupied) - make_interval(mins => before_minutes), upper(occupied) + make_interval(mins => after_minutes));

-- `2026-06-13 16:00 to 23:30` in a date's timezone, for messages.
create function tenancy.in_words(per tstzrange, zone text) returns text
  language sql stable
  return to_char(lower(per) at time zone zone, 'YYYY-MM-DD HH24:MI') || ' to '
    || to_char(upper(per) at time zone zone,
      case when (lower(per) at time zone zone)::date = (upper(per) at time zone zone)::date then 'HH24:MI' else 'YYYY-MM-DD HH24:MI' end);

create function tenancy.date_of(event_date_id uuid) returns public.event_dates
  language plpgsql stable
as $$
declare
  d public.event_dates;
begin
  select * into d from public.event_dates x where x.tenant_id = tenancy.current_tenant() and x.id = event_date_id;
  if d.id is null then
    perform tenancy.refuse(404, 'There is no event date with this id.');
  end if;
  return d;
end
$$;

create function tenancy.book_booth() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
  d public.event_dates := tenancy.date_of(new.event_date_id);
  booth record;
  other record;
begin
  -- Whoever else books this booth waits: two that only met in the exclusion constraint could wait for each other.
  select b.name, b.status, t.buffer_before_minutes, t.buffer_after_minutes into booth
    from public.booths b join public.booth_types t on t.tenant_id = b.tenant_id and t.id = b.booth_type_id
    where b.tenant_id = new.tenant_id and b.id = new.booth_id
    for no key update of b;
  new.event_id := d.event_id;
  new.per := tenancy.around(d.occupied, coalesce(booth.buffer_before_minutes, 0), coalesce(booth.buffer_after_minutes, 0));
  if new.status in ('hold', 'reserved', 'checked_out')
    and (tg_op = 'INSERT' or old.status not in ('hold', 'reserved', 'checked_out')
      or old.per <> new.per or old.booth_id <> new.booth_id) then
    if d.status = 'cancelled' then
      perform tenancy.refuse(409, 'The date is cancelled.');
    end if;
    if booth.status in ('maintenance', 'retired') and (tg_op = 'INSERT' or old.booth_id <> new.booth_id) then
      perform tenancy.refuse(409, format('%s is %s.', booth.name,
        case booth.status when 'maintenance' then 'in maintenance' else booth.status end));
    end if;
    update public.booth_assignments a set status = 'cancelled'
      where a.tenant_id = new.tenant_id and a.booth_id = new.booth_id and a.id <> new.id
        and a.status = 'hold' and a.hold_expires_at <= now();
    select a.per, e.title into other
      from public.booth_assignments a left join public.events e on e.tenant_id = a.tenant_id and e.id = a.event_id
      where a.tenant_id = new.tenant_id and a.booth_id = new.booth_id and a.id <> new.id
        and a.status in ('hold', 'reserved', 'checked_out') and a.per && new.per
      order by lower(a.per) limit 1;
    if found then
      perform tenancy.refuse(409, format('%s is taken from %s (%s).', booth.name, tenancy.in_words(other.per, d.timezone),
        coalesce(other.title, 'a hold')), null, 'Choose another booth or another time.');
    end if;
  end if;
  if new.status <> 'hold' then
    new.hold_expires_at := null;
  end if;
  perform tenancy.act_as(caller);
  return new;
end
$$;
create trigger book_booth before insert or update on booth_assignments
  for each row when (not tenancy.copying()) execute function tenancy.book_booth();

-- A booth comes with its kit.
create function tenancy.book_kit() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  if tg_op = 'INSERT' or old.booth_id <> new.booth_id then
    if tg_op = 'UPDATE' then
      delete from public.equipment_assignments where tenant_id = new.tenant_id and booth_assignment_id = new.id;
    end if;
    insert into public.equipment_assignments
        (tenant_id, event_date_id, event_id, equipment_item_id, booth_assignment_id, quantity, status, hold_expires_at)
      select i.tenant_id, new.event_date_id, new.event_id, i.id, new.id, i.quantity, new.status, new.hold_expires_at
      from public.equipment_items i
      where i.tenant_id = new.tenant_id and i.booth_id = new.booth_id and i.status = 'available';
  else
    update public.equipment_assignments set event_id = new.event_id, event_date_id = new.event_date_id,
        status = case when status = 'returned' then status else new.status end, hold_expires_at = new.hold_expires_at,
        checked_out_at = coalesce(checked_out_at, new.checked_out_at), checked_out_by = coalesce(checked_out_by, new.checked_out_by),
        checked_in_at = coalesce(checked_in_at, new.checked_in_at), checked_in_by = coalesce(checked_in_by, new.checked_in_by)
      where tenant_id = new.tenant_id and booth_assignment_id = new.id and status <> 'cancelled';
  end if;
  perform tenancy.act_as(caller);
  return null;
end
$$;
create trigger book_kit after insert or update of booth_id, event_id, event_date_id, status, hold_expires_at on booth_assignments
  for each row when (not tenancy.copying()) execute function tenancy.book_kit();

create function tenancy.book_equipment() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
  d public.event_dates := tenancy.date_of(new.event_date_id);
  item record;
  other record;
  used int;
begin
  -- The lock: how much of a bulk item is out is summed, and whoever else takes of it waits.
  select i.name, i.status, i.quantity, t.tracking, t.buffer_before_minutes, t.buffer_after_minutes into item
    from public.equipment_items i join public.equipment_types t on t.tenant_id = i.tenant_id and t.id = i.equipment_type_id
    where i.tenant_id = new.tenant_id and i.id = new.equipment_item_id
    for no key update of i;
  new.event_id := d.event_id;
  new.per := tenancy.around(d.occupied, coalesce(item.buffer_before_minutes, 0), coalesce(item.buffer_after_minutes, 0));
  new.serialized := coalesce(item.tracking = 'serialized', true);
  if new.status in ('hold', 'reserved', 'checked_out')
    and (tg_op = 'INSERT' or old.status not in ('hold', 'reserved', 'checked_out') or old.per <> new.per
      or old.equipment_item_id <> new.equipment_item_id or old.quantity <> new.quantity) then
    if d.status = 'cancelled' then
      perform tenancy.refuse(409, 'The date is cancelled.');
    end if;
    if item.status <> 'available' and tg_op = 'INSERT' then
      perform tenancy.refuse(409, format('%s is not available: %s.', item.name, item.status));
    end if;
    update public.equipment_assignments a set status = 'cancelled'
      where a.tenant_id = new.tenant_id and a.equipment_item_id = new.equipment_item_id and a.id <> new.id
        and a.status = 'hold' and a.hold_expires_at <= now();
    if new.serialized then
      select a.per, e.title into other
        from public.equipment_assignments a left join public.events e on e.tenant_id = a.tenant_id and e.id = a.event_id
        where a.tenant_id = new.tenant_id and a.equipment_item_id = new.equipment_item_id and a.id <> new.id
          and a.status in ('hold', 'reserved', 'checked_out') and a.per && new.per
        order by lower(a.per) limit 1;
      if found then
        perform tenancy.refuse(409, format('%s is taken from %s (%s).', item.name,
          tenancy.in_words(other.per, d.timezone), coalesce(other.title, 'a hold')), null, 'Choose another item or another time.');
      end if;
    else
      select coalesce(sum(a.quantity), 0) into used from public.equipment_assignments a
        where a.tenant_id = new.tenant_id and a.equipment_item_id = new.equipment_item_id and a.id <> new.id
          and a.status in ('hold', 'reserved', 'checked_out') and a.per && new.per;
      if used + new.quantity > item.quantity then
        perform tenancy.refuse(409, format('Of %s, %s of %s are free then, and %s are asked for.',
          item.name, item.quantity - used, item.quantity, new.quantity));
      end if;
    end if;
  end if;
  if new.status <> 'hold' then
    new.hold_expires_at := null;
  end if;
  perform tenancy.act_as(caller);
  return new;
end
$$;
create trigger book_equipment before insert or update on equipment_assignments
  for each row when (not tenancy.copying()) execute function tenancy.book_equipment();

create function tenancy.book_person() returns trigger language plpgsql as $$
declare
  caller name;
  d public.event_dates;
  begins time;
  first_moment timestamptz;
  last_moment timestamptz;
  other record;
begin
  if tg_op = 'UPDATE' and tenancy.current_user_role() = 'staff' and (
      (to_jsonb(new) - '{status,hours_actual,miles,notes,per,version,updated_at,updated_by,rate_snapshot}'::text[])
        <> (to_jsonb(old) - '{status,hours_actual,miles,notes,per,version,updated_at,updated_by,rate_snapshot}'::text[])
      or (new.status <> old.status and not (old.status in ('invited', 'accepted', 'declined')
        and new.status in ('accepted', 'declined')))) then
    perform tenancy.refuse(403, 'You may accept or decline an assignment, and report hours and miles.');
  end if;
  caller := tenancy.act_for_tenant();
  if new.event_date_id is null then
    new.per := null;
  else
    d := tenancy.date_of(new.event_date_id);
    if d.event_id is distinct from new.event_id then
      perform tenancy.refuse(400, 'The date is not one of this event.');
    end if;
    begins := coalesce(new.arrival_time, new.start_time);
    first_moment := case when begins is null then lower(d.occupied) else tenancy.at_local_time(
      d.event_date - case when new.arrival_time > coalesce(new.start_time, d.start_time) then 1 else 0 end, begins, d.timezone) end;
    last_moment := case when new.end_time is null then upper(d.occupied) else tenancy.at_local_time(
      d.event_date + case when new.end_time <= coalesce(new.start_time, d.start_time) then 1 else 0 end, new.end_time, d.timezone) end;
    if last_moment <= first_moment then
      perform tenancy.refuse(400, 'The end is before the arrival.');
    end if;
    new.per := tstzrange(first_moment, last_moment);
    if new.status in ('accepted', 'confirmed') then
      perform pg_advisory_xact_lock(hashtextextended(new.tenant_id::text || new.user_id, 0));
      select a.per, e.title into other
        from public.event_staff_assignments a join public.events e on e.tenant_id = a.tenant_id and e.id = a.event_id
        where a.tenant_id = new.tenant_id and a.user_id = new.user_id and a.id <> new.id
          and a.event_date_id <> new.event_date_id and a.status in ('accepted', 'confirmed') and a.per && new.per
        order by lower(a.per) limit 1;
      if found then
        perform tenancy.refuse(409, format('This person works from %s (%s).',
          tenancy.in_words(other.per, d.timezone), other.title), null, 'Ask somebody else, or change the times.');
      end if;
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

-- What a person is paid in a role on a day: the rate agreed for the role, for any role, or the role's own.
create function tenancy.pay_rate(person uuid, role_id uuid, pay text, day date) returns bigint
  language sql stable
  return coalesce(
    (select h.rate from public.user_pay_rate_history h
      where h.tenant_id = tenancy.current_tenant() and h.user_id = person and h.pay_type = pay
        and (h.staff_role_id = role_id or h.staff_role_id is null) and h.effective @> coalesce(day, current_date)
      order by h.staff_role_id is null limit 1),
    (select r.default_rate from public.staff_roles r where r.tenant_id = tenancy.current_tenant() and r.id = role_id));
create trigger book_person before insert or update on event_staff_assignments
  for each row when (not tenancy.copying()) execute function tenancy.book_person();

revoke execute on function tenancy.book_booth(), tenancy.book_kit(), tenancy.book_equipment(), tenancy.book_person() from public;
select tenancy.grant_internals('tenancy.around(tstzrange, int, int)', 'tenancy.in_words(tstzrange, text)',
  'tenancy.date_of(uuid)', 'tenancy.pay_rate(uuid, uuid, text, date)');
