-- A date that moves takes its assignments along, or stays and says what is in the way. A cancelled one frees them.

create function tenancy.conflicts_of(d public.event_dates) returns jsonb
  language sql stable
  return (
    select coalesce(jsonb_agg(conflict), '[]') from (
      select jsonb_build_object('kind', 'booth', 'id', b.id, 'name', b.name, 'event', e.title,
          'taken', tenancy.in_words(other.per, d.timezone)) as conflict
        from public.booth_assignments mine
        join public.booths b on b.tenant_id = mine.tenant_id and b.id = mine.booth_id
        join public.booth_types t on t.tenant_id = b.tenant_id and t.id = b.booth_type_id
        join public.booth_assignments other on other.tenant_id = mine.tenant_id and other.booth_id = mine.booth_id
          and other.event_date_id <> d.id and other.status in ('hold', 'reserved', 'checked_out')
          and other.per && tenancy.around(d.occupied, t.buffer_before_minutes, t.buffer_after_minutes)
        left join public.events e on e.tenant_id = other.tenant_id and e.id = other.event_id
        where mine.tenant_id = d.tenant_id and mine.event_date_id = d.id and mine.status in ('hold', 'reserved', 'checked_out')
      union all
      select jsonb_build_object('kind', 'equipment', 'id', i.id, 'name', i.name, 'event', e.title,
          'taken', tenancy.in_words(other.per, d.timezone))
        from public.equipment_assignments mine
        join public.equipment_items i on i.tenant_id = mine.tenant_id and i.id = mine.equipment_item_id
        join public.equipment_types t on t.tenant_id = i.tenant_id and t.id = i.equipment_type_id
        join public.equipment_assignments other on other.tenant_id = mine.tenant_id
          and other.equipment_item_id = mine.equipment_item_id and other.serialized
          and other.event_date_id <> d.id and other.status in ('hold', 'reserved', 'checked_out')
          and other.per && tenancy.around(d.occupied, t.buffer_before_minutes, t.buffer_after_minutes)
        left join public.events e on e.tenant_id = other.tenant_id and e.id = other.event_id
        where mine.tenant_id = d.tenant_id and mine.event_date_id = d.id and mine.serialized
          and mine.status in ('hold', 'reserved', 'checked_out')
      union all
      select jsonb_build_object('kind', 'person', 'id', mine.user_id, 'event', e.title,
          'taken', tenancy.in_words(other.per, d.timezone))
        from public.event_staff_assignments mine
        join public.event_staff_assignments other on other.tenant_id = mine.tenant_id and other.user_id = mine.user_id
          and other.event_date_id <> d.id and other.status in ('accepted', 'confirmed') and other.per && d.occupied
        join public.events e on e.tenant_id = other.tenant_id and e.id = other.event_id
        where mine.tenant_id = d.tenant_id and mine.event_date_id = d.id and mine.status in ('accepted', 'confirmed')
    ) found
  );

create function tenancy.carry_assignments() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
  conflicts jsonb;
begin
  if new.status = 'cancelled' and old.status <> 'cancelled' then
    update public.booth_assignments set status = 'cancelled'
      where tenant_id = new.tenant_id and event_date_id = new.id and status in ('hold', 'reserved');
    update public.equipment_assignments set status = 'cancelled'
      where tenant_id = new.tenant_id and event_date_id = new.id and status in ('hold', 'reserved');
    update public.event_staff_assignments set status = 'cancelled'
      where tenant_id = new.tenant_id and event_date_id = new.id and status in ('invited', 'accepted', 'confirmed');
  elsif new.occupied <> old.occupied or new.event_id is distinct from old.event_id then
    if new.occupied <> old.occupied then
      conflicts := tenancy.conflicts_of(new);
      if conflicts <> '[]' then
        perform tenancy.refuse(409, format('The date cannot move: %s of its assignments are taken then.',
          jsonb_array_length(conflicts)), conflicts::text, 'Release them first, or choose another time.');
      end if;
    end if;
    -- Their own triggers compute the new ranges. A kit's equipment follows its booth.
    update public.booth_assignments set event_id = new.event_id where tenant_id = new.tenant_id and event_date_id = new.id;
    update public.equipment_assignments set event_id = new.event_id where tenant_id = new.tenant_id and event_date_id = new.id;
    update public.event_staff_assignments set per = null where tenant_id = new.tenant_id and event_date_id = new.id;
  end if;
  perform tenancy.act_as(caller);
  return null;
exception when exclusion_violation then
  -- Somebody else took it between the look and the move.
  perform tenancy.refuse(409, 'The date cannot move: one of its assignments was taken just now.', null, 'Try again.');
  return null;
