-- What was released on some dates: their bookings and their crew, by id.
--   since  what was released with the dates was released in that transaction or later; null: nothing was
create or replace function tenancy.released_on(dates uuid[], since timestamptz, out booths uuid[], out equipment uuid[], out crew uuid[])
  language plpgsql stable
as $$
declare
  tenant constant uuid := tenancy.current_tenant();
begin
  booths := array(select a.id from public.booth_assignments a
    where a.tenant_id = tenant and a.event_date_id = any (dates) and a.cancelled_at >= since order by a.booth_id);
  -- A kit's equipment follows its booth.
  equipment := array(select a.id from public.equipment_assignments a
    where a.tenant_id = tenant and a.event_date_id = any (dates) and a.cancelled_at >= since
      and a.booth_assignment_id is null order by a.equipment_item_id);
  crew := array(select a.id from public.event_staff_assignments a
    where a.tenant_id = tenant and a.event_date_id = any (dates) and a.cancelled_at >= since order by a.id);
end
$$;
select tenancy.grant_internals('tenancy.released_on(uuid[], timestamp with time zone)');

-- The same of an event that was called off, and the dates that were cancelled with it.
create or replace function tenancy.released_with(event uuid, since timestamptz,
  out dates uuid[], out booths uuid[], out equipment uuid[], out crew uuid[])
  language plpgsql stable
as $$
begin
  dates := array(select d.id from public.event_dates d
    where d.tenant_id = (select tenancy.current_tenant()) and d.event_id = event and d.cancelled_at >= since
    order by d.event_date, d.start_time);
  select * into booths, equipment, crew from tenancy.released_on(dates, since);
end
$$;
select tenancy.grant_internals('tenancy.released_with(uuid, timestamp with time zone)');

-- Books released booths and equipment of standing dates again, as far as they are still free, and invites their crew. Holds that have
-- expired stay released, and so do the shifts of people who have time off. Answers the names of those that are taken or out of service.
create or replace function tenancy.book_again(booths uuid[], equipment uuid[], crew uuid[]) returns text[]
  language plpgsql volatile
as $$
declare
  tenant constant uuid := tenancy.current_tenant();
  booking record;
  shift uuid;
  taken text[] := '{}';
begin
  for booking in
    select a.id, b.name from public.booth_assignments a join public.booths b on b.tenant_id = a.tenant_id and b.id = a.booth_id
      where a.tenant_id = tenant and a.id = any (booths) and (a.hold_expires_at is null or a.hold_expires_at > now()) order by a.booth_id
  loop
    begin
      update public.booth_assignments set status = case when hold_expires_at is null then 'reserved' else 'hold' end
        where tenant_id = tenant and id = booking.id;
    exception when exclusion_violation or sqlstate 'PT409' then
      taken := taken || booking.name;
    end;
  end loop;
  for booking in
    select a.id, i.name from public.equipment_assignments a
      join public.equipment_items i on i.tenant_id = a.tenant_id and i.id = a.equipment_item_id
      where a.tenant_id = tenant and a.id = any (equipment) and (a.hold_expires_at is null or a.hold_expires_at > now())
      order by a.equipment_item_id
  loop
    begin
      update public.equipment_assignments set status = case when hold_expires_at is null then 'reserved' else 'hold' end
        where tenant_id = tenant and id = booking.id;
    exception when exclusion_violation or sqlstate 'PT409' then
      taken := taken || booking.name;
    end;
  end loop;
  foreach shift in array crew loop
    begin
      update public.event_staff_assignments set status = 'invited' where tenant_id = tenant and id = shift;
    exception when sqlstate 'PT409' then
      null;
    end;
  end loop;
  return taken;
end
$$;
select tenancy.grant_internals('tenancy.book_again(uuid[], uuid[], uuid[])');

-- An event that is no longer cancelled, postponed or deleted gets back what was released with it. One that was postponed and has a new
-- date leaves its former ones.
create or replace function tenancy.revive_dates() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
  released record;
begin
  if old.status <> 'postponed' or not exists (select from public.event_dates d
      where d.tenant_id = new.tenant_id and d.event_id = new.id and d.status = 'scheduled') then
    select * into released from tenancy.released_with(new.id, tenancy.off_since(old));
    update public.event_dates set status = 'scheduled' where tenant_id = new.tenant_id and id = any (released.dates);
    -- What is not free any more: the event's next step is to reserve a booth.
    perform tenancy.book_again(released.booths, released.equipment, released.crew);
  end if;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.revive_dates() from public;
