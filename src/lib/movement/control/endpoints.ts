// The source and target of a move, with the mover's connections to them.

import { randomBytes, randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import pg from 'pg';
import { connectionError, failureOf } from '@/lib/data-sources';
import { parseLsn } from '@/lib/postgres';
import { endQuietly } from '@/lib/tenant-data/rows';
import { withDeadline } from '@/lib/time';
import { holdFence } from '../cutover/fence';
import { MovementError } from '../errors';
import { startHeartbeat } from './heartbeat';
import { connectMover } from './mover-connection';
import type { Endpoint, TenantEndpoint } from './ports';
import { refusalText } from './refusal-words';

/** An endpoint with connections of the mover. */
export interface OpenEndpoint extends TenantEndpoint {
  client: pg.Client;
  /** For reading while `client` is busy, and for the snapshot at the cut-over. */
  reader: pg.Client;
  /** Opens another connection of the mover, which ends with the endpoint's. */
  connect(): Promise<pg.Client>;
}

/** The name under which a run claims the tenant's fence. */
interface FenceClaim {
  holder: string;
  /** At the source: the epoch at which the fence is open when the move begins. Null at the target. */
  epoch: bigint | null;
}

/** An endpoint that has not answered for this long is unreachable, ms. */
const SILENT_MS = 10_000;

/** How long claiming an endpoint may take, ms. It ends the sessions of earlier attempts and waits for their transactions. */
const OPEN_MS = 90_000;

/**
 * Opens the mover's connections to an endpoint.
 *
 * @param claim used to take the endpoint over from earlier attempts, before anything else is done there
 * @param signal destroys every connection to the endpoint, including those that are opened later
 * @throws MovementError `move_database_unreachable`, `move_not_possible` behind a pooler
 */
export async function openEndpoint(
  endpoint: TenantEndpoint,
  moveId: string,
  claim?: FenceClaim,
  signal?: AbortSignal,
): Promise<OpenEndpoint> {
  const connect = () => connectMover({ url: endpoint.url, moveId, signal });
  const client = await connect();
  const opening = async () => {
    await refusePooler(client, endpoint);
    if (claim) await takeOver(client, endpoint.tenantId, claim);
    return { ...endpoint, client, reader: await connect(), connect };
  };
  try {
    // The endpoint is not watched yet. Without a deadline, a network that drops packets would keep the move here forever.
    return await withDeadline(opening(), OPEN_MS, () => endpointUnreachable(endpoint));
  } catch (error) {
    await endQuietly(client);
    throw error;
  }
}

/**
 * Refuses a pooler, since a move needs sessions of its own for replication, imported snapshots and locks. A pooler shows in process ids that
 * are not the server's.
 *
 * @throws MovementError `move_not_possible`
 */
async function refusePooler(client: pg.Client, { name }: Endpoint): Promise<void> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  if (rows[0]?.pid === (client as pg.Client & { processID: number }).processID) return;
  throw new MovementError('move_not_possible', refusalText('pooler', { source: name }), {
    hint: `A move needs the address of the server itself: marquee source set-direct-url ${name}`,
  });
}

/**
 * Refuses endpoints between which no move is possible. An endpoint that cannot be reached now is accepted, since it may be reachable later.
 *
 * @throws MovementError `move_not_possible` behind a pooler, or if both are one database
 */
export async function expectSessions(source: Endpoint, target: Endpoint): Promise<void> {
  const opened = await Promise.all(
    [source, target].map((endpoint) =>
      connectMover({ url: endpoint.url, moveId: randomUUID() }).catch(() => undefined),
    ),
  );
  try {
    const [from, to] = opened;
    if (from) await refusePooler(from, source);
    if (to) await refusePooler(to, target);
    if (!from || !to || !(await isOneDatabase(from, to))) return;
    throw new MovementError(
      'move_not_possible',
      refusalText('one_database', { source: source.name, target: target.name }),
      {
        hint: 'Their addresses are two names of it. Move the tenant to another database, and remove one of the two data sources.',
      },
    );
  } finally {
    await Promise.all(opened.map(endQuietly));
  }
}

