// The two homes of a move, with the connections that a run of it keeps.
import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type pg from 'pg';
import type { OpenHome } from '../cutover/cut-over';
import { holdFence } from '../cutover/fence';
import { MovementError } from '../errors';
import { parseLsn } from '../stream/lsn';
import { keepAsking } from './heartbeat';
import { connectMover, endQuietly } from './mover-connection';
import type { Home, TenantHome } from './ports';

/** A home that has answered nothing for so long is taken to be out of reach. */
const SILENT_MS = 10_000;

/**
 * Opens the mover's connections to a home.
 *
 * @param owner whoever takes the move over ends what an earlier attempt still has open there, before anything else
 * @param signal destroys every connection to the home, also those that are opened by it later
 */
export async function openHome(
  home: TenantHome,
  moveId: string,
  owner?: Owner,
  signal?: AbortSignal,
): Promise<OpenHome> {
  const connect = () => connectMover({ url: home.url, moveId, signal });
  const client = await connect();
  try {
    await refusePooler(client, home);
    if (owner) await takeOver(client, home.tenantId, owner);
    return { ...home, client, reader: await connect(), connect };
  } catch (error) {
    await endQuietly(client);
    throw error;
  }
}

/**
 * A move needs sessions: for replication, snapshots that others import, locks. A pooler gives out process ids of its own.
 *
 * @throws MovementError `move_not_possible`
 */
async function refusePooler(client: pg.Client, { name }: Home): Promise<void> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  if (rows[0]?.pid === (client as pg.Client & { processID: number }).processID) return;
  throw new MovementError('move_not_possible', `The data source ${name} is reached through a pooler.`, {
    hint: `A move needs the address of the server itself: marquee source set-direct-url ${name}`,
  });
}

/** Refuses what a move could not begin with; a home that cannot be reached now may be later. */
export async function expectSessions(home: Home): Promise<void> {
  const client = await connectMover({ url: home.url, moveId: randomUUID() }).catch(() => undefined);
  try {
    if (client) await refusePooler(client, home);
  } finally {
    await endQuietly(client);
  }
}

/** As whom a run takes a fence over. */
interface Owner {
  holder: string;
  /** Where the tenant lives when the move begins: the epoch at which its fence is open. Null elsewhere. */
  epoch: bigint | null;
}

/** See "Who comes late" in README.md. A fence that is another's stays as it is: what needs it finds that out. */
async function takeOver(client: pg.Client, tenantId: string, { holder, epoch }: Owner): Promise<void> {
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

export async function closeHome(home: OpenHome | undefined): Promise<void> {
  await Promise.all([endQuietly(home?.client), endQuietly(home?.reader)]);
}

/** Calls `onSilence` when the home does not answer any more, over a connection of its own. @returns stops watching */
export async function watchHome(
  home: TenantHome,
  moveId: string,
  onSilence: () => void,
): Promise<() => void> {
  const client = await connectMover({ url: home.url, moveId });
  const stop = keepAsking(() => client.query('select 1'), SILENT_MS, onSilence);
  return () => {
    stop();
    void endQuietly(client);
  };
}

export function homeUnreachable({ name }: TenantHome): MovementError {
  return new MovementError('move_home_unreachable', `The database of ${name} answers no more.`, {
    hint: 'The move goes on when it can be reached.',
  });
}

/**
 * Opens both homes for some work beside a move, which ends when one of them answers no more.
 *
 * @param signal ends it too
 * @throws MovementError `move_home_unreachable`
 */
export async function withHomes<T>(
  places: readonly [from: TenantHome, to: TenantHome],
  work: (from: OpenHome, to: OpenHome) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const id = randomUUID();
  const silence = new AbortController();
  const ended = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal;
  setMaxListeners(0, ended);
  const opened: OpenHome[] = [];
  const watches: (() => void)[] = [];
  const open = async (place: TenantHome) => {
    const home = await openHome(place, id, undefined, ended);
    opened.push(home);
    watches.push(await watchHome(place, id, () => silence.abort(homeUnreachable(place))));
    return home;
  };
  try {
    return await work(await open(places[0]), await open(places[1]));
  } catch (error) {
    // Why the connections ended, and not that they did.
    ended.throwIfAborted();
    throw error;
  } finally {
    for (const stop of watches) stop();
    await Promise.all(opened.map(closeHome));
  }
}

/** Where a home's write-ahead log stands. */
export async function currentLsn(home: OpenHome): Promise<bigint> {
  const { rows } = await home.client.query<{ lsn: string }>('select pg_current_wal_lsn()::text as lsn');
  return parseLsn(rows[0]?.lsn ?? '0/0');
}
