-- What is left out is as the tenant has set it: currency, timezone, how long a hold lasts.

create function tenancy.default_currency() returns text
  language sql stable
  return coalesce(tenancy.setting('currency') #>> '{}', 'USD');

create function tenancy.default_timezone() returns text
  language sql stable
  return coalesce(tenancy.setting('timezone') #>> '{}', 'UTC');

select tenancy.grant_internals('tenancy.default_currency()', 'tenancy.default_timezone()');

alter table opportunities alter column currency set default tenancy.default_currency();
alter table quotes alter column currency set default tenancy.default_currency();
alter table invoices alter column currency set default tenancy.default_currency();
alter table event_dates alter column timezone set default tenancy.default_timezone();

create function tenancy.limit_hold() returns trigger
  language plpgsql
as $$
begin
  new.hold_expires_at := coalesce(new.hold_expires_at,
    now() + make_interval(hours => coalesce((tenancy.setting('hold') ->> 'expires_after_hours')::int, 72)));
  return new;
end
$$;
revoke execute on function tenancy.limit_hold() from public;
create trigger limit_hold before insert or update on booth_assignments
  for each row when (new.status = 'hold' and not tenancy.copying()) execute function tenancy.limit_hold();
create trigger limit_hold before insert or update on equipment_assignments
  for each row when (new.status = 'hold' and not tenancy.copying()) execute function tenancy.limit_hold();
