-- Dates that clocks make ambiguous, spans that agree with their dates, and what a deleted event still held.

-- As before; and not for anonymous requests, where the server gives them every function by default (Supabase).
create or replace function tenancy.expose(users boolean, variadic functions regprocedure[]) returns void
  language plpgsql volatile
as $$
declare
  one regprocedure;
begin
  foreach one in array functions loop
    execute pg_catalog.format('revoke execute on function %s from public', one);
    if exists (select from pg_catalog.pg_roles where rolname = 'anon') then
      execute pg_catalog.format('revoke execute on function %s from anon', one);
    end if;
    execute pg_catalog.format('grant execute on function %s to tenant_service', one);
    if users then
      execute pg_catalog.format('grant execute on function %s to authenticated, authenticated_manager', one);
    end if;
  end loop;
end
$$;

-- A local time as an instant. Refuses timezones that are no places, and times that the clocks skip. A time that comes
-- twice (the clocks go back) is its first: a booking begins then; it ends with the `last`.
drop function tenancy.at_local_time(date, time, text);
create function tenancy.at_local_time(day date, clock time, zone text, last boolean default false) returns timestamptz
  language plpgsql stable
as $$
declare
  instant timestamptz;
  earlier timestamptz;
begin
  -- PostgreSQL reads `UTC+3` as three hours behind, and any other word with a number too.
  if zone !~ '^([A-Z][A-Za-z]+(/[A-Za-z0-9_+-]+)+|UTC|GMT)$' then
    perform tenancy.refuse(400, format('There is no timezone %s.', zone), null, 'Use a name such as Europe/Amsterdam.');
  end if;
  begin
    instant := (day + clock) at time zone zone;
  exception when invalid_parameter_value then
    perform tenancy.refuse(400, format('There is no timezone %s.', zone), null, 'Use a name such as Europe/Amsterdam.');
  end;
  if (instant at time zone zone) <> day + clock then
    perform tenancy.refuse(400, format('%s does not exist on %s in %s: the clocks skip it.',
      to_char(clock, 'HH24:MI'), day, zone), null, 'Choose a time before or after the change.');
  end if;
  -- The same time by the clocks of the day before.
  earlier := ((instant - interval '1 day') at time zone 'UTC' - (instant - interval '1 day') at time zone zone + (day + clock))
    at time zone 'UTC';
  if not last and earlier < instant and (earlier at time zone zone) = day + clock then
    return earlier;
  end if;
  return instant;
end
$$;
select tenancy.grant_internals('tenancy.at_local_time(date, time, text, boolean)');

create or replace function tenancy.occupation(d public.event_dates) returns tstzrange
  language plpgsql stable
as $$
declare
  ends timestamptz;
begin
  ends := tenancy.at_local_time(d.event_date + case when d.end_time <= d.start_time then 1 else 0 end, d.end_time, d.timezone, true);
  return tstzrange(
    least(
      tenancy.at_local_time(d.event_date, d.start_time, d.timezone),
      case when d.setup_time is not null then tenancy.at_local_time(
        d.event_date - case when d.setup_time > d.start_time then 1 else 0 end, d.setup_time, d.timezone) end),
    ends + make_interval(mins => d.teardown_minutes));
end
$$;

create function tenancy.check_location_timezone() returns trigger language plpgsql as $$
begin
  perform tenancy.at_local_time('2000-01-01', '12:00', new.timezone);
  return new;
end
$$;
create trigger check_timezone before insert or update of timezone on locations
  for each row when (new.timezone is not null and not tenancy.copying()) execute function tenancy.check_location_timezone();

-- An event spans its dates that stand; where all are cancelled, those; where there are none, what was written down.
create function tenancy.span_of(event uuid, out first date, out last date)
  language sql stable
as $$
  select coalesce(min(d.event_date) filter (where d.status <> 'cancelled'), min(d.event_date)),
    coalesce(max(d.ends) filter (where d.status <> 'cancelled'), max(d.ends))
  from (select event_date, status, event_date + case when end_time <= start_time then 1 else 0 end as ends
    from public.event_dates where tenant_id = tenancy.current_tenant() and event_id = event) d
$$;

create or replace function tenancy.span_event() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
  event uuid;
begin
  foreach event in array array_remove(array[
      case when tg_op <> 'DELETE' then new.event_id end, case when tg_op <> 'INSERT' then old.event_id end], null) loop
    update public.events e set start_date = span.first, end_date = span.last
      from tenancy.span_of(event) span
      where e.tenant_id = tenancy.current_tenant() and e.id = event
        and (e.start_date, e.end_date) is distinct from (span.first, span.last);
  end loop;
  if tg_op <> 'DELETE' and new.event_id is not null then
    -- Who was asked for an event without a date is asked for its first.
    update public.event_staff_assignments a set event_date_id = null
      where a.tenant_id = new.tenant_id and a.event_id = new.event_id and a.event_date_id is null;
  end if;
  perform tenancy.act_as(caller);
  return null;
end
$$;

create function tenancy.keep_span() returns trigger language plpgsql as $$
declare
  span record;
begin
  select * into span from tenancy.span_of(new.id) s;
  if span.first is not null then
    new.start_date := span.first;
    new.end_date := span.last;
  end if;
  return new;
end
$$;
create trigger keep_span before update of start_date, end_date on events
  for each row when (not tenancy.copying()) execute function tenancy.keep_span();

-- An event that is deleted softly holds nothing any more, as one that is cancelled.
create trigger cancel_dates_deleted after update of deleted_at on events for each row
  when (new.deleted_at is not null and old.deleted_at is null and not tenancy.copying())
  execute function tenancy.cancel_dates();

revoke execute on function tenancy.check_location_timezone(), tenancy.keep_span() from public;
select tenancy.grant_internals('tenancy.span_of(uuid)');
