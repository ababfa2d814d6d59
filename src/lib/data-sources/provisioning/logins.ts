import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { ROUTER_LIMITS, roleSettingsStatement, sealKeyOf, withSealKey } from '@/lib/tenant-data';
import { generatePassword, scramVerifier } from './scram';

/** The two logins Marquee uses on a tenant data database, made by provisioning and known to nobody else. */
export interface DatabaseLogins {
  /** Serves tenants: NOINHERIT, so it can do nothing until `tenancy.enter` gives it a tenant's role. */
  router: Login;
  /** Moves and backs up tenants. */
  mover: Login;
}

export interface Login {
  name: string;
  password: string;
  /** Of a router: with it the process seals tenants' claims, 64 hexadecimal digits. */
  sealKey?: string;
}

/** New names and passwords. Roles belong to the server, so the names carry a suffix of the database's own. */
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

/** The URL of the same login at another address of its database, such as the server's own instead of a pooler's. */
export function atAddressOf(address: string, url: string): string {
  const { username, password } = new URL(url);
  const sealKey = sealKeyOf(url)?.toString('hex');
  return loginUrl(address, {
    name: decodeURIComponent(username),
    password: decodeURIComponent(password),
    ...(sealKey ? { sealKey } : {}),
  });
}

/** Statements that make the logins: before the tenant schema is there. Passwords appear as SCRAM verifiers only. */
export function createLoginStatements(logins: DatabaseLogins): string[] {
  const { router, mover } = logins;
  const name = pg.escapeIdentifier;
  const verifier = (login: Login) => pg.escapeLiteral(scramVerifier(login.password));
  return [
    `create role ${name(router.name)} login noinherit nosuperuser nocreatedb nocreaterole password ${verifier(router)}`,
    `create role ${name(mover.name)} login nosuperuser nocreatedb nocreaterole password ${verifier(mover)}`,
    // Following a tenant's changes while it is moved; an administrator who may not grant it leaves moves to triggers.
    `do $do$ begin
      if exists (select from pg_catalog.pg_roles where rolname = 'rds_replication') then
        execute format('grant rds_replication to %I', ${pg.escapeLiteral(mover.name)});
      else
        execute format('alter role %I replication', ${pg.escapeLiteral(mover.name)});
      end if;
    exception when insufficient_privilege then null;
    end $do$`,
    // PostgreSQL refuses COPY into a table with row-level security; without this, moves go through a temporary table. It
    // adds no right: the mover has a policy of its own that shows it every row.
    `do $do$ begin
      execute format('alter role %I bypassrls', ${pg.escapeLiteral(mover.name)});
    exception when insufficient_privilege then null;
    end $do$`,
    // A move stands back while others' statements burden a server: it has to see how many run.
    `do $do$ begin
      execute format('grant pg_read_all_stats to %I', ${pg.escapeLiteral(mover.name)});
    exception when insufficient_privilege then null;
    end $do$`,
    roleSettingsStatement(router.name, ROUTER_LIMITS),
    roleSettingsStatement(mover.name),
  ];
}

/** Statements that give the logins their rights: after the tenant schema is there. */
export function admitLoginStatements(logins: DatabaseLogins): string[] {
  const { router, mover } = logins;
  return [
    `select tenancy.admit_router(${pg.escapeLiteral(router.name)})`,
    ...(router.sealKey
      ? [`select tenancy.seal_router(${pg.escapeLiteral(router.name)}, '\\x${router.sealKey}')`]
      : []),
    // So that the connection test can say which version is installed.
    `grant select on tenancy.migrations to ${pg.escapeIdentifier(router.name)}`,
    `grant tenant_mover to ${pg.escapeIdentifier(mover.name)}`,
    `do $do$ begin execute format('grant connect, temporary on database %I to %I', current_database(), ${pg.escapeLiteral(mover.name)}); end $do$`,
  ];
}

/** Statements that take the logins away again, also when only some of the above were run. */
export function dropLoginStatements(logins: DatabaseLogins): string[] {
  return [logins.router, logins.mover].map(
    ({ name }) => `do $do$ begin
      if exists (select from pg_catalog.pg_roles where rolname = ${pg.escapeLiteral(name)}) then
        execute format('drop owned by %I', ${pg.escapeLiteral(name)});
        execute format('drop role %I', ${pg.escapeLiteral(name)});
      end if;
    end $do$`,
  );
}

/**
 * The URL of a login to the database an administrator's URL names, with the same host, port and TLS settings, and the
 * login's key.
 */
export function loginUrl(adminUrl: string, login: Login): string {
  const url = new URL(adminUrl);
  url.username = encodeURIComponent(login.name);
  url.password = encodeURIComponent(login.password);
  return login.sealKey ? withSealKey(url.toString(), login.sealKey) : url.toString();
}
