-- From arrival to the end of a shift; what it does not say is that of its date. An arrival later than the start is on the evening before.
create or replace function tenancy.shift_span(shift public.event_staff_assignments, d public.event_dates) returns tstzrange
  language plpgsql stable
as $$
declare
  begins constant time := coalesce(shift.arrival_time, shift.start_time);
  starts constant time := coalesce(shift.start_time, d.start_time);
  first_moment timestamptz := lower(d.occupied);
  last_moment timestamptz := upper(d.occupied);
begin
  if begins is not null then
    first_moment := tenancy.at_local_time(d.event_date - case when shift.arrival_time > starts then 1 else 0 end, begins, d.timezone);
  end if;
  if shift.end_time is not null then
    last_moment := tenancy.at_local_time(d.event_date + case when shift.end_time <= starts then 1 else 0 end, shift.end_time, d.timezone,
      true);
  end if;
  if last_moment <= first_moment then
    perform tenancy.refuse(400, 'The end is before the arrival.');
  end if;
  return tstzrange(first_moment, last_moment);
end
$$;
select tenancy.grant_internals('tenancy.shift_span(public.event_staff_assignments, public.event_dates)');
