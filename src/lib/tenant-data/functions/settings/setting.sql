-- The value of the tenant's setting, or a default.
create or replace function tenancy.setting(setting_key text, otherwise jsonb default null) returns jsonb
  language sql stable
  return coalesce(
    (select s.value from public.tenant_settings s where s.tenant_id = (select tenancy.current_tenant()) and s.key = setting_key),
    otherwise);
select tenancy.grant_internals('tenancy.setting(text, jsonb)');

-- The day of an instant in the tenant's timezone. A timezone that this server does not know counts as UTC.
create or replace function tenancy.day_of(instant timestamptz) returns date
  language plpgsql stable
as $$
begin
  return (instant at time zone coalesce(tenancy.setting('timezone') #>> '{}', 'UTC'))::date;
exception when invalid_parameter_value then
  return (instant at time zone 'UTC')::date;
end
$$;
select tenancy.grant_internals('tenancy.day_of(timestamptz)');

-- Today in the tenant's timezone: the only day that rules, defaults and reports may mean by "today". `current_date` is the
-- day of the session's timezone.
create or replace function tenancy.today() returns date
  language sql stable
  return tenancy.day_of(pg_catalog.now());
select tenancy.grant_internals('tenancy.today()');

-- The beginning of a day in the tenant's timezone. Where clocks go back over midnight the day begins with the first of the two,
-- as counted with the UTC offset of the day before (`tenancy.at_local_time`); where they skip it, with the time after the gap.
create or replace function tenancy.midnight(day date) returns timestamptz
  language sql stable
  return (
    select case when earlier < instant and (earlier at time zone zone) = day then earlier else instant end
    from (select coalesce(tenancy.setting('timezone') #>> '{}', 'UTC') as zone) company
    cross join lateral (select day::timestamp at time zone zone as instant) begins
    cross join lateral (select ((instant - interval '1 day') at time zone 'UTC' - (instant - interval '1 day') at time zone zone
      + day::timestamp) at time zone 'UTC' as earlier) before);
select tenancy.grant_internals('tenancy.midnight(date)');

-- Column defaults that follow the tenant's settings.
create or replace function tenancy.default_currency() returns text
  language sql stable
  return coalesce(tenancy.setting('currency') #>> '{}', 'USD');
select tenancy.grant_internals('tenancy.default_currency()');

create or replace function tenancy.default_timezone() returns text
  language sql stable
  return coalesce(tenancy.setting('timezone') #>> '{}', 'UTC');
select tenancy.grant_internals('tenancy.default_timezone()');

create or replace function tenancy.company_currency() returns text
  language sql stable
  return coalesce(tenancy.setting('currency') #>> '{}', 'USD');
select tenancy.grant_internals('tenancy.company_currency()');

create or replace function tenancy.prices_include_tax() returns boolean
  language sql stable
  return coalesce(tenancy.setting('tax') -> 'prices_include_tax' = 'true', false);
select tenancy.grant_internals('tenancy.prices_include_tax()');
