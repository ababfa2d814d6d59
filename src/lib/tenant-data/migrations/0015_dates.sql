-- What a date occupies, in the timezone of the place, over midnight and over clock changes.

-- A local time as an instant. Refuses timezones that do not exist, and times that the clocks skip.
create function tenancy.at_local_time(day date, clock time, zone text) returns timestamptz
  language plpgsql stable
as $$
declare
  instant timestamptz;
begin
  begin
    instant := (day + clock) at time zone zone;
  exception when invalid_parameter_value then
    perform tenancy.refuse(400, format('There is no timezone %s.', zone), null, 'Use a name such as Europe/Amsterdam.');
  end;
  if (instant at time zone zone) <> day + clock then
    perform tenancy.refuse(400, format('%s does not exist on %s in %s: the clocks skip it.',
      to_char(clock, 'HH24:MI'), day, zone), null, 'Choose a time before or after the change.');
  end if;
  return instant;
end
$$;

create function tenancy.occupation(d public.event_dates) returns tstzrange
  language plpgsql stable
as $$
declare
  ends timestamptz;
begin
  ends := tenancy.at_local_time(d.event_date + case when d.end_time <= d.start_time then 1 else 0 end, d.end_time, d.timezone);
  return tstzrange(
    least(
      tenancy.at_local_time(d.event_date, d.start_time, d.timezone),
      case when d.setup_time is not null then tenancy.at_local_time(
        d.event_date - case when d.setup_time > d.start_time then 1 else 0 end, d.setup_time, d.timezone) end),
    ends + make_interval(mins => d.teardown_minutes));
end
$$;

create function tenancy.occupy() returns trigger language plpgsql as $$
begin
  new.occupied := tenancy.occupation(new);
  return new;
end
$$;
create trigger occupy before insert or update on event_dates
  for each row when (not tenancy.copying()) execute function tenancy.occupy();

-- An event begins and ends with its dates.
create function tenancy.span_event() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
  event uuid;
begin
  foreach event in array array_remove(array[
      case when tg_op <> 'DELETE' then new.event_id end, case when tg_op <> 'INSERT' then old.event_id end], null) loop
    update public.events e set start_date = span.first, end_date = span.last
      from (select min(d.event_date) as first,
          max(d.event_date + case when d.end_time <= d.start_time then 1 else 0 end) as last
        from public.event_dates d
        where d.tenant_id = tenancy.current_tenant() and d.event_id = event and d.status <> 'cancelled') span
      where e.tenant_id = tenancy.current_tenant() and e.id = event and span.first is not null
        and (e.start_date, e.end_date) is distinct from (span.first, span.last);
  end loop;
  perform tenancy.act_as(caller);
  return null;
end
$$;
create trigger span_event after insert or update or delete on event_dates
  for each row when (not tenancy.copying()) execute function tenancy.span_event();

revoke execute on function tenancy.occupy(), tenancy.span_event() from public;
select tenancy.grant_internals('tenancy.at_local_time(date, time, text)', 'tenancy.occupation(public.event_dates)');
