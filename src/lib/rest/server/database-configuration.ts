// What the database says of the configuration and of the roles.
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { DATABASE_SETTINGS } from './configuration';

const databaseSettingsSql = readFileSync(new URL('./database-settings.sql', import.meta.url), 'utf8');
const roleSettingsSql = readFileSync(new URL('./role-settings.sql', import.meta.url), 'utf8');

const PARAMETER_PRIVILEGE = /has_parameter_privilege\(current_user, .*?\)/;
const PREFIX = 'pgrst.';
const ISOLATION = 'default_transaction_isolation';
const ISOLATION_LEVELS = new Set(['read uncommitted', 'read committed', 'repeatable read', 'serializable']);

interface FunctionName {
  schema: string | undefined;
  name: string;
}

/** Settings of a role that hold while it is impersonated. */
export interface RoleSettings {
  settings: readonly (readonly [name: string, value: string])[];
  /** SQL of an isolation level other than the database's. */
  isolationLevel: string | undefined;
}

/**
 * The in-database configuration: `alter role … set pgrst.db_max_rows`, or `set_config` by a pre-config function.
 * Names come without the prefix.
 */
export async function readDatabaseSettings(
  client: pg.ClientBase,
  preConfig: FunctionName | undefined,
): Promise<Record<string, string>> {
  await client.query('begin read only');
  try {
    if (preConfig) await client.query(`select ${qualified(preConfig)}()`);
    const names = DATABASE_SETTINGS.map((name) => PREFIX + name);
    const { rows } = await client.query<{ name: string; value: string }>(databaseSettingsSql, [names]);
    return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  } finally {
    await client.query('rollback');
  }
}

export async function readRoleSettings(client: pg.ClientBase): Promise<ReadonlyMap<string, RoleSettings>> {
  const { rows: versions } = await client.query<{ version: number }>(
    "select current_setting('server_version_num')::int as version",
  );
  const grantsParameters = (versions[0]?.version ?? 0) >= 150_000;
  const sql = grantsParameters ? roleSettingsSql : roleSettingsSql.replace(PARAMETER_PRIVILEGE, 'false');
  const { rows } = await client.query<{ role: string; name: string; value: string }>(sql);
  const roles = new Map<string, RoleSettings>();
  for (const [role, settings] of Map.groupBy(rows, (row) => row.role)) {
    const isolation = settings.find((setting) => setting.name === ISOLATION)?.value;
    roles.set(role, {
      settings: settings
        .filter((setting) => setting.name !== ISOLATION)
        .map(({ name, value }) => [name, value]),
      isolationLevel: isolation && ISOLATION_LEVELS.has(isolation) ? isolation : undefined,
    });
  }
  return roles;
}

function qualified({ schema, name }: FunctionName): string {
  return schema === undefined
    ? pg.escapeIdentifier(name)
    : `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
}
