import { hash, hkdfSync, randomBytes } from 'node:crypto';
import pg from 'pg';
import type { PostgresUrl } from '@/lib/postgres';
import { formatPostgresUrl } from '@/lib/postgres';
import { ROUTER_SETTINGS, roleSettingsStatement, sealKeyOf, withSealKey } from '@/lib/tenant-data';
import { readUrl } from '../pool/connect';
import { generatePassword, scramVerifier } from './scram';

/** The two logins that Marquee uses on a tenant data database. Provisioning creates them. */
export interface DatabaseLogins {
  /** Serves tenants. It is NOINHERIT, so it has no rights until `tenancy.enter` sets a tenant's role. */
  router: Login;
  /** Moves and backs up tenants. */
  mover: Login;
}

export interface Login {
  name: string;
  password: string;
  /** The key that seals tenants' claims, 64 hexadecimal digits; only a router has one. */
  sealKey?: string;
}

/** New names and passwords. Roles belong to the whole server, so the names of each database have a random suffix. */
export function generateLogins(): DatabaseLogins {
  const suffix = randomBytes(5).toString('hex');
  return {
    router: {
      name: `marquee_router_${suffix}`,
      password: generatePassword(),
      sealKey: randomBytes(32).toString('hex'),
    },
    mover: { name: `marquee_mover_${suffix}`, password: generatePassword() },
  };
}

/** An owner's password must have at least this length, since shorter ones could be guessed from the verifiers in a DBA's script. */
export const SHORTEST_OWNER_PASSWORD = 16;

/**
 * The logins that a DBA's script creates for an owner who may not create roles. They are derived from the owner's URL, so that nothing has to
 * be stored between printing the script and adding the data source. This gives the owner no more rights: it can do all that they can.
 */
export function preparedLogins(owner: Pick<PostgresUrl, 'user' | 'password' | 'database'>): DatabaseLogins {
  const secret = (use: string) =>
    Buffer.from(hkdfSync('sha256', owner.password, `${owner.user}@${owner.database}`, `marquee ${use}`, 32));
  // Roles belong to the server, where the same owner may have another database.
  const suffix = hash('sha256', owner.database, 'hex').slice(0, 6);
  const login = (use: string): Login => ({
    name: `${owner.user.slice(0, 48)}_${use}_${suffix}`,
    password: secret(`${use} password`).toString('base64url'),
  });
  return {
    router: { ...login('router'), sealKey: secret('seal key').toString('hex') },
    mover: login('mover'),
  };
}

/** The URL of the same login at another address of its database, such as the address of the server instead of a pooler's. */
export function atAddressOf(address: string, url: string): string {
  const { user: name, password } = readUrl(url, 'the login');
  const sealKey = sealKeyOf(url)?.toString('hex');
  return loginUrl(address, { name, password, ...(sealKey ? { sealKey } : {}) });
}

const name = pg.escapeIdentifier;

/** Statements that create the logins, to be run before the tenant schema is installed. They contain SCRAM verifiers, not passwords. */
export function createLoginStatements({ router, mover }: Partial<DatabaseLogins>): string[] {
  return [...(router ? createRouter(router) : []), ...(mover ? createMover(mover) : [])];
}

function createRouter(router: Login): string[] {
  return [
    `create role ${name(router.name)} ${ROUTER_ATTRIBUTES} password ${verifierOf(router)}`,
    ...routerSettings(router),
  ];
}

function createMover(mover: Login): string[] {
  return [
    `create role ${name(mover.name)} ${MOVER_ATTRIBUTES} password ${verifierOf(mover)}`,
    ...moverExtras(mover),
    ...moverSettings(mover),
  ];
}

export const ROUTER_ATTRIBUTES = 'login noinherit nosuperuser nocreatedb nocreaterole';
export const MOVER_ATTRIBUTES = 'login nosuperuser nocreatedb nocreaterole';

/** A literal that PostgreSQL accepts in place of the password. */
export function verifierOf({ password }: Pick<Login, 'password'>): string {
  return pg.escapeLiteral(scramVerifier(password));
}

export function routerSettings(router: Login): string[] {
  return [roleSettingsStatement(router.name, ROUTER_SETTINGS)];
}