/**
 * Whether two sessions are in the same database, even by different addresses: only one session of a database can hold a lock. False if a login
 * may take no lock because it is no mover's; the preflight finds that.
 */
export async function isOneDatabase(one: pg.ClientBase, other: pg.ClientBase): Promise<boolean> {
  const key = [String(randomBytes(8).readBigInt64BE())];
  try {
    await one.query('select pg_advisory_lock($1)', key);
    const { rows } = await other.query<{ free: boolean }>('select pg_try_advisory_lock($1) as free', key);
    return !rows[0]?.free;
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === '42501') return false;
    throw error;
  } finally {
    for (const client of [one, other]) await client.query('select pg_advisory_unlock_all()').catch(() => {});
  }
}

/** See "Fencing off earlier attempts" in README.md. A fence of another owner is not changed; it makes later steps fail. */
async function takeOver(client: pg.Client, tenantId: string, { holder, epoch }: FenceClaim): Promise<void> {
  await client.query(
    `select pg_terminate_backend(pid, 5000) from pg_stat_activity
     where datname = current_database() and usename = current_user and pid <> pg_backend_pid()
       and application_name = current_setting('application_name')`,
  );
  const { rows } = await client.query<{ held: boolean }>('select tenancy.claim_fence($1, $2, $3) as held', [
    tenantId,
    holder,
    epoch === null ? null : String(epoch),
  ]);
  if (rows[0]?.held) await holdFence(client, tenantId, holder, 60_000);
}

export async function closeEndpoint(endpoint: OpenEndpoint | undefined): Promise<void> {
  await Promise.all([endQuietly(endpoint?.client), endQuietly(endpoint?.reader)]);
}

/** Calls `onSilence` if the endpoint stops answering on a separate connection. @returns a function that stops watching */
export async function watchEndpoint(
  endpoint: TenantEndpoint,
  moveId: string,
  onSilence: () => void,
): Promise<() => void> {
  const client = await connectMover({ url: endpoint.url, moveId });
  const stop = startHeartbeat(() => client.query('select 1'), SILENT_MS, onSilence);
  return () => {
    stop();
    void endQuietly(client);
  };
}

export function endpointUnreachable({ name }: TenantEndpoint): MovementError {
  return new MovementError('move_database_unreachable', `The database of ${name} does not answer.`, {
    hint: 'The move goes on when it can be reached.',
  });
}

/**
 * Opens both endpoints for work outside of a run of the move, and ends the work if one of them stops answering.
 *
 * @param signal ends the work too
 * @throws MovementError `move_database_unreachable`; DataSourceError where one cannot be connected to
 */
export async function withEndpoints<T>(
  endpoints: readonly [source: TenantEndpoint, target: TenantEndpoint],
  work: (source: OpenEndpoint, target: OpenEndpoint) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const id = randomUUID();
  const silence = new AbortController();
  const ended = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal;
  setMaxListeners(0, ended);
  const opened: OpenEndpoint[] = [];
  const watches: (() => void)[] = [];
  const open = async (endpoint: TenantEndpoint) => {
    const one = await openEndpoint(endpoint, id, undefined, ended).catch((error: unknown) => {
      ended.throwIfAborted();
      throw connectionError(endpoint.name, error) ?? error;
    });
    opened.push(one);
    watches.push(await watchEndpoint(endpoint, id, () => silence.abort(endpointUnreachable(endpoint))));
    return one;
  };
  try {
    return await work(await open(endpoints[0]), await open(endpoints[1]));
  } catch (error) {
    // The error is the reason why the connections were destroyed, not the fact that they were.
    ended.throwIfAborted();
    throw opened.reduce((failure, { client, name }) => failureOf(client, name, failure), error);
  } finally {
    for (const stop of watches) stop();
    await Promise.all(opened.map(closeEndpoint));
  }
}

/** The server's current WAL position. */
export async function currentLsn({ client }: Pick<OpenEndpoint, 'client'>): Promise<bigint> {
  const { rows } = await client.query<{ lsn: string }>('select pg_current_wal_lsn()::text as lsn');
  return parseLsn(rows[0]?.lsn ?? '0/0');
}
