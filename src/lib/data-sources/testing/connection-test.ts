import type pg from 'pg';
import { classify } from '@/lib/failures';
import { withDeadline } from '@/lib/time';
import { DataSourceError, type DataSourceErrorCode } from '../errors';
import { connect } from '../pool/connect';

export type ConnectionTarget =
  | {
      kind: 'postgres';
      url: string;
      /** What the login is for: `router` serves tenants, `mover` moves them, `administrator` sets the database up. Default router. */
      purpose?: 'router' | 'mover' | 'administrator';
    }
  | { kind: 'supabase'; url: string; serviceKey: string };

export interface ConnectionCheck {
  name:
    | 'connect'
    | 'pooler'
    | 'latency'
    | 'version'
    | 'encryption'
    | 'writable'
    | 'privileges'
    | 'shared_functions'
    | 'schema';
  outcome: 'passed' | 'warning' | 'failed';
  /** For a failure: the code an operation would fail with. */
  code?: DataSourceErrorCode;
  message: string;
  hint?: string;
}

export interface ConnectionTestResult {
  /** Nothing failed; warnings may stand. */
  ok: boolean;
  /** Code of the first failure. */
  code?: DataSourceErrorCode;
  checks: ConnectionCheck[];
  /** Median round trip, ms. */
  latencyMs?: number;
  /** As the server says it, e.g. `16.4`. */
  serverVersion?: string;
  /** Version of the tenant schema; null where it is not installed or not readable. */
  schemaVersion?: number | null;
}

export interface ConnectionTestOptions {
  /** For the connection, and for each query, ms. Default 5,000. */
  timeoutMs?: number;
  /** A longer median round trip is a warning, ms. Default 100. */
  slowMs?: number;
}

/** The oldest server version that the tenant schema runs on. */
export const OLDEST_SERVER = 15;

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

interface Facts {
  pid: number;
  version_number: number;
  version: string;
  standby: boolean;
  read_only: boolean;
  encrypted: boolean;
  local: boolean;
  rolsuper: boolean;
  rolbypassrls: boolean;
  rolcreaterole: boolean;
  may_create: boolean;
  member: boolean;
  mover: boolean;
  shares_functions: boolean;
  migrated: boolean;
  may_read_version: boolean;
}

/** A pooler gives out process ids of its own. */
const POOLER: ConnectionCheck = {
  name: 'pooler',
  outcome: 'warning',
  message: 'A pooler answers, not the server itself.',
  hint: 'Requests work through it, without prepared statements. Moves and backups need the address of the server itself: marquee source set-direct-url',
};

/** Tries a data source and says what is wrong with it; never throws for what it finds and never writes. */
export async function testConnection(
  target: ConnectionTarget,
  options: ConnectionTestOptions = {},
): Promise<ConnectionTestResult> {
  const result: ConnectionTestResult = { ok: false, checks: [] };
  try {
    await (target.kind === 'supabase'
      ? testProject(target, options, result)
      : testServer(target, options, result));
  } catch (error) {
    if (!(error instanceof DataSourceError)) throw error;
    result.checks.push({
      name: 'connect',
      outcome: 'failed',
      code: error.code,
      message: error.message,
      hint: error.hint,
    });
  }
  const failure = result.checks.find((check) => check.outcome === 'failed');
  result.ok = failure === undefined;
  result.code = failure?.code;
  return result;
}

async function testServer(
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
    const [facts] = await withinTime(timeoutMs, client, () => look<Facts>(client, FACTS));
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
  const [row] = await look<{ version: number | null; supported: boolean }>(
    client,
    "select max(version) as version, coalesce(bool_or(name = 'baseline'), true) as supported from tenancy.migrations",
  );
  return row?.supported === false ? 'unsupported' : (row?.version ?? null);
}