export function moverSettings(mover: Login): string[] {
  return [roleSettingsStatement(mover.name)];
}

/** Statements that grant the mover rights with which moves are quicker or gentler. The administrator may lack the right to run them. */
export function moverExtras(mover: Login): string[] {
  const literal = pg.escapeLiteral(mover.name);
  return [
    `-- For the change stream of a move. Without it, moves record changes by triggers.
    do $do$ begin
      if exists (select from pg_catalog.pg_roles where rolname = 'rds_replication') then
        execute format('grant rds_replication to %I', ${literal});
      else
        execute format('alter role %I replication', ${literal});
      end if;
    exception when insufficient_privilege then null;
    end $do$`,
    `-- PostgreSQL refuses COPY into a table with row-level security. Without this, moves copy by way of a temporary table. It
    -- adds no right: a policy shows the mover every row of the tenants anyway.
    do $do$ begin
      execute format('alter role %I bypassrls', ${literal});
    exception when insufficient_privilege then null;
    end $do$`,
    `-- A move paces itself by the statements of others that run on the server, so it has to count them.
    do $do$ begin
      execute format('grant pg_read_all_stats to %I', ${literal});
    exception when insufficient_privilege then null;
    end $do$`,
  ];
}

/** Statements that grant the logins their rights, to be run after the tenant schema is installed. */
export function admitLoginStatements({ router, mover }: Partial<DatabaseLogins>): string[] {
  return [...(router ? admitRouter(router) : []), ...(mover ? admitMover(mover) : [])];
}

function admitRouter(router: Login): string[] {
  return [
    `select tenancy.admit_router(${pg.escapeLiteral(router.name)})`,
    ...(router.sealKey
      ? [`select tenancy.seal_router(${pg.escapeLiteral(router.name)}, '\\x${router.sealKey}')`]
      : []),
    // The connection test needs it to report the installed version.
    `grant select on tenancy.migrations to ${name(router.name)}`,
  ];
}

function admitMover(mover: Login): string[] {
  return [
    // If a DBA's script has granted these, the owner does not have the right to.
    `do $do$ begin
      if not pg_catalog.pg_has_role(${pg.escapeLiteral(mover.name)}, 'tenant_mover', 'member') then
        grant tenant_mover to ${pg.escapeIdentifier(mover.name)};
      end if;
      if not pg_catalog.has_database_privilege(${pg.escapeLiteral(mover.name)}, current_database(), 'connect')
        or not pg_catalog.has_database_privilege(${pg.escapeLiteral(mover.name)}, current_database(), 'temporary') then
        execute format('grant connect, temporary on database %I to %I', current_database(), ${pg.escapeLiteral(mover.name)});
      end if;
    end $do$`,
  ];
}

/** Statements that drop the logins, even if only some of the statements above were run. */
export function dropLoginStatements({ router, mover }: Partial<DatabaseLogins>): string[] {
  return [router, mover].flatMap((login) => (login ? [dropLoginStatement(login.name)] : []));
}

/** Drops a login, with the key of its seal. The role that created it has to be a member of it, to revoke its rights. */
export function dropLoginStatement(login: string): string {
  return `do $do$ begin
      if exists (select from pg_catalog.pg_roles where rolname = ${pg.escapeLiteral(login)}) then
        if not pg_catalog.pg_has_role(${pg.escapeLiteral(login)}, 'usage') then
          execute format('grant %I to current_user', ${pg.escapeLiteral(login)});
        end if;
        execute format('drop owned by %I', ${pg.escapeLiteral(login)});
        execute format('drop role %I', ${pg.escapeLiteral(login)});
      end if;
      if to_regclass('tenancy.router_keys') is not null then
        delete from tenancy.router_keys where login = ${pg.escapeLiteral(login)};
      end if;
    end $do$`;
}

/** The URL of a login, with host, port, database and TLS settings of the administrator's URL, and the login's seal key. */
export function loginUrl(adminUrl: string, login: Login): string {
  const { name: user, password, sealKey } = login;
  const url = formatPostgresUrl({ ...readUrl(adminUrl, 'the administrator'), user, password });
  return sealKey ? withSealKey(url, sealKey) : url;
}
