-- Equipment that joins a booth's kit, or comes back into service in it, is booked with the booth's coming bookings, by the rules of all
-- bookings; what leaves the kit is released. What is out at the moment stays with the booth that it went out with.
create or replace function tenancy.join_kit() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  if tg_op = 'UPDATE' and old.booth_id is distinct from new.booth_id then
    perform tenancy.lock_kits(array[old.booth_id, new.booth_id]);
    delete from public.equipment_assignments e using public.booth_assignments a
      where e.tenant_id = new.tenant_id and e.equipment_item_id = new.id and e.status in ('hold', 'reserved') and upper(e.per) > now()
        and a.tenant_id = e.tenant_id and a.id = e.booth_assignment_id and a.booth_id = old.booth_id;
  end if;
  if new.booth_id is not null then
    perform tenancy.book_with_kit(new);
  end if;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.join_kit() from public;
