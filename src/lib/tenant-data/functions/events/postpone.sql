-- A postponed event has no date: its dates were cancelled with it, and what they had booked is released. A new date ends that: the event
-- is tentative until something is reserved for the date.
create or replace function tenancy.end_postponement() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  update public.events set status = 'tentative'
    where tenant_id = new.tenant_id and id = new.event_id and status = 'postponed';
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.end_postponement() from public;

-- Moves the dates of a postponed event: the first to a new day, the others by as many days.
--   start_time, end_time  of the first date; null keeps them
--   reserve               reserves what was released again, as far as it is free on the new days, and invites the crew
-- Answers {taken: [names of what is not free]}.
create or replace function public.reschedule_event(
  event_id uuid, event_date date, start_time time default null, end_time time default null, reserve boolean default true
) returns jsonb
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  tenant constant uuid := tenancy.current_tenant();
  event public.events;
  released record;
  came_back uuid[];
  days int;
  taken text[] := '{}';
  caller name;
begin
  perform tenancy.require_role('owner', 'admin', 'manager');
  caller := tenancy.act_for_tenant();
  select * into event from public.events e where e.tenant_id = tenant and e.id = event_id and e.deleted_at is null for update;
  if event.id is null then
    perform tenancy.refuse(404, 'There is no event with this id.');
  elsif event.status <> 'postponed' then
    perform tenancy.refuse(409, 'The event is not postponed.', null, 'Move its date instead.');
  end if;
  select * into released from tenancy.released_with(event.id, event.postponed_at);
  if released.dates = '{}' then
    perform tenancy.refuse(409, 'The event had no date.', null, 'Add a date.');
  end if;
  perform tenancy.lock_bookings(released.dates);
  -- What was out for the former days and came back is released like the rest: it promises nothing for the new ones.
  with undone as (
    update public.booth_assignments a set status = 'cancelled', checked_out_at = null, checked_out_by = null, checked_in_at = null,
        checked_in_by = null, condition = null, missing = '[]', damaged = '[]'
      where a.tenant_id = tenant and a.event_date_id = any (released.dates) and a.status = 'returned' returning a.id)
  select array_agg(u.id) into came_back from undone u;
  released.booths := released.booths || came_back;
  with undone as (
    update public.equipment_assignments a set status = 'cancelled', checked_out_at = null, checked_out_by = null, checked_in_at = null,
        checked_in_by = null, condition = null
      where a.tenant_id = tenant and a.event_date_id = any (released.dates) and a.status = 'returned' and a.booth_assignment_id is null
      returning a.id)
  select array_agg(u.id) into came_back from undone u;
  released.equipment := released.equipment || came_back;
  days := event_date - (select d.event_date from public.event_dates d where d.tenant_id = tenant and d.id = released.dates[1]);
  -- Without `cancelled_at` nothing comes back with a date that is set back: `reserve` decides.
  update public.event_dates d set event_date = d.event_date + days, cancelled_at = null,
      start_time = case when d.id = released.dates[1] then coalesce(start_time, d.start_time) else d.start_time end,
      end_time = case when d.id = released.dates[1] then coalesce(end_time, d.end_time) else d.end_time end
    where d.tenant_id = tenant and d.id = any (released.dates);
  update public.event_dates d set status = 'scheduled' where d.tenant_id = tenant and d.id = any (released.dates);
  if reserve then
    taken := tenancy.book_again(released.booths, released.equipment, released.crew);
  end if;
  perform tenancy.act_as(caller);
  return jsonb_build_object('taken', taken);
end
$$;
select tenancy.expose(true, 'public.reschedule_event(uuid, date, time without time zone, time without time zone, boolean)');
