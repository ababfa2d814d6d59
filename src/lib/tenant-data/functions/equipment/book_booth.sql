create or replace function tenancy.book_booth() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
  d public.event_dates;
  booth record;
  other record;
  -- A booking that keeps its booth and time is never refused, even if the policy has changed since.
  goes_on boolean;
  -- Whether it promises the booth anew, so that the booth has to be in service.
  promises boolean;
begin
  -- A new booking waits for a move of its date: the move does not see the booking, which would keep the old time.
  if tg_op = 'INSERT' or old.event_date_id <> new.event_date_id then
    perform from public.event_dates x where x.tenant_id = new.tenant_id and x.id = new.event_date_id for share;
  end if;
  d := tenancy.date_of(new.event_date_id);
  -- Locks the booth, so that two bookings of it run one after another; in the exclusion constraint alone they could deadlock.
  select b.name, b.status, t.buffer_before_minutes, t.buffer_after_minutes into booth
    from public.booths b join public.booth_types t on t.tenant_id = b.tenant_id and t.id = b.booth_type_id
    where b.tenant_id = new.tenant_id and b.id = new.booth_id
    for no key update of b for share of t;
  new.event_id := d.event_id;
  new.per := tenancy.around(d.occupied, coalesce(booth.buffer_before_minutes, 0), coalesce(booth.buffer_after_minutes, 0));
  goes_on := tg_op = 'UPDATE' and old.per = new.per and old.booth_id = new.booth_id
    and old.status in ('hold', 'reserved', 'checked_out') and not tenancy.revives_hold(old.status, old.hold_expires_at, new.status, new.hold_expires_at);
  promises := tg_op = 'INSERT' or old.booth_id <> new.booth_id or new.status <> old.status and new.status in ('hold', 'reserved')
    and old.status <> 'checked_out';
  if new.status not in ('hold', 'reserved', 'checked_out') then
    new.overbooked := false;
  elsif not goes_on or promises or old.overbooked then
    if not goes_on and d.status = 'cancelled' then
      perform tenancy.refuse(409, 'The date is canceled.');
    end if;
    if promises and booth.status in ('maintenance', 'retired') then
      perform tenancy.refuse(409, format('%s is %s.', booth.name,
        case booth.status when 'maintenance' then 'in maintenance' else booth.status end));
    end if;
    perform tenancy.cancel_expired('booth_assignments', 'booth_id', new.booth_id, new.event_date_id, new.id);
    select a.per, e.title into other
      from public.booth_assignments a left join public.events e on e.tenant_id = a.tenant_id and e.id = a.event_id
      where a.tenant_id = new.tenant_id and a.booth_id = new.booth_id and a.id <> new.id
        and a.status in ('hold', 'reserved', 'checked_out') and a.per && new.per
      order by lower(a.per) limit 1;
    new.overbooked := found;
    if found and not goes_on and not tenancy.may_overbook() then
      perform tenancy.refuse(409, format('%s is taken from %s (%s).', booth.name, tenancy.in_words(other.per, d.timezone),
        tenancy.booked_for(other.title)), null, 'Choose another booth or another time.');
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
revoke execute on function tenancy.book_booth() from public;

-- Books the equipment of a booth's kit with it, also when a cancelled assignment or an expired hold is revived.
create or replace function tenancy.book_kit() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  if tg_op = 'INSERT' or old.booth_id <> new.booth_id or old.status = 'cancelled' and new.status <> 'cancelled'
      or new.status <> 'cancelled' and tenancy.revives_hold(old.status, old.hold_expires_at, new.status, new.hold_expires_at) then
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
        -- A piece that came back by itself stays returned, unless its booth goes out again.
        status = case when status = 'returned' and old.status <> 'returned' and new.status <> 'reserved' then status else new.status end,
        hold_expires_at = new.hold_expires_at,
        checked_out_at = case when new.status in ('checked_out', 'returned') then coalesce(checked_out_at, new.checked_out_at) end,
        checked_out_by = case when new.status in ('checked_out', 'returned') then coalesce(checked_out_by, new.checked_out_by) end,
        checked_in_at = case when new.status in ('checked_out', 'returned') then coalesce(checked_in_at, new.checked_in_at) end,
        checked_in_by = case when new.status in ('checked_out', 'returned') then coalesce(checked_in_by, new.checked_in_by) end
      where tenant_id = new.tenant_id and booth_assignment_id = new.id and status <> 'cancelled';
  end if;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.book_kit() from public;