/** Whatever the database's default for the time of a statement is: ours counts. */
async function look<T>(client: pg.Client, text: string): Promise<T[]> {
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

function latencyCheck(latencyMs: number, slowMs: number): ConnectionCheck {
  const message = `A round trip takes ${latencyMs.toFixed(1)} ms.`;
  if (latencyMs <= slowMs) return { name: 'latency', outcome: 'passed', message };
  return {
    name: 'latency',
    outcome: 'warning',
    code: 'data_source_timeout',
    message,
    hint: 'Place the database nearer to Marquee: every request pays this once.',
  };
}

function versionCheck(facts: Facts): ConnectionCheck {
  if (facts.version_number >= OLDEST_SERVER * 10_000) {
    return { name: 'version', outcome: 'passed', message: `PostgreSQL ${facts.version}.` };
  }
  return {
    name: 'version',
    outcome: 'failed',
    code: 'data_source_version_unsupported',
    message: `PostgreSQL ${facts.version} is too old.`,
    hint: `Use PostgreSQL ${OLDEST_SERVER} or newer.`,
  };
}

function writableCheck({ standby, read_only: readOnly }: Facts): ConnectionCheck {
  if (standby) {
    return {
      name: 'writable',
      outcome: 'failed',
      code: 'data_source_privileges_missing',
      message: 'The server is a standby.',
      hint: 'Use the address of the primary.',
    };
  }
  if (!readOnly) return { name: 'writable', outcome: 'passed', message: 'Accepts writes.' };
  return {
    name: 'writable',
    outcome: 'warning',
    message: 'Its default is read only (default_transaction_read_only); Marquee writes all the same.',
    hint: 'Where that was meant, for a full disk or maintenance, suspend its tenants first.',
  };
}

function encryptionCheck(facts: Facts): ConnectionCheck {
  if (facts.encrypted || facts.local) {
    return { name: 'encryption', outcome: 'passed', message: facts.encrypted ? 'TLS.' : 'On this machine.' };
  }
  return {
    name: 'encryption',
    outcome: 'warning',
    message: 'The connection is not encrypted.',
    hint: 'Add sslmode=verify-full to the URL.',
  };
}

function routerCheck(facts: Facts): ConnectionCheck {
  const failed = (message: string, hint: string): ConnectionCheck => ({
    name: 'privileges',
    outcome: 'failed',
    code: 'data_source_privileges_missing',
    message,
    hint,
  });
  if (facts.rolsuper || facts.rolbypassrls) {
    return failed('The login could see every tenant’s rows.', 'Use a login without SUPERUSER and BYPASSRLS.');
  }
  if (!facts.member) {
    return failed(
      'The login is no member of tenant_service and authenticated.',
      'Grant it both roles, or let Marquee make its login: marquee source add.',
    );
  }
  return { name: 'privileges', outcome: 'passed', message: 'May act for tenants, and for nobody else.' };
}

function sharedFunctionsCheck({ shares_functions: shared }: Facts): ConnectionCheck {
  const name = 'shared_functions';
  if (!shared)
    return { name, outcome: 'passed', message: 'SQL of one tenant cannot lock or notify for others.' };
  return {
    name,
    outcome: 'warning',
    message: 'Developers’ SQL of one tenant can take other tenants’ advisory locks, until its time is over.',
    hint: 'Only a superuser can take these functions away, and only from all roles. Keep tenants that run SQL of their own on a database of Marquee’s own, or on one each.',
  };
}

function administratorCheck(facts: Facts): ConnectionCheck {
  if ((facts.rolsuper || facts.rolcreaterole) && facts.may_create) {
    return { name: 'privileges', outcome: 'passed', message: 'May make roles and schemas.' };
  }
  const missing = [
    ...(facts.rolsuper || facts.rolcreaterole ? [] : ['CREATEROLE']),
    ...(facts.may_create ? [] : ['CREATE on the database']),
  ];
  return {
    name: 'privileges',
    outcome: 'failed',
    code: 'data_source_privileges_missing',
    message: `The login lacks ${missing.join(' and ')}.`,
    hint: 'Grant it, or have a DBA run the script of: marquee source add --plan',
  };
}

function moverCheck({ mover }: Facts): ConnectionCheck {
  if (mover) return { name: 'privileges', outcome: 'passed', message: 'May move tenants.' };
  return {
    name: 'privileges',
    outcome: 'failed',
    code: 'data_source_privileges_missing',
    message: 'The login is no member of tenant_mover.',
    hint: 'Grant it the role, or let Marquee make its login: marquee source add.',
  };
}

const PRIVILEGES = { router: routerCheck, mover: moverCheck, administrator: administratorCheck };

function schemaCheck(
  facts: Facts,
  version: number | 'unsupported' | null,
  purpose: keyof typeof PRIVILEGES,
): ConnectionCheck {
  if (version === 'unsupported') {
    return {
      name: 'schema',
      outcome: 'failed',
      code: 'data_source_not_migrated',
      message:
        'The tenant schema was made by Marquee before its first release and cannot be brought to the present one.',
      hint: 'Use an empty database.',
    };
  }
  if (facts.migrated) {
    return {
      name: 'schema',
      outcome: 'passed',
      message: version ? `The tenant schema is at version ${version}.` : 'The tenant schema is installed.',
    };
  }
  return {
    name: 'schema',
    outcome: purpose === 'administrator' ? 'warning' : 'failed',
    code: 'data_source_not_migrated',
    message: 'The tenant schema is not installed.',
    hint: 'Add the data source with: marquee source add',
  };
}

async function testProject(
  target: Extract<ConnectionTarget, { kind: 'supabase' }>,
  { timeoutMs = 5_000, slowMs = 100 }: ConnectionTestOptions,
  result: ConnectionTestResult,
): Promise<void> {
  if (!/^https?:$/.test(URL.canParse(target.url) ? new URL(target.url).protocol : '')) {
    throw new DataSourceError('data_source_url_malformed', 'The URL of the Supabase project is not a URL.', {
      hint: 'Its form is https://<project>.supabase.co.',
    });
  }
  const started = performance.now();
  const response = await fetch(`${target.url.replace(/\/+$/, '')}/rest/v1/accounts?select=id&limit=0`, {
    headers: { apikey: target.serviceKey, authorization: `Bearer ${target.serviceKey}` },
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((error: unknown) => {
    const timedOut = classify(error).kind === 'timeout';
    throw new DataSourceError(
      timedOut ? 'data_source_timeout' : 'data_source_unreachable',
      timedOut ? `The project did not answer within ${timeoutMs} ms.` : 'The project cannot be reached.',
      { hint: 'Check the project’s URL and that it is not paused.', cause: error },
    );
  });
  await response.body?.cancel();
  if (response.status === 401 || response.status === 403) {
    throw new DataSourceError('data_source_authentication_refused', 'The project refused the service key.', {
      hint: 'Copy the service_role key from the project’s API settings.',
    });
  }
  result.latencyMs = performance.now() - started;
  result.checks.push({ name: 'connect', outcome: 'passed', message: 'The project answers.' });
  result.checks.push(latencyCheck(result.latencyMs, slowMs));
  result.checks.push(
    response.ok
      ? { name: 'schema', outcome: 'passed', message: 'The tenant schema is installed.' }
      : {
          name: 'schema',
          outcome: 'failed',
          code: 'data_source_not_migrated',
          message: `The project does not serve the tenant schema (HTTP ${response.status}).`,
          hint: 'Run the tenant migrations over the project’s PostgreSQL URL first.',
        },
  );
}
