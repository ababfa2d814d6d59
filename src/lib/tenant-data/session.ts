// What a session with a tenant data database begins with. The owner of the database may have changed any default of it or of
// a role (`alter database … set`, `alter role … set`); what our statements mean and return must not depend on that.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { TenantDataError } from './errors';

const SETTINGS: Record<string, string> = {
  // `tenancy.enter` reads the fence after its lock. A snapshot taken before the lock would not see that it was closed.
  default_transaction_isolation: 'read committed',
  default_transaction_read_only: 'off',
  default_transaction_deferrable: 'off',
  // Which names mean what, and how the catalogs print them.
  search_path: 'public',
  quote_all_identifiers: 'off',
  // Which rows and triggers count.
  row_security: 'on',
  gin_fuzzy_search_limit: '0',
  restrict_nonsystem_relation_kind: '',
  // How values are written and read.
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  array_nulls: 'on',
  bytea_output: 'hex',
  extra_float_digits: '1',
  lc_monetary: 'C',
  standard_conforming_strings: 'on',
  transform_null_equals: 'off',
  xmlbinary: 'base64',
  xmloption: 'content',
  // What ends a statement, a transaction or a session behind our back: moves, backups and migrations have limits of their own.
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  exit_on_error: 'off',
  idle_session_timeout: '0',
  transaction_timeout: '0',
  wal_sender_timeout: '60s',
  'plpgsql.extra_errors': 'none',
};

export const ROUTER_SETTINGS = {
  // Behind the limits of each tenant, which Marquee enforces: what a statement may take if Marquee itself is gone.
  statement_timeout: '10min',
  lock_timeout: '30s',
  idle_in_transaction_session_timeout: '1min',
  // A tenant's rows are found by their keys. At the default (4, for disks with heads) the planner prefers to read all tenants' rows
  // of a table to a few hundred look-ups.
  random_page_cost: '1.1',
  // One tenant's statements are over before a compiler would have begun. Not every server has one, so this makes them alike.
  jit: 'off',
};

/** Settings as a relation `s (name, value)`, without those that this server's version does not have. */
function settingsSql(own: Record<string, string>): string {
  const pairs = Object.entries({ ...SETTINGS, ...own }).map(
    ([name, value]) => `(${pg.escapeLiteral(name)}, ${pg.escapeLiteral(value)})`,
  );
  return `(values ${pairs.join(', ')}) s (name, value) where current_setting(name, true) is not null`;
}

/** Settings that not every version of PostgreSQL we run on has: a startup packet that names one would be refused. */
const NOT_EVERYWHERE = ['restrict_nonsystem_relation_kind', 'transaction_timeout'];

/** In a session that says this the startup packet took effect: no default of a database can know it. */
const STARTED = { name: 'marquee.started', value: randomUUID() };

/** The same settings for the startup packet (`options`): what RESET ALL goes back to. Poolers refuse or drop them. */
export function startupOptions(own: Record<string, string> = {}): string {
  return Object.entries({ ...SETTINGS, ...own, [STARTED.name]: STARTED.value })
    .filter(([name]) => !NOT_EVERYWHERE.includes(name))
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\\s]/g, '\\$&')}`)
    .join(' ');
}

const REPORT = "pg_backend_pid() as pid, current_setting('session_replication_role') as role";

/** What is left to do where the startup packet took effect: a fraction of setting everything. */
const COMPLETE_STARTED = `select ${REPORT}, current_setting('${STARTED.name}', true) as started, ${NOT_EVERYWHERE.map(
  (name) =>
    `case when current_setting('${name}', true) <> '' then set_config('${name}', ${pg.escapeLiteral(SETTINGS[name] ?? '')}, false) end`,
).join(', ')}`;

export interface PinOptions {
  /** Settings of the login's own. */
  own?: Record<string, string>;
  /** For each answer, ms. */
  timeoutMs?: number;
  /** The startup packet carried `startupOptions` and no others. */
  started?: boolean;
}

interface Session {
  pid: number;
  role: string;
  started?: string | null;
}

/**
 * Sets a new session up, whatever the defaults of its database and its role. One round trip; by statements and not by startup
 * parameters alone, which poolers refuse or drop.
 *
 * @returns the process id of the backend
 * @throws TenantDataError `data_source_triggers_off` where sessions begin with triggers and foreign keys turned off
 */
export async function pinSession(
  client: pg.ClientBase,
  { own = {}, timeoutMs = 10_000, started = false }: PinOptions = {},
): Promise<number> {
  const run = async (text: string): Promise<Session | undefined> => {
    const query: pg.QueryConfig & { query_timeout: number } = { text, query_timeout: timeoutMs };
    const answer = (await client.query(query)) as pg.QueryResult<Session> | pg.QueryResult<Session>[];
    return [answer].flat().at(-1)?.rows[0];
  };
  let session = started ? await run(COMPLETE_STARTED) : undefined;
  if (session?.started !== STARTED.value) {
    // The limit first of all, since the default may be shorter than what follows takes.
    session = await run(
      `set statement_timeout = 0; select set_config(name, value, false) from ${settingsSql(own)}; select ${REPORT}`,
    );
  }
  const { pid = 0, role } = session ?? {};
  if (role !== 'replica') return pid;
  try {
    await client.query('set session_replication_role = origin');
    return pid;
  } catch (cause) {
    throw new TenantDataError(
      'data_source_triggers_off',
      'The database turns triggers and foreign keys off for new sessions (session_replication_role = replica).',
      {
        hint: 'As a superuser: alter database … reset session_replication_role, and the same for roles.',
        cause,
      },
    );
  }
}

/** A statement that gives a login the same defaults: behind a pooler sessions are shared, and keep nothing that is set later. */
export function roleSettingsStatement(login: string, own: Record<string, string> = {}): string {
  return `do $do$ declare s record; begin
    for s in select * from ${settingsSql(own)} loop
      execute format('alter role %I set %s to %L', ${pg.escapeLiteral(login)}, s.name, s.value);
    end loop;
  end $do$`;
}
