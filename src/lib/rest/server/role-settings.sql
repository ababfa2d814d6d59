-- Settings of the roles that the login role can become, where they may be set after login.
-- (has_parameter_privilege exists since PostgreSQL 15; older servers have no such grants.)
select
  role.rolname as role,
  pair.key as name,
  case pair.key when 'default_transaction_isolation' then lower(pair.value) else pair.value end as value
from pg_catalog.pg_auth_members membership
join pg_catalog.pg_roles role on role.oid = membership.roleid
cross join lateral unnest(role.rolconfig) as setting
cross join lateral (
  select split_part(setting, '=', 1) as key, substr(setting, strpos(setting, '=') + 1) as value
) as pair
join pg_catalog.pg_settings parameter on parameter.name = pair.key
where membership.member = current_user::regrole::oid
  and (parameter.context = 'user' or has_parameter_privilege(current_user, parameter.name, 'set'))
