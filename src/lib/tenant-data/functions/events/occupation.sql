-- When the event of a date begins, after its setup.
create or replace function tenancy.begins_at(d public.event_dates) returns timestamptz
  language plpgsql stable
as $$
begin
  return tenancy.at_local_time(d.event_date, d.start_time, d.timezone);
end
$$;
select tenancy.grant_internals('tenancy.begins_at(public.event_dates)');

create or replace function tenancy.occupation(d public.event_dates) returns tstzrange
  language plpgsql stable
as $$
declare
  ends timestamptz;
begin
  ends := tenancy.at_local_time(d.event_date + case when d.end_time <= d.start_time then 1 else 0 end, d.end_time, d.timezone, true);
  return tstzrange(
    least(
      tenancy.begins_at(d),
      case when d.setup_time is not null then tenancy.at_local_time(
        d.event_date - case when d.setup_time > d.start_time then 1 else 0 end, d.setup_time, d.timezone) end),
    ends + make_interval(mins => d.teardown_minutes));
end
$$;
select tenancy.grant_internals('tenancy.occupation(public.event_dates)');

create or replace function tenancy.date_of(event_date_id uuid) returns public.event_dates
  language plpgsql stable
as $$
declare
  d public.event_dates;
begin
  select * into d from public.event_dates x where x.tenant_id = (select tenancy.current_tenant()) and x.id = event_date_id;
  if d.id is null then
    perform tenancy.refuse(404, 'There is no event date with this id.');
  end if;
  return d;
end
$$;
select tenancy.grant_internals('tenancy.date_of(uuid)');
