-- Locks booths and the dates of their coming bookings, in the order of `lock_bookings`. A new booking waits for its booth and reads the
-- kit after it, so it sees a piece that joins the kit meanwhile, or is seen by it.
create or replace function tenancy.lock_kits(booths uuid[]) returns void
  language plpgsql volatile
as $$
declare
  tenant constant uuid := tenancy.current_tenant();
begin
  perform from public.event_dates d where d.tenant_id = tenant and d.id in (select a.event_date_id from public.booth_assignments a
      where a.tenant_id = tenant and a.booth_id = any (booths) and a.status in ('hold', 'reserved') and upper(a.per) > now())
    order by d.id for share;
  perform from public.booths b where b.tenant_id = tenant and b.id = any (booths) order by b.id for no key update;
end
$$;
select tenancy.grant_internals('tenancy.lock_kits(uuid[])');

-- Books a piece of equipment with the coming bookings of its booth that it is not booked with yet, all of its quantity.
create or replace function tenancy.book_with_kit(item public.equipment_items) returns void
  language plpgsql volatile
as $$
begin
  if item.booth_id is null or item.status <> 'available' then
    return;
  end if;
  perform tenancy.lock_kits(array[item.booth_id]);
  update public.equipment_assignments e set quantity = item.quantity from public.booth_assignments a
    where e.tenant_id = item.tenant_id and e.equipment_item_id = item.id and e.quantity < item.quantity
      and e.status in ('hold', 'reserved') and upper(e.per) > now()
      and a.tenant_id = e.tenant_id and a.id = e.booth_assignment_id and a.booth_id = item.booth_id;
  insert into public.equipment_assignments
      (tenant_id, event_date_id, event_id, equipment_item_id, booth_assignment_id, quantity, status, hold_expires_at)
    select a.tenant_id, a.event_date_id, a.event_id, item.id, a.id, item.quantity, a.status, a.hold_expires_at
    from public.booth_assignments a
    where a.tenant_id = item.tenant_id and a.booth_id = item.booth_id and upper(a.per) > now()
      and tenancy.is_promised(a.status, a.hold_expires_at)
      and not exists (select from public.equipment_assignments e where e.tenant_id = a.tenant_id and e.booth_assignment_id = a.id
        and e.equipment_item_id = item.id and e.status <> 'cancelled')
    order by a.id;
end
$$;
select tenancy.grant_internals('tenancy.book_with_kit(public.equipment_items)');
