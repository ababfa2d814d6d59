-- Changed buffers or another type apply to current and later bookings: their triggers compute the ranges and check again.
create or replace function tenancy.rebuffer() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  if tg_table_name = 'equipment_types' or tg_table_name = 'equipment_items' then
    update public.equipment_assignments a set per = a.per from public.equipment_items i
      where a.tenant_id = new.tenant_id and i.tenant_id = a.tenant_id and i.id = a.equipment_item_id
        and new.id in (i.id, i.equipment_type_id) and upper(a.per) > now()
        and tenancy.is_booked(a.status, a.hold_expires_at);
  else
    update public.booth_assignments a set per = a.per from public.booths b
      where a.tenant_id = new.tenant_id and b.tenant_id = a.tenant_id and b.id = a.booth_id
        and new.id in (b.id, b.booth_type_id) and upper(a.per) > now()
        and tenancy.is_booked(a.status, a.hold_expires_at);
  end if;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.rebuffer() from public;
