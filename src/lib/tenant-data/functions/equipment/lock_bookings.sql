-- Locks what is booked for some dates, and the booths of some types, until the transaction ends. All that change several bookings
-- call it first, so that none waits for another in a circle: the dates, then the bookings, then what is booked, each by its id. A change
-- of one booking takes its locks in the same order.
create or replace function tenancy.lock_bookings(dates uuid[], booth_types uuid[] default '{}') returns void
  language plpgsql volatile
as $$
declare
  tenant constant uuid := tenancy.current_tenant();
begin
  perform from public.event_dates d where d.tenant_id = tenant and d.id = any (dates) order by d.id for no key update;
  perform from public.booth_assignments a where a.tenant_id = tenant and a.event_date_id = any (dates) order by a.id for no key update;
  perform from public.equipment_assignments a where a.tenant_id = tenant and a.event_date_id = any (dates) order by a.id for no key update;
  perform from public.event_staff_assignments a where a.tenant_id = tenant and a.event_date_id = any (dates) order by a.id for no key update;
  perform from public.booths b
    where b.tenant_id = tenant and (b.booth_type_id = any (booth_types) or b.id in (select a.booth_id from public.booth_assignments a
      where a.tenant_id = tenant and a.event_date_id = any (dates)))
    order by b.id for no key update;
  perform from public.equipment_items i
    where i.tenant_id = tenant and i.id in (select a.equipment_item_id from public.equipment_assignments a
      where a.tenant_id = tenant and a.event_date_id = any (dates))
    order by i.id for no key update;
  perform tenancy.lock_own(person.user_id::text) from (select distinct a.user_id from public.event_staff_assignments a
    where a.tenant_id = tenant and a.event_date_id = any (dates) and a.status in ('accepted', 'confirmed') order by a.user_id) person;
end
$$;
select tenancy.grant_internals('tenancy.lock_bookings(uuid[], uuid[])');

create or replace function tenancy.dates_of_deal(deal uuid) returns uuid[]
  language sql stable
  return array(select d.id from public.event_dates d
    where d.tenant_id = (select tenancy.current_tenant()) and d.opportunity_id = deal and d.status <> 'cancelled');
select tenancy.grant_internals('tenancy.dates_of_deal(uuid)');
