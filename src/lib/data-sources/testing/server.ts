import type pg from 'pg';
import { withDeadline } from '@/lib/time';
import { DataSourceError } from '../errors';
import { connect } from '../pool/connect';
import type { ConnectionCheck, ConnectionTarget, ConnectionTestOptions, ConnectionTestResult } from './check';
import { latencyCheck } from './latency';
import {
  encryptionCheck,
  type Facts,
  POOLER,
  PRIVILEGES,
  schemaCheck,
  sharedFunctionsCheck,
  versionCheck,
  writableCheck,
} from './server-checks';

const FACTS = `
  select pg_backend_pid() as pid, current_setting('server_version_num')::int as version_number,
         current_setting('server_version') as version,
         pg_is_in_recovery() as standby,
         exists (select from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
           where d.datname = current_database() and 'default_transaction_read_only=on' = any (s.setconfig)) as read_only,
         coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false) as encrypted,
         coalesce(host(inet_server_addr()) in ('127.0.0.1', '::1'), true) as local,
         rolsuper, rolbypassrls, rolcreaterole,
         has_database_privilege(current_database(), 'CREATE') as may_create,
         coalesce((select bool_and(pg_has_role(current_user, oid, 'MEMBER')) and count(*) = 2
                   from pg_roles where rolname in ('tenant_service', 'authenticated')), false) as member,
         coalesce((select pg_has_role(current_user, oid, 'USAGE') from pg_roles where rolname = 'tenant_mover'), false) as mover,
         has_function_privilege('public', 'pg_advisory_xact_lock(bigint)', 'execute') as shares_functions,
         to_regclass('tenancy.migrations') is not null as migrated,
         coalesce(has_table_privilege(to_regclass('tenancy.migrations'), 'SELECT'), false) as may_read_version
  from pg_roles where rolname = current_user`;

/** Signs in to a PostgreSQL server and notes what it finds. @throws DataSourceError why it cannot be used */
export async function testServer(
  target: Extract<ConnectionTarget, { kind: 'postgres' }>,
  { timeoutMs = 5_000, slowMs = 100 }: ConnectionTestOptions,
  result: ConnectionTestResult,
): Promise<void> {
  const client = await connect({ url: target.url, name: 'the data source', timeoutMs, asItIs: true });
  const note = (check: ConnectionCheck) => result.checks.push(check);
  try {
    note({ name: 'connect', outcome: 'passed', message: 'Signed in.' });
    result.latencyMs = await withinTime(timeoutMs, client, () => roundTrip(client));
    note(latencyCheck(result.latencyMs, slowMs));
    const [facts] = await withinTime(timeoutMs, client, () => readOnly<Facts>(client, FACTS));
    if (!facts) return;
    if (facts.pid !== (client as pg.Client & { processID: number }).processID) note(POOLER);
    result.serverVersion = facts.version;
    note(versionCheck(facts));
    note(encryptionCheck(facts));
    note(writableCheck(facts));
    const { purpose = 'router' } = target;
    note(PRIVILEGES[purpose](facts));
    if (purpose === 'router') note(sharedFunctionsCheck(facts));
    const version = facts.may_read_version
      ? await withinTime(timeoutMs, client, async () => schemaVersion(client))
      : null;
    result.schemaVersion = version === 'unsupported' ? null : version;
    note(schemaCheck(facts, version, purpose));
  } finally {
    client.end().catch(() => {});
  }
}

async function roundTrip(client: pg.Client): Promise<number> {
  const took: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const started = performance.now();
    await client.query('select 1');
    took.push(performance.now() - started);
  }
  return took.sort((a, b) => a - b)[1] ?? 0;
}

/** Null before the first migration; `unsupported` where Marquee made the schema before its first release. */
async function schemaVersion(client: pg.Client): Promise<number | 'unsupported' | null> {
  const [row] = await readOnly<{ version: number | null; supported: boolean }>(
    client,
    "select max(version) as version, coalesce(bool_or(name = 'baseline'), true) as supported from tenancy.migrations",
  );
  return row?.supported === false ? 'unsupported' : (row?.version ?? null);
}

/** The database's default statement_timeout does not apply: the caller has a limit of its own. */
async function readOnly<T>(client: pg.Client, text: string): Promise<T[]> {
  const results: unknown = await client.query(
    `begin read only; set local statement_timeout = 0; ${text}; commit`,
  );
  return (results as pg.QueryResult<T & object>[])[2]?.rows ?? [];
}

/** A server may take the connection and then never answer. */
async function withinTime<T>(timeoutMs: number, client: pg.Client, work: () => Promise<T>): Promise<T> {
  return withDeadline(work(), timeoutMs, () => {
    client.connection.stream.destroy();
    return new DataSourceError('data_source_timeout', `The server did not answer within ${timeoutMs} ms.`, {
      hint: 'Check its load, and the network between here and there.',
    });
  });
}
