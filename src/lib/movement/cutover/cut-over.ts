// The moment at which a tenant's home changes: either way, by one decision.

import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { withDeadline } from '@/lib/time';
import type { Move, MoveStore } from '../control/move-store';
import type { MoveDependencies, TenantHome } from '../control/ports';
import { MovementError } from '../errors';
import { type MovedTable, readTables, refuseUnlike } from '../plan/tables';
import type { Follower } from '../stream/replicator';
import type { ChangedKeys } from '../verify/changed-keys';
import { holderOf, holdFence, isLockTimeout, releaseFence } from './fence';
import { continueNumbering } from './sequences';

/** A home with connections of the mover. */
export interface OpenHome extends TenantHome {
  client: pg.Client;
  /** For reading while `client` is busy, and for the snapshot at the cut-over. */
  reader: pg.Client;
  /** Opens another connection of the mover, which ends with the home's. */
  connect(): Promise<pg.Client>;
}

export interface CutOverOptions {
  move: Move;
  store: MoveStore;
  dependencies: MoveDependencies;
  /** The home that is left, and the one that comes. */
  old: OpenHome;
  next: OpenHome;
  /** From old to next. */
  follower: Follower;
  /** The table of a write that nobody should have made at the next home. */
  findRogue?: (timeoutMs: number) => Promise<string | undefined>;
  tables: readonly MovedTable[];
  changed: ChangedKeys;
  pauseLimitMs: number;
  /** Asked before the decision: the last moment at which the operator may want something else. */
  mayGoOn?: () => Promise<void>;
}

/** Arrived in the next home, or given up: then the tenant goes on in the old one. */
export type CutOverResult =
  | {
      arrived: true;
      /** From asking for the fence to opening the other, ms: the longest that a statement had to wait. */
      pauseMs: number;
      /** Keys compared under the fence. */
      compared: number;
      fenceLsn: string;
    }
  | { arrived: false; reason: unknown };

/** How long opening the old home again may take before it is left to recovery, over new connections. */
const GIVE_UP_MS = 10_000;
/** Beyond the time a lock may be waited for. */
const HOLD_GRACE_MS = 2_000;

/**
 * Cuts over, or gives up and lets the tenant go on at its old home.
 *
 * @throws what kept us from either: to be recovered
 */
export async function cutOver(options: CutOverOptions): Promise<CutOverResult> {
  const { move, store, dependencies, old, next, follower, pauseLimitMs } = options;
  const hooks = dependencies.hooks ?? (() => {});
  const holder = holderOf(move);
  let epoch: bigint | undefined;
  let decided = false;
  try {
    const route = await dependencies.route(move.tenantId);
    if (route.dataSourceId !== old.dataSourceId) {
      throw new MovementError('move_route_changed', 'The tenant’s route is not what the move expects.', {
        hint: 'See the audit log of the tenant: someone placed it elsewhere.',
      });
    }
    await holdFence(next.client, next.tenantId, holder, 10_000);
    await hooks('close_fence');

    const started = performance.now();
    const left = () => Math.max(1, pauseLimitMs - (performance.now() - started));
    epoch = route.epoch;
    const marker = randomUUID();
    follower.holdAfter(marker);
    // The server ends the wait for the lock; ours is for a connection that says nothing any more.
    const hold = holdFence(old.client, old.tenantId, holder, left(), follower.markerSql(marker));
    await withDeadline(hold, left() + HOLD_GRACE_MS, pauseIsOver);
    const ready = await withDeadline(prepare(options, marker, left), left(), pauseIsOver);

    await options.mayGoOn?.();
    await hooks('record_decision');
    await store.recordDecision(move, epoch, ready.fenceLsn);
    await hooks('decide');
    await decide(options, epoch);
    decided = true;
    await hooks('decided');
    await releaseFence(next.client, next.tenantId, epoch + 1n, holder);
    const pauseMs = performance.now() - started;
    await hooks('fence_opened');
    return { arrived: true, pauseMs, ...ready };
  } catch (reason) {
    if (decided) throw reason;
    // The database's word that the lock was not had: the old home is open, and opening it would wait for that lock again.
    if (epoch !== undefined && !isLockTimeout(reason)) {
      await withDeadline(
        giveUp(options, epoch),
        GIVE_UP_MS,
        () => new MovementError('move_interrupted', 'The old home could not be opened again in time.'),
      );
    }
    follower.goOn();
    return { arrived: false, reason };
  }
}

/** Everything between the closed fence and the decision: drain, look for rogue writes and changed tables, compare. */
async function prepare(
  options: CutOverOptions,
  marker: string,
  left: () => number,
): Promise<{ compared: number; fenceLsn: string }> {
  const { dependencies, old, next, follower, findRogue, tables, changed } = options;
  const hooks = dependencies.hooks ?? (() => {});
  await hooks('fence_closed');
  const { rows } = await old.client.query<{ lsn: string }>('select pg_current_wal_lsn()::text as lsn');
  const [, rogue, here, there] = await Promise.all([
    follower.drainTo(marker, left()),
    findRogue?.(left()),
    readTables(old.reader),
    readTables(next.reader),
  ]);
  refuseUnlike(here, there);
  // A table that both got meanwhile was neither copied nor followed.
  refuseUnlike(here, tables);
  await hooks('drained');
  if (rogue) throw rogueWrite(rogue);
  await continueNumbering(old.client, next.client);

  await hooks('verify_changed');
  const compared = changed.size;
  await Promise.all([openSnapshot(old.reader), openSnapshot(next.reader)]);
  const differences = await changed.compare(
    tables,
    { client: old.reader, tenantId: old.tenantId },
    { client: next.reader, tenantId: next.tenantId },
  );
  if (differences.length > 0) throw verificationFailed(differences.length);
  return { compared, fenceLsn: rows[0]?.lsn ?? '' };
}

