-- The value of the tenant's setting, or a default.
create or replace function tenancy.setting(setting_key text, otherwise jsonb default null) returns jsonb
  language sql stable
  return coalesce(
    (select s.value from public.tenant_settings s where s.tenant_id = tenancy.current_tenant() and s.key = setting_key),
    otherwise);
select tenancy.grant_internals('tenancy.setting(text, jsonb)');

-- Today in the tenant's timezone.
create or replace function tenancy.today() returns date
  language plpgsql stable
as $$
begin
  return (pg_catalog.now() at time zone coalesce(tenancy.setting('timezone') #>> '{}', 'UTC'))::date;
exception when invalid_parameter_value then
  return (pg_catalog.now() at time zone 'UTC')::date;
end
$$;
select tenancy.grant_internals('tenancy.today()');

-- The beginning of a day in the tenant's timezone.
create or replace function tenancy.midnight(day date) returns timestamptz
  language sql stable
  return day::timestamp at time zone coalesce(tenancy.setting('timezone') #>> '{}', 'UTC');
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
