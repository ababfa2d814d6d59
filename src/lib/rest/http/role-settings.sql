-- Settings of the roles that the login role can become, where they may be set after login.
select
  role.rolname as role,
  key as name,
  -- an isolation level is compared by its name; other values are given back as they are written
  case key when 'default_transaction_isolation' then lower(value) else value end as value
from pg_catalog.pg_auth_members membership
join pg_catalog.pg_roles role on role.oid = membership.roleid
cross join lateral unnest(role.rolconfig) as setting
cross join lateral (
  select split_part(setting, '=', 1) as key, substr(setting, strpos(setting, '=') + 1) as value
) as pair
join pg_catalog.pg_settings parameter on parameter.name = key
where membership.member = current_user::regrole::oid
  and (
    parameter.context = 'user'
    or (
      -- has_parameter_privilege exists since PostgreSQL 15
      current_setting('server_version_num')::int >= 150000
      and has_parameter_privilege(current_user, parameter.name, 'set')
    )
  )