end
$$;
create trigger carry_assignments after update on event_dates
  for each row when (not tenancy.copying()) execute function tenancy.carry_assignments();

-- A cancelled event cancels its dates, which free what they held; a completed one completes them.
create function tenancy.cancel_dates() returns trigger language plpgsql as $$
begin
  update public.event_dates set status = 'cancelled'
    where tenant_id = new.tenant_id and event_id = new.id and status = 'scheduled';
  return null;
end
$$;
create trigger cancel_dates after update of status on events for each row
  when (new.status = 'cancelled' and old.status <> 'cancelled' and not tenancy.copying())
  execute function tenancy.cancel_dates();

create function tenancy.stamp_cancelled() returns trigger language plpgsql as $$
begin
  new.cancelled_at := case when new.status = 'cancelled' then coalesce(new.cancelled_at, now()) end;
  return new;
end
$$;
create trigger stamp_cancelled before insert or update of status on events
  for each row when (not tenancy.copying()) execute function tenancy.stamp_cancelled();

-- For the job that runs every few minutes: frees what was held too long. Returns how many booths and items.
create function public.expire_holds() returns int
  language plpgsql volatile
as $$
declare
  booths int;
  items int;
begin
  update public.booth_assignments set status = 'cancelled'
    where tenant_id = tenancy.current_tenant() and status = 'hold' and hold_expires_at <= now();
  get diagnostics booths = row_count;
  update public.equipment_assignments set status = 'cancelled'
    where tenant_id = tenancy.current_tenant() and status = 'hold' and hold_expires_at <= now();
  get diagnostics items = row_count;
  return booths + items;
end
$$;

-- Check a booth out of the warehouse, with its kit. For managers, and staff who work the event.
create function public.check_out_booth(booth_assignment_id uuid) returns public.booth_assignments
  language plpgsql volatile
as $$
declare
  result public.booth_assignments;
  caller name;
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'staff');
  -- Read with the caller's own rights: staff see the assignments of their own events only.
  select * into result from public.booth_assignments a
    where a.tenant_id = tenancy.current_tenant() and a.id = booth_assignment_id;
  if result.id is null then
    perform tenancy.refuse(404, 'There is no such assignment, or it is not of an event of yours.');
  elsif result.status <> 'reserved' then
    perform tenancy.refuse(409, format('The booth is %s; only a reserved one is checked out.', replace(result.status, '_', ' ')));
  end if;
  caller := tenancy.act_for_tenant();
  update public.booth_assignments a
    set status = 'checked_out', checked_out_at = now(), checked_out_by = tenancy.current_user_id()
    where a.tenant_id = tenancy.current_tenant() and a.id = booth_assignment_id and a.status = 'reserved' returning * into result;
  perform tenancy.act_as(caller);
  return result;
end
$$;

-- Check it in again, saying what is missing or damaged. A booth that came back incomplete is not ready.
create function public.check_in_booth(
  booth_assignment_id uuid, condition text default 'good', missing jsonb default '[]', damaged jsonb default '[]'
) returns public.booth_assignments
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  result public.booth_assignments;
  caller name;
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'staff');
  select * into result from public.booth_assignments a
    where a.tenant_id = tenancy.current_tenant() and a.id = booth_assignment_id;
  if result.id is null then
    perform tenancy.refuse(404, 'There is no such assignment, or it is not of an event of yours.');
  elsif result.status <> 'checked_out' then
    perform tenancy.refuse(409, format('The booth is %s; only one that is out is checked in.', replace(result.status, '_', ' ')));
  end if;
  caller := tenancy.act_for_tenant();
  update public.booth_assignments a
    set status = 'returned', checked_in_at = now(), checked_in_by = tenancy.current_user_id(),
      condition = condition, missing = missing, damaged = damaged
    where a.tenant_id = tenancy.current_tenant() and a.id = booth_assignment_id and a.status = 'checked_out' returning * into result;
  if missing <> '[]' or damaged <> '[]' or condition = 'needs_repair' then
    update public.booths b set status = 'incomplete'
      where b.tenant_id = tenancy.current_tenant() and b.id = result.booth_id and b.status = 'ready';
  end if;
  perform tenancy.act_as(caller);
  return result;
end
$$;

revoke execute on function tenancy.carry_assignments(), tenancy.cancel_dates(), tenancy.stamp_cancelled() from public;
select tenancy.grant_internals('tenancy.conflicts_of(public.event_dates)');
select tenancy.expose(false, 'public.expire_holds()');
select tenancy.expose(true, 'public.check_out_booth(uuid)', 'public.check_in_booth(uuid, text, jsonb, jsonb)');
