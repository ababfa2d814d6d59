-- Reports cover a period, for those who may read all of it; profit is for those who may see pay and cost. Days are in the
-- tenant's timezone; money is in minor units by currency, and never added up over currencies. `step` (day, week, month) is what
-- a row covers; the period may cut off the first and the last.

create or replace function tenancy.check_period(from_day date, to_day date, step text default 'month') returns void
  language plpgsql stable
as $$
begin
  if from_day is null or to_day is null or to_day < from_day then
    perform tenancy.refuse(400, 'The period ends before it begins.', null, 'Choose a last day that is the first day or later.');
  elsif to_day - from_day > 3660 then
    perform tenancy.refuse(400, 'A report covers at most ten years.', null, 'Choose a shorter period.');
  elsif step is null or step not in ('day', 'week', 'month') then
    perform tenancy.refuse(400, 'Reports are by day, week or month.');
  end if;
end
$$;
select tenancy.grant_internals('tenancy.check_period(date, date, text)');

-- The first day of the day, week or month that a day belongs to, within a period.
create or replace function tenancy.bucket_of(day date, step text, from_day date) returns date
  language sql immutable
  return greatest(date_trunc(step, day::timestamp)::date, from_day);
select tenancy.grant_internals('tenancy.bucket_of(date, text, date)');

-- Every day, week or month of a period for each currency, for the tenant's own where there is none.
create or replace function tenancy.buckets(from_day date, to_day date, step text, currencies text[])
  returns table (bucket date, currency text)
  language sql stable
as $$
  select greatest(s::date, from_day), c
  from generate_series(date_trunc(step, from_day::timestamp), to_day::timestamp, ('1 ' || step)::interval) s
  cross join unnest(case when currencies = '{}' or currencies is null then array[tenancy.company_currency()] else currencies end) c
$$;
select tenancy.grant_internals('tenancy.buckets(date, date, text, text[])');
