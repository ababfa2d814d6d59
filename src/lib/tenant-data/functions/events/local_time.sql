-- A local time as an instant. Refuses unknown timezones, and times that a clock change skips. A time that occurs twice means
-- the first, or with `last` the second: bookings begin with the first and end with the last.
create or replace function tenancy.at_local_time(day date, clock time, zone text, last boolean default false) returns timestamptz
  language plpgsql stable
as $$
declare
  instant timestamptz;
  earlier timestamptz;
begin
  -- PostgreSQL accepts POSIX zones: it reads `UTC+3` as three hours behind UTC, and so any word with a number.
  if zone !~ '^([A-Z][A-Za-z]+(/[A-Za-z0-9_+-]+)+|UTC|GMT)$' then
    perform tenancy.refuse(400, format('There is no time zone %s.', zone), null, 'Use a name such as Europe/Amsterdam.');
  end if;
  begin
    instant := (day + clock) at time zone zone;
  exception when invalid_parameter_value then
    perform tenancy.refuse(400, format('There is no time zone %s.', zone), null, 'Use a name such as Europe/Amsterdam.');
  end;
  if (instant at time zone zone) <> day + clock then
    perform tenancy.refuse(400, format('%s does not exist on %s in %s: the clocks skip it.',
      to_char(clock, 'HH24:MI'), day, zone), null, 'Choose a time before or after the change.');
  end if;
  -- The same local time with the UTC offset of the day before.
  earlier := ((instant - interval '1 day') at time zone 'UTC' - (instant - interval '1 day') at time zone zone + (day + clock))
    at time zone 'UTC';
  if not last and earlier < instant and (earlier at time zone zone) = day + clock then
    return earlier;
  end if;
  return instant;
end
$$;
select tenancy.grant_internals('tenancy.at_local_time(date, time without time zone, text, boolean)');

-- A range with buffers around it.
create or replace function tenancy.around(occupied tstzrange, before_minutes int, after_minutes int) returns tstzrange
  language sql immutable
  return tstzrange(lower(occupied) - make_interval(mins => before_minutes), upper(occupied) + make_interval(mins => after_minutes));
select tenancy.grant_internals('tenancy.around(tstzrange, integer, integer)');

-- A range for messages, in a date's timezone: `2026-06-13 16:00 to 23:30`.
create or replace function tenancy.in_words(per tstzrange, zone text) returns text
  language sql stable
  return to_char(lower(per) at time zone zone, 'YYYY-MM-DD HH24:MI') || ' to '
    || to_char(upper(per) at time zone zone,
      case when (lower(per) at time zone zone)::date = (upper(per) at time zone zone)::date then 'HH24:MI' else 'YYYY-MM-DD HH24:MI' end);
select tenancy.grant_internals('tenancy.in_words(tstzrange, text)');

create or replace function tenancy.check_location_timezone() returns trigger language plpgsql as $$
begin
  perform tenancy.at_local_time('2000-01-01', '12:00', new.timezone);
  return new;
end
$$;
revoke execute on function tenancy.check_location_timezone() from public;
