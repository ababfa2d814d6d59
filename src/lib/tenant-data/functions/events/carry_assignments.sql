-- A date's bookings and shifts move with it, and are released when it is cancelled. One that stands again gets back what was released with
-- it, as far as it is free; `revive_dates` does so for the dates of a whole event. What came back from a day is reserved again where its date
-- moves to a later one.
create or replace function tenancy.carry_assignments() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
  conflicts jsonb;
  released record;
  -- Shifts have hours of their own, which mean another time where the day, the start or the time zone changes within the same span.
  moves constant boolean := (new.occupied, new.event_date, new.start_time, new.timezone)
    is distinct from (old.occupied, old.event_date, old.start_time, old.timezone);
begin
  if old.status = 'cancelled' and new.status <> 'cancelled' then
    perform tenancy.lock_bookings(array[new.id]);
    select * into released from tenancy.released_on(array[new.id], old.cancelled_at);
  end if;
  if new.status = 'cancelled' and old.status <> 'cancelled' then
    perform tenancy.lock_bookings(array[new.id]);
    update public.booth_assignments set status = 'cancelled'
      where tenant_id = new.tenant_id and event_date_id = new.id and status in ('hold', 'reserved');
    update public.equipment_assignments set status = 'cancelled'
      where tenant_id = new.tenant_id and event_date_id = new.id and status in ('hold', 'reserved');
    update public.event_staff_assignments set status = 'cancelled'
      where tenant_id = new.tenant_id and event_date_id = new.id and status in ('invited', 'accepted', 'confirmed');
  elsif moves or new.event_id is distinct from old.event_id then
    perform tenancy.lock_bookings(array[new.id]);
    update public.booth_assignments set status = 'cancelled'
      where tenant_id = new.tenant_id and event_date_id = new.id and status = 'hold' and hold_expires_at <= now();
    update public.equipment_assignments set status = 'cancelled'
      where tenant_id = new.tenant_id and event_date_id = new.id and status = 'hold' and hold_expires_at <= now();
    if moves and not tenancy.may_overbook() then
      conflicts := tenancy.conflicts_of(new);
      if new.occupied = old.occupied then
        -- Only shifts have another time then: what booths and equipment conflict with was there before.
        conflicts := (select coalesce(jsonb_agg(c), '[]') from jsonb_array_elements(conflicts) c where c ->> 'kind' = 'person');
      end if;
      if conflicts <> '[]' then
        perform tenancy.refuse(409, format('The date cannot move: %s of its bookings conflict then.',
          jsonb_array_length(conflicts)), conflicts::text,
          'Release first, or choose another time: ' || (select string_agg(case when c ? 'free'
              then format('%s (%s of %s free)', c ->> 'name', c ->> 'free', c ->> 'needed')
              else concat_ws(' ', coalesce(c ->> 'name', 'a person'), 'from', c ->> 'taken', '(' || coalesce(c ->> 'event', 'a hold') || ')')
              end, '; ')
            from jsonb_array_elements(conflicts) c) || '.');
      end if;
    end if;
    -- The assignments' own triggers compute the new ranges. A kit's equipment follows its booth.
    update public.booth_assignments set event_id = new.event_id
      where tenant_id = new.tenant_id and event_date_id = new.id and (status <> 'cancelled' or event_id is distinct from new.event_id);
    update public.equipment_assignments set event_id = new.event_id
      where tenant_id = new.tenant_id and event_date_id = new.id and (status <> 'cancelled' or event_id is distinct from new.event_id);
    update public.event_staff_assignments set per = null
      where tenant_id = new.tenant_id and event_date_id = new.id and status <> 'cancelled';
  end if;
  if new.status <> 'cancelled' and (moves or old.status = 'cancelled') and tenancy.begins_at(new) > now() then
    update public.booth_assignments set status = 'reserved', checked_out_at = null, checked_out_by = null, checked_in_at = null,
        checked_in_by = null
      where tenant_id = new.tenant_id and event_date_id = new.id and status = 'returned';
    update public.equipment_assignments set status = 'reserved', checked_out_at = null, checked_out_by = null, checked_in_at = null,
        checked_in_by = null
      where tenant_id = new.tenant_id and event_date_id = new.id and status = 'returned' and booth_assignment_id is null;
  end if;
  if old.status = 'cancelled' and new.status <> 'cancelled' and tenancy.takes_place(new) then
    perform tenancy.book_again(released.booths, released.equipment, released.crew);
  end if;
  perform tenancy.act_as(caller);
  return null;
exception when exclusion_violation then
  -- Another transaction booked it after the check.
  perform tenancy.refuse(409, 'The date cannot move: one of its bookings has just been taken.', null, 'Try again.');
  return null;
end
$$;
revoke execute on function tenancy.carry_assignments() from public;

-- A cancelled or postponed event cancels its dates, and they release their bookings.
create or replace function tenancy.cancel_dates() returns trigger language plpgsql as $$
begin
  update public.event_dates set status = 'cancelled'
    where tenant_id = new.tenant_id and event_id = new.id and status = 'scheduled';
  return null;
end
$$;
revoke execute on function tenancy.cancel_dates() from public;

create or replace function tenancy.stamp_cancelled() returns trigger language plpgsql as $$
begin
  -- One that is cancelled after it was postponed keeps when its dates were released, and the other way round.
  new.postponed_at := case new.status when 'postponed' then coalesce(new.postponed_at, new.cancelled_at, now())
    when 'cancelled' then new.postponed_at end;
  new.cancelled_at := case when new.status = 'cancelled' then coalesce(new.cancelled_at, now()) end;
  return new;
end
$$;
revoke execute on function tenancy.stamp_cancelled() from public;