/** The tenant's write pause is over: the cut-over fails, also where the network swallows the answer. */
const pauseIsOver = () =>
  new MovementError('move_pause_limit', 'The cut-over was not ready within its limit.', {
    hint: 'Nothing was changed. Cut over again at a quieter time, or with a longer limit.',
  });

function rogueWrite(table: string): MovementError {
  return new MovementError(
    'move_rogue_write',
    `Somebody else wrote to ${table} of the tenant in its new home.`,
    {
      hint: 'Abort the move, find out who, and start it again.',
    },
  );
}

export function verificationFailed(count: number): MovementError {
  return new MovementError('move_verification_failed', `${count} rows differ between the homes.`, {
    hint: 'See: marquee move verify. The tenant stays where it is.',
  });
}

/** What the rows are at the cut-over position, for a whole comparison after the pause. */
async function openSnapshot(client: pg.Client): Promise<void> {
  await client.query('rollback');
  await client.query('begin isolation level repeatable read read only; select 1');
}

async function decide({ dependencies, move, next }: CutOverOptions, expectedEpoch: bigint): Promise<void> {
  const decided = await dependencies.decide(
    move.tenantId,
    { dataSourceId: next.dataSourceId, tenantIdInDataSource: next.tenantId, expectedEpoch },
    holderOf(move),
  );
  if (decided) return;
  throw new MovementError('move_route_changed', 'The tenant’s route was changed meanwhile.');
}

/** Lets the tenant go on at its old home. */
async function giveUp(options: CutOverOptions, epoch: bigint): Promise<void> {
  const { move, old, next } = options;
  if (move.decidingEpoch === epoch) {
    await reopenOld(options, epoch);
  } else {
    // No attempt has recorded a decision for this epoch, so none is on its way; a later one would hold the fence first.
    await releaseFence(old.client, old.tenantId, epoch, holderOf(move));
  }
  // Not waited for: a reader whose answer is swallowed must not keep the move from going on.
  for (const { reader } of [old, next]) reader.query('rollback').catch(() => {});
}

/** A decision may have been taken, or still be on its way: the route says which, and one of our own forestalls it. */
async function reopenOld(
  { dependencies, move, old }: Pick<CutOverOptions, 'dependencies' | 'move' | 'old'>,
  epoch: bigint,
): Promise<void> {
  const mine = await dependencies.decide(
    move.tenantId,
    { dataSourceId: old.dataSourceId, tenantIdInDataSource: old.tenantId, expectedEpoch: epoch },
    holderOf(move),
  );
  if (!mine) {
    throw new MovementError('move_route_changed', 'The decision has been taken already.', {
      hint: 'The move recovers by itself.',
    });
  }
  await releaseFence(old.client, old.tenantId, epoch + 1n, holderOf(move));
}

/**
 * After a crash during a cut-over: finds out which home it is, and opens it.
 *
 * @returns whether the tenant lives in the next home
 */
export async function recoverCutOver(
  options: Pick<CutOverOptions, 'move' | 'store' | 'dependencies'> & Record<'old' | 'next', HomeToOpen>,
): Promise<boolean> {
  const { move, dependencies } = options;
  const holder = holderOf(move);
  const arrived = async () => {
    const route = await dependencies.route(move.tenantId);
    if (route.dataSourceId !== options.next.dataSourceId) return false;
    const next = await options.next.open();
    if (await isOpen(next, route.epoch)) return true;
    await holdFence(next.client, next.tenantId, holder, 60_000);
    await releaseFence(next.client, next.tenantId, route.epoch, holder);
    return true;
  };
  if (await arrived()) return true;
  const before = await dependencies.route(move.tenantId);
  const old = await options.old.open();
  // Never closed, or opened again already: nobody at the old home has to wait for us.
  if (
    before.dataSourceId === old.dataSourceId &&
    move.decidingEpoch !== before.epoch &&
    (await isOpen(old, before.epoch))
  )
    return false;
  await holdFence(old.client, old.tenantId, holder, 60_000);
  await holdNext(options.next, holder);
  const { dataSourceId, epoch } = await dependencies.route(move.tenantId);
  if (dataSourceId === old.dataSourceId) {
    if (move.decidingEpoch !== epoch) {
      await releaseFence(old.client, old.tenantId, epoch, holder);
      return false;
    }
    const stays = await reopenOld({ move, dependencies, old }, epoch).then(
      () => true,
      (error: unknown) => {
        if (error instanceof MovementError && error.code === 'move_route_changed') return false;
        throw error;
      },
    );
    if (stays) return false;
  }
  // The route names neither home, or this one: elsewhere somebody else has placed the tenant, and it is not here.
  return arrived();
}

/** A home of a cut-over to recover, which may be out of reach. */
export interface HomeToOpen {
  dataSourceId: string;
  open(): Promise<OpenHome>;
}

/**
 * The home that was to come may be gone. It is opened only after a decision, and none is on its way that the route will not say or
 * ours not forestall: so the tenant goes on in the old home without it.
 */
async function holdNext({ open }: HomeToOpen, holder: string): Promise<void> {
  try {
    const next = await open();
    await holdFence(next.client, next.tenantId, holder, 60_000);
  } catch (error) {
    if (error instanceof MovementError && error.code === 'move_taken_over') throw error;
  }
}

async function isOpen({ client, tenantId }: OpenHome, epoch: bigint): Promise<boolean> {
  const { rows } = await client.query<{ open: boolean }>(
    `select state = 'open' and epoch = $2 as open from tenancy.fence where tenant_id = $1`,
    [tenantId, String(epoch)],
  );
  return rows[0]?.open ?? false;
}
