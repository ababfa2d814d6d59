import type pg from 'pg';
import type { PostgresUrl } from '@/lib/postgres';
import { sealKeyOf } from '@/lib/tenant-data';
import { withDeadline } from '@/lib/time';
import { DataSourceError } from '../errors';
import { connect, readUrl } from '../pool/connect';
import { acceptUrl } from '../provisioning/given-url';
import { preparedLogins } from '../provisioning/logins';
import {
  type ConnectionCheck,
  type ConnectionTarget,
  type ConnectionTestOptions,
  type ConnectionTestResult,
  isFailed,
  passed,
} from './check';
import { encryptionCheck } from './encryption';
import { FACTS, type Facts, PREPARED } from './facts';
import { FUNCTIONS, type FunctionFacts, reachableFunctionsCheck, sharedFunctionsCheck } from './functions';
import { isolationChecks } from './isolation';
import { clockCheck, latencyCheck, measure } from './latency';
import { privilegesCheck } from './privileges';
import { notOnInternet, reach } from './reach';
import {
  connectionsCheck,
  durabilityCheck,
  encodingCheck,
  extensionsCheck,
  POOLER,
  replicationCheck,
  schemaCheck,
  timeZoneCheck,
  versionCheck,
  writableCheck,
} from './server-checks';

const BUDGET = 50;

/** Signs in to a PostgreSQL server and notes what it finds. @throws DataSourceError why it cannot be used */
export async function testServer(
  target: Extract<ConnectionTarget, { kind: 'postgres' }>,
  { timeoutMs = 5_000, slowMs = 100, connectionBudget = BUDGET, forCompany = false }: ConnectionTestOptions,
  result: ConnectionTestResult,
): Promise<void> {
  const { purpose = 'router', isCustomers = false, given } = target;
  const name = 'the data source';
  const text = given ? acceptUrl(target.url, name, given) : target.url;
  const url = readUrl(text, name);
  const note = (check: ConnectionCheck) => result.checks.push(check);
  result.addresses = await reach(url, { timeoutMs, forCompany }, note);
  if (result.checks.some(isFailed)) return;
  const client = await connect({ url: text, name, timeoutMs, asItIs: true }).catch((error: unknown) => {
    // A name that now leads elsewhere than a moment ago.
    const isRefused = error instanceof DataSourceError && error.code === 'data_source_address_refused';
    if (!isRefused || !forCompany) throw error;
    note(notOnInternet(url.hosts.map(({ host }) => host).join(', ')));
    return undefined;
  });
  if (!client) return;
  const ask = <T>(work: () => Promise<T>) => withinTime(timeoutMs, client, work);
  try {
    note(passed('sign_in', 'signed_in'));
    const rounds = await ask(() => measure(client));
    Object.assign(result, { latencyMs: rounds.p50, latencyP99Ms: rounds.p99, clockSkewMs: rounds.skewMs });
    note(latencyCheck(rounds.p50, slowMs, rounds.p99));
    note(clockCheck(rounds));
    const [facts] = await ask(() => readOnly<Facts>(client, FACTS));
    if (!facts) return;
    if (facts.pid !== (client as pg.Client & { processID: number }).processID) note(POOLER);
    result.serverVersion = facts.version;
    note(versionCheck(facts));
    note(encryptionCheck(client, url, facts.local));
    for (const check of [encodingCheck, timeZoneCheck, writableCheck, durabilityCheck]) note(check(facts));
    const isPrepared = purpose === 'administrator' && (await ask(() => hasPreparedLogins(client, url)));
    note(privilegesCheck(purpose, facts, { isPrepared, isCustomers }));
    if (purpose === 'administrator') note(extensionsCheck(facts));
    if (purpose !== 'router') note(replicationCheck(facts, purpose));
    if (purpose !== 'mover') note(connectionsCheck(facts, connectionBudget));
    if (purpose !== 'mover') await noteFunctions(ask, client, purpose === 'router', note);
    const version = facts.may_read_version ? await ask(() => schemaVersion(client)) : null;
    result.schemaVersion = version === 'unsupported' ? null : version;
    note(schemaCheck(facts, version, purpose));
    if (purpose === 'router' && !facts.standby && !result.checks.some(isFailed)) {
      for (const check of await ask(() => isolationChecks(client, sealKeyOf(text)))) note(check);
    }
  } finally {
    client.end().catch(() => {});
  }
}

type Ask = <T>(work: () => Promise<T>) => Promise<T>;

async function noteFunctions(
  ask: Ask,
  client: pg.Client,
  ofTenants: boolean,
  note: (check: ConnectionCheck) => unknown,
): Promise<void> {
  const [functions] = await ask(() => readOnly<FunctionFacts>(client, FUNCTIONS));
  if (!functions) return;
  note(reachableFunctionsCheck(functions));
  if (ofTenants) note(sharedFunctionsCheck(functions));
}

/** Whether a DBA has made the logins that belong to an owner's URL, and they can sign in with the passwords that follow from it. */
async function hasPreparedLogins(client: pg.Client, url: PostgresUrl): Promise<boolean> {
  const { router, mover } = preparedLogins(url);
  const { rows } = await client.query<{ router: boolean | null; mover: boolean | null }>(PREPARED, [
    router.name,
    mover.name,
  ]);
  return rows[0]?.router === true && rows[0].mover === true;
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
