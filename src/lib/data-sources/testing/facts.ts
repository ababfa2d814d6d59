// What a server says about itself and a login: one query that any login may run.

/** The roles that tenants' statements run as. */
export const ENTERED_ROLES =
  "'tenant_service', 'tenant_manager', 'tenant_sales', 'tenant_staff', 'tenant_viewer', 'authenticated'";
const GROUP_ROLES = `${ENTERED_ROLES}, 'tenant_user', 'tenant_search', 'tenant_mover'`;

export interface Extension {
  name: string;
  installed: boolean;
  available: boolean;
  trusted: boolean;
}

export interface Facts {
  pid: number;
  version_number: number;
  version: string;
  standby: boolean;
  read_only: boolean;
  local: boolean;
  encoding: string;
  time_zone: string;
  /** Settings that make acknowledged writes lasting, those that are off. */
  not_durable: string[];
  collation_changed: boolean;
  wal_level: string;
  slots_free: number;
  senders_free: number;
  connections_free: number;
  login_connections: number | null;
  rolsuper: boolean;
  rolbypassrls: boolean;
  rolcreaterole: boolean;
  replicates: boolean;
  may_create: boolean;
  may_create_tables: boolean;
  /** Roles of ours that are there and that the login may not grant. */
  not_grantable: string[];
  extensions: Extension[];
  member: boolean;
  mover: boolean;
  migrated: boolean;
  may_read_version: boolean;
}

export const FACTS = `
  select pg_backend_pid() as pid, current_setting('server_version_num')::int as version_number,
         current_setting('server_version') as version,
         pg_is_in_recovery() as standby,
         exists (select from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
           where d.datname = current_database() and 'default_transaction_read_only=on' = any (s.setconfig)) as read_only,
         coalesce(host(inet_server_addr()) in ('127.0.0.1', '::1'), true) as local,
         current_setting('server_encoding') as encoding, current_setting('TimeZone') as time_zone,
         array(select name from pg_settings
           where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off' order by 1) as not_durable,
         coalesce((select datcollversion <> pg_database_collation_actual_version(oid) from pg_database where datname = current_database()),
           false) as collation_changed,
         current_setting('wal_level') as wal_level,
         current_setting('max_replication_slots')::int - (select count(*)::int from pg_replication_slots) as slots_free,
         current_setting('max_wal_senders')::int - (select count(*)::int from pg_stat_replication) as senders_free,
         current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
           - coalesce(current_setting('reserved_connections', true)::int, 0)
           - (select coalesce(sum(numbackends), 0)::int from pg_stat_database) as connections_free,
         nullif(least(nullif(rolconnlimit, -1), (select nullif(datconnlimit, -1) from pg_database where datname = current_database())), -1)
           as login_connections,
         rolsuper, rolbypassrls, rolcreaterole,
         rolreplication or coalesce((select pg_has_role(current_user, oid, 'MEMBER') from pg_roles where rolname = 'rds_replication'),
           false) as replicates,
         has_database_privilege(current_database(), 'CREATE') as may_create,
         coalesce(has_schema_privilege(to_regnamespace('public')::oid, 'CREATE'), false) as may_create_tables,
         array(select g.rolname::text from pg_roles g where g.rolname in (${GROUP_ROLES})
           and not (current_setting('server_version_num')::int < 160000 or pg_has_role(current_user, g.oid, 'MEMBER WITH ADMIN OPTION'))
           order by 1) as not_grantable,
         (select json_agg(json_build_object('name', w.name, 'installed', x.oid is not null, 'available', a.name is not null,
             'trusted', coalesce(a.trusted, false)) order by w.name)
           from unnest(array['btree_gin', 'btree_gist', 'pg_trgm']) w (name)
           left join pg_extension x on x.extname = w.name
           left join lateral (select v.name, bool_or(v.trusted) as trusted from pg_available_extension_versions v
             where v.name = w.name group by v.name) a on true) as extensions,
         coalesce((select bool_and(pg_has_role(current_user, oid, 'MEMBER')) and count(*) = 6
                   from pg_roles where rolname in (${ENTERED_ROLES})), false) as member,
         coalesce((select pg_has_role(current_user, oid, 'USAGE') from pg_roles where rolname = 'tenant_mover'), false) as mover,
         to_regclass('tenancy.migrations') is not null as migrated,
         coalesce(has_table_privilege(to_regclass('tenancy.migrations'), 'SELECT'), false) as may_read_version
  from pg_roles where rolname = current_user`;

/** Whether the logins that a DBA's script makes are there, with what they need: `$1` the router, `$2` the mover. */
export const PREPARED = `
  select coalesce((select bool_and(pg_has_role($1::name, g.oid, 'MEMBER')) and count(*) = 6 from pg_roles g
             where g.rolname in (${ENTERED_ROLES})), false)
           and coalesce((select pg_has_role(current_user, g.oid, 'MEMBER') from pg_roles g where g.rolname = 'tenant_search'), false)
           and (select not r.rolsuper and not r.rolbypassrls and not r.rolinherit and r.rolcanlogin from pg_roles r where r.rolname = $1)
         as router,
         coalesce((select pg_has_role($2::name, g.oid, 'MEMBER') from pg_roles g where g.rolname = 'tenant_mover'), false)
           and (select r.rolcanlogin and not r.rolsuper from pg_roles r where r.rolname = $2) as mover
  where to_regrole(quote_ident($1)) is not null and to_regrole(quote_ident($2)) is not null`;
