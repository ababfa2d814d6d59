-- The largest quantity of an item that is booked at one moment of a span.
--   without  an assignment, or a date, that is left out of account
create or replace function tenancy.peak_use(item uuid, span tstzrange, without uuid default null) returns int
  language sql stable
as $$
  with taken as (
    select a.quantity, a.per from public.equipment_assignments a
    where a.tenant_id = (select tenancy.current_tenant()) and a.equipment_item_id = item and without is distinct from a.id
      and without is distinct from a.event_date_id
      and tenancy.is_booked(a.status, a.hold_expires_at) and a.per && span
  )
  select coalesce(max((select sum(t.quantity) from taken t where t.per @> greatest(lower(s.per), lower(span)))), 0)::int
  from taken s
$$;
select tenancy.grant_internals('tenancy.peak_use(uuid, tstzrange, uuid)');

create or replace function tenancy.book_equipment() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
  d public.event_dates;
  item record;
  other record;
  used int;
  goes_on boolean;
  promises boolean;
begin
  -- Locks and rules as in book_booth.
  if tg_op = 'INSERT' or old.event_date_id <> new.event_date_id then
    perform from public.event_dates x where x.tenant_id = new.tenant_id and x.id = new.event_date_id for share;
  end if;
  d := tenancy.date_of(new.event_date_id);
  -- Locks the item, so that bookings of it run one after another: the quantity booked is a sum.
  select i.name, i.status, i.quantity, t.tracking, t.buffer_before_minutes, t.buffer_after_minutes into item
    from public.equipment_items i join public.equipment_types t on t.tenant_id = i.tenant_id and t.id = i.equipment_type_id
    where i.tenant_id = new.tenant_id and i.id = new.equipment_item_id
    for no key update of i for share of t;
  new.event_id := d.event_id;
  new.per := tenancy.around(d.occupied, coalesce(item.buffer_before_minutes, 0), coalesce(item.buffer_after_minutes, 0));
  new.serialized := coalesce(item.tracking = 'serialized', true);
  goes_on := tg_op = 'UPDATE' and old.per = new.per
    and old.equipment_item_id = new.equipment_item_id and old.quantity >= new.quantity
    and old.status in ('hold', 'reserved', 'checked_out') and not tenancy.revives_hold(old.status, old.hold_expires_at, new.status, new.hold_expires_at);
  -- A kit's equipment follows its booth, and counts as missing at check-in.
  promises := tg_op = 'INSERT' or old.equipment_item_id <> new.equipment_item_id or new.booth_assignment_id is null
    and new.status <> old.status and new.status in ('hold', 'reserved') and old.status <> 'checked_out';
  if new.status not in ('hold', 'reserved', 'checked_out') then
    new.overbooked := false;
  elsif not goes_on or promises or old.overbooked then
    if not goes_on and d.status = 'cancelled' then
      perform tenancy.refuse(409, 'The date is canceled.');
    end if;
    if promises and item.status <> 'available' then
      perform tenancy.refuse(409, format('%s is not available: %s.', item.name, item.status));
    end if;
    if new.quantity > item.quantity then
      perform tenancy.refuse(409, format('There are only %s of %s, not %s.', item.quantity, item.name, new.quantity));
    end if;
    perform tenancy.cancel_expired('equipment_assignments', 'equipment_item_id', new.equipment_item_id, new.event_date_id, new.id);
    if new.serialized then
      select a.per, e.title into other
        from public.equipment_assignments a left join public.events e on e.tenant_id = a.tenant_id and e.id = a.event_id
        where a.tenant_id = new.tenant_id and a.equipment_item_id = new.equipment_item_id and a.id <> new.id
          and a.status in ('hold', 'reserved', 'checked_out') and a.per && new.per
        order by lower(a.per) limit 1;
      new.overbooked := found;
      if found and not goes_on and not tenancy.may_overbook() then
        perform tenancy.refuse(409, format('%s is taken from %s (%s).', item.name,
          tenancy.in_words(other.per, d.timezone), tenancy.booked_for(other.title)), null, 'Choose another item or another time.');
      end if;
    else
      used := tenancy.peak_use(new.equipment_item_id, new.per, new.id);
      new.overbooked := used + new.quantity > item.quantity;
      if new.overbooked and not goes_on and not tenancy.may_overbook() then
        perform tenancy.refuse(409, format('%s: %s of %s are free then, and %s are needed.',
          item.name, greatest(0, item.quantity - used), item.quantity, new.quantity), null, 'Choose fewer, or another time.');
      end if;
    end if;
  else
    new.overbooked := false;
  end if;
  -- A cancelled hold keeps its expiry, so that it can come back as a hold.
  if new.status not in ('hold', 'cancelled') then
    new.hold_expires_at := null;
  end if;
  perform tenancy.act_as(caller);
  return new;
end
$$;
revoke execute on function tenancy.book_equipment() from public;

-- Owning fewer of an item than are booked would be double booking too.
create or replace function tenancy.keep_promised() returns trigger language plpgsql as $$
declare
  promised int;
begin
  promised := tenancy.peak_use(new.id, tstzrange(now(), null));
  if promised > new.quantity and not tenancy.may_overbook() then
    perform tenancy.refuse(409, format('%s of %s are booked at the same time.', promised, new.name), null,
      'Release some of them first.');
  end if;
  return new;
end
$$;
revoke execute on function tenancy.keep_promised() from public;

create or replace function tenancy.keep_tracking() returns trigger language plpgsql as $$
begin
  if exists (select from public.equipment_assignments a
      join public.equipment_items i on i.tenant_id = a.tenant_id and i.id = a.equipment_item_id
      where a.tenant_id = new.tenant_id and i.equipment_type_id = new.id and a.status in ('hold', 'reserved', 'checked_out')) then
    perform tenancy.refuse(409, format('%s are booked, so their tracking cannot change now.', new.name), null,
      'Release them first, or create another type.');
  end if;
  return new;
end
$$;
revoke execute on function tenancy.keep_tracking() from public;
