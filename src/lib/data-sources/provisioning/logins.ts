import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { ROUTER_LIMITS, roleSettingsStatement, sealKeyOf, withSealKey } from '@/lib/tenant-data';
import { generatePassword, scramVerifier } from './scram';

/** The two logins that Marquee uses on a tenant data database. Provisioning creates them. */
export interface DatabaseLogins {
  /** Serves tenants. It is NOINHERIT: it has no rights until `tenancy.enter` sets a tenant's role. */
  router: Login;
  /** Moves and backs up tenants. */
  mover: Login;
}

export interface Login {
  name: string;
  password: string;
  /** Of a router: the key that seals tenants' claims, 64 hexadecimal digits. */
  sealKey?: string;
}

/** New names and passwords. Roles belong to the whole server, so each database's names have a random suffix. */
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

/** Statements that create the logins, before the tenant schema is installed. Passwords appear as SCRAM verifiers only. */
export function createLoginStatements(logins: DatabaseLogins): string[] {
  const { router, mover } = logins;
  const name = pg.escapeIdentifier;
  const verifier = (login: Login) => pg.escapeLiteral(scramVerifier(login.password));
  return [
    `create role ${name(router.name)} login noinherit nosuperuser nocreatedb nocreaterole password ${verifier(router)}`,
    `create role ${name(mover.name)} login nosuperuser nocreatedb nocreaterole password ${verifier(mover)}`,
    // For the change stream of a move. Where the administrator may not grant it, moves record changes by triggers.
    `do $do$ begin
      if exists (select from pg_catalog.pg_roles where rolname = 'rds_replication') then
        execute format('grant rds_replication to %I', ${pg.escapeLiteral(mover.name)});
      else
        execute format('alter role %I replication', ${pg.escapeLiteral(mover.name)});
      end if;
    exception when insufficient_privilege then null;
    end $do$`,
    // PostgreSQL refuses COPY into a table with row-level security. Without this, moves copy by way of a temporary table. It
    // adds no right: a policy shows the mover every row anyway.
    `do $do$ begin
      execute format('alter role %I bypassrls', ${pg.escapeLiteral(mover.name)});
    exception when insufficient_privilege then null;
    end $do$`,
    // A move paces itself by the statements of others that run on the server, so it has to count them.
    `do $do$ begin
      execute format('grant pg_read_all_stats to %I', ${pg.escapeLiteral(mover.name)});
    exception when insufficient_privilege then null;
    end $do$`,
    roleSettingsStatement(router.name, ROUTER_LIMITS),
    roleSettingsStatement(mover.name),
  ];
}

/** Statements that give the logins their rights, after the tenant schema is installed. */
export function admitLoginStatements(logins: DatabaseLogins): string[] {
  const { router, mover } = logins;
  return [
    `select tenancy.admit_router(${pg.escapeLiteral(router.name)})`,
    ...(router.sealKey
      ? [`select tenancy.seal_router(${pg.escapeLiteral(router.name)}, '\\x${router.sealKey}')`]
      : []),
    // For the connection test, which reports the installed version.
    `grant select on tenancy.migrations to ${pg.escapeIdentifier(router.name)}`,
    `grant tenant_mover to ${pg.escapeIdentifier(mover.name)}`,
    `do $do$ begin execute format('grant connect, temporary on database %I to %I', current_database(), ${pg.escapeLiteral(mover.name)}); end $do$`,
  ];
}

/** Statements that drop the logins, also where only some of the statements above were run. */
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

/** The URL of a login, with host, port, database and TLS settings of the administrator's URL, and the login's seal key. */
export function loginUrl(adminUrl: string, login: Login): string {
  const url = new URL(adminUrl);
  url.username = encodeURIComponent(login.name);
  url.password = encodeURIComponent(login.password);
  return login.sealKey ? withSealKey(url.toString(), login.sealKey) : url.toString();
}
