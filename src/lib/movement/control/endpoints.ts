// The source and target of a move, with the mover's connections to them.

import { randomBytes, randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import pg from 'pg';
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

/** In whose name a run claims the tenant's fence. */
interface FenceClaim {
  holder: string;
  /** At the source: the epoch at which the fence is open when the move begins. Null at the target. */
  epoch: bigint | null;
}

/** An endpoint without an answer for so long is unreachable. */
const SILENT_MS = 10_000;

/** How long it may take to claim an endpoint: earlier attempts' sessions are ended, and their transactions awaited. */
const OPEN_MS = 90_000;

/**
 * Opens the mover's connections to an endpoint.
 *
 * @param claim takes the endpoint over from earlier attempts before anything else is done there
 * @param signal destroys every connection to the endpoint, also those that are opened later
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
    // Nothing watches the endpoint yet: a network that drops packets would keep the move here for ever.
    return await withDeadline(opening(), OPEN_MS, () => endpointUnreachable(endpoint));
  } catch (error) {
    await endQuietly(client);
    throw error;
  }
}

/**
 * A move needs sessions of its own, for replication, imported snapshots and locks. A pooler reports process ids that are not the server's.
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
 * Refuses endpoints that a move cannot be made between. One that cannot be reached now may be reachable later.
 *
 * @throws MovementError `move_not_possible` behind a pooler, or where both are one database
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
 * Whether two sessions are of one database, whatever its addresses are: of a database's sessions only one can hold a lock. False where a
 * login may take none because it is no mover's, which the preflight finds.
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

/** See "Fencing off earlier attempts" in README.md. A fence of another owner stays as it is; later steps fail because of it. */
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

/** Calls `onSilence` when the endpoint stops answering on a connection of its own. @returns stops watching */
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
 * Opens both endpoints for work outside a run of the move, and ends that work when one of them stops answering.
 *
 * @param signal ends it too
 * @throws MovementError `move_database_unreachable`
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
    const one = await openEndpoint(endpoint, id, undefined, ended);
    opened.push(one);
    watches.push(await watchEndpoint(endpoint, id, () => silence.abort(endpointUnreachable(endpoint))));
    return one;
  };
  try {
    return await work(await open(endpoints[0]), await open(endpoints[1]));
  } catch (error) {
    // Report why the connections were destroyed, not that they were.
    ended.throwIfAborted();
    throw error;
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
