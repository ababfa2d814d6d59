-- A setting and the current day for what is computed in every row of a list: read once a statement, since a read takes longer than the
-- rest of the row. Kept in a setting of the transaction, with the statement's start. Not for rules: SQL inside the tenant could
-- put another value in its place, and a statement that waited for a lock would see the value of before.
create or replace function tenancy.setting_once(setting_key text, otherwise jsonb default null) returns jsonb
  language plpgsql stable
as $$
declare
  place constant text := 'tenancy.once_' || setting_key;
  mark constant text := extract(epoch from statement_timestamp())::text || ' ';
  kept text := current_setting(place, true);
begin
  if kept is null or not starts_with(kept, mark) then
    kept := set_config(place, mark || coalesce(tenancy.setting(setting_key)::text, ''), true);
  end if;
  return coalesce(nullif(substr(kept, length(mark) + 1), '')::jsonb, otherwise);
end
$$;
select tenancy.grant_internals('tenancy.setting_once(text, jsonb)');

create or replace function tenancy.today_once() returns date
  language plpgsql stable
as $$
declare
  mark constant text := extract(epoch from statement_timestamp())::text || ' ';
  kept text := current_setting('tenancy.once_today', true);
begin
  if kept is null or not starts_with(kept, mark) then
    kept := set_config('tenancy.once_today', mark || tenancy.today()::text, true);
  end if;
  return substr(kept, length(mark) + 1)::date;
end
$$;
select tenancy.grant_internals('tenancy.today_once()');
