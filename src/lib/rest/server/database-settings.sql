-- What the login role's settings say of the configuration: for this database first, then everywhere.
-- $1: the names, with the prefix "pgrst.".
select distinct on (name) substr(name, length('pgrst.') + 1) as name, value
from (
  select
    setdatabase,
    split_part(setting, '=', 1) as name,
    substr(setting, strpos(setting, '=') + 1) as value
  from pg_catalog.pg_db_role_setting, unnest(setconfig) as setting
  where setrole = current_user::regrole::oid
    and setdatabase in (0, (select oid from pg_catalog.pg_database where datname = current_catalog))
  union all
  -- set by the pre-config function in this transaction; weaker than both
  select null, given, nullif(current_setting(given, true), '')
  from unnest($1::text[]) as given
) as settings
where name = any($1) and value is not null
order by name, setdatabase desc nulls last
