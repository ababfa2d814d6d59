-- An event that is no longer cancelled or deleted gets back what was cancelled with it: its dates, their booths and equipment as far
-- as they are still free, and their crew as invited.
create or replace function tenancy.revive_dates() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
  -- What was cancelled with the event was changed in that transaction or later.
  since constant timestamptz := case when old.status = 'cancelled' then old.cancelled_at else old.updated_at end;
  dates uuid[];
  booking uuid;
begin
  with revived as (
    update public.event_dates set status = 'scheduled'
      where tenant_id = new.tenant_id and event_id = new.id and status = 'cancelled' and updated_at >= since returning id)
  select array_agg(id) into dates from revived;
  for booking in
    select a.id from public.booth_assignments a
      where a.tenant_id = new.tenant_id and a.event_date_id = any (dates) and a.status = 'cancelled' and a.updated_at >= since
        and (a.hold_expires_at is null or a.hold_expires_at > now()) order by a.booth_id
  loop
    begin
      update public.booth_assignments set status = case when hold_expires_at is null then 'reserved' else 'hold' end
        where tenant_id = new.tenant_id and id = booking;
    exception when exclusion_violation or sqlstate 'PT409' then
      -- It was booked by others since, or is out of service: the event's next step is to reserve a booth.
      null;
    end;
  end loop;
  for booking in
    select a.id from public.equipment_assignments a
      where a.tenant_id = new.tenant_id and a.event_date_id = any (dates) and a.status = 'cancelled' and a.updated_at >= since
        and a.booth_assignment_id is null and (a.hold_expires_at is null or a.hold_expires_at > now()) order by a.equipment_item_id
  loop
    begin
      update public.equipment_assignments set status = case when hold_expires_at is null then 'reserved' else 'hold' end
        where tenant_id = new.tenant_id and id = booking;
    exception when exclusion_violation or sqlstate 'PT409' then
      null;
    end;
  end loop;
  update public.event_staff_assignments set status = 'invited'
    where tenant_id = new.tenant_id and event_date_id = any (dates) and status = 'cancelled' and updated_at >= since;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.revive_dates() from public;
