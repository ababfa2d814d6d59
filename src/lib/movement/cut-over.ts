// The moment at which a tenant's home changes: either way, by one decision.
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { ChangedKeys } from './changed-keys';
import { MovementError } from './errors';
import { holderOf, holdFence, releaseFence } from './fence';
import type { Follower } from './follower';
import type { Move, MoveStore } from './move-store';
import type { MoveDependencies, TenantHome } from './ports';
import { type MovedTable, readTables, refuseUnlike } from './tables';

/** A home with connections of the mover. */
export interface OpenHome extends TenantHome {
  client: pg.Client;
  /** For reading while `client` is busy, and for the snapshot at the cut-over. */
  reader: pg.Client;
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
}

export interface CutOverResult {
  /** From asking for the fence to opening the other, ms: the longest that a statement had to wait. */
  pauseMs: number;
  /** Keys compared under the fence. */
  compared: number;
  fenceLsn: string;
}

/**
 * Cuts over, or gives up and lets the tenant go on at its old home.
 *
 * @throws MovementError `move_pause_limit`, `move_verification_failed`, `move_rogue_write`: given up, the old home is open;
 *   `move_route_unreachable`, `move_taken_over`: to be recovered
 */
export async function cutOver(options: CutOverOptions): Promise<CutOverResult> {
  const { move, store, dependencies, old, next, follower, findRogue, tables, changed, pauseLimitMs } =
    options;
  const hooks = dependencies.hooks ?? (() => {});
  const holder = holderOf(move);
  const route = await dependencies.route(move.tenantId);
  if (route.dataSourceId !== old.dataSourceId) {
    throw new MovementError('move_route_changed', 'The tenant’s route is not what the move expects.', {
      hint: 'See the audit log of the tenant: someone placed it elsewhere.',
    });
  }
  const { epoch } = route;
  await holdFence(next.client, next.tenantId, holder, 10_000);
  await hooks('close_fence');

  const started = performance.now();
  const left = () => Math.max(1, pauseLimitMs - (performance.now() - started));
  const marker = randomUUID();
  await holdFence(old.client, old.tenantId, holder, left(), follower.markerSql(marker));
  let decided = false;
  try {
    await hooks('fence_closed');
    const { rows } = await old.client.query<{ lsn: string }>('select pg_current_wal_lsn()::text as lsn');
    const [, rogue, here, there] = await Promise.all([
      follower.drainTo(marker, left()),
      findRogue?.(left()),
      readTables(old.reader),
      readTables(next.reader),
    ]);
    refuseUnlike(here, there);
    await hooks('drained');
    if (rogue) throw rogueWrite(rogue);

    await hooks('verify_changed');
    const compared = changed.size;
    await Promise.all([openSnapshot(old.reader), openSnapshot(next.reader)]);
    const differences = await changed.compare(
      tables,
      { client: old.reader, tenantId: old.tenantId },
      { client: next.reader, tenantId: next.tenantId },
    );
    if (differences.length > 0) throw verificationFailed(differences.length);
    if (performance.now() - started > pauseLimitMs) {
      throw new MovementError('move_pause_limit', `The cut-over was not ready within ${pauseLimitMs} ms.`);
    }

    await hooks('record_decision');
    await store.recordDecision(move, epoch);
    await hooks('decide');
    await decide(options, epoch);
    decided = true;
    await hooks('decided');
    await releaseFence(next.client, next.tenantId, epoch + 1n, holder);
    const pauseMs = performance.now() - started;
    await hooks('fence_opened');
    return { pauseMs, compared, fenceLsn: rows[0]?.lsn ?? '' };
  } catch (error) {
    if (!decided) await giveUp(options, epoch, error);
    throw error;
  }
}

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
async function giveUp(options: CutOverOptions, epoch: bigint, reason: unknown): Promise<void> {
  const { move, old } = options;
  if (reason instanceof MovementError && reason.code === 'move_taken_over') return;
  try {
    await Promise.all([options.old, options.next].map(({ reader }) => reader.query('rollback')));
  } catch {
    // A reader that is gone is not needed any more.
  }
  if (move.decidingEpoch === epoch) {
    await reopenOld(options, epoch);
  } else {
    // No attempt has recorded a decision for this epoch, so none is on its way.
    await releaseFence(old.client, old.tenantId, epoch, holderOf(move));
  }
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
  options: Pick<CutOverOptions, 'move' | 'store' | 'dependencies' | 'old' | 'next'>,
): Promise<boolean> {
  const { move, dependencies, old, next } = options;
  const holder = holderOf(move);
  const arrived = async () => {
    const route = await dependencies.route(move.tenantId);
    if (route.dataSourceId !== next.dataSourceId) return undefined;
    await holdFence(next.client, next.tenantId, holder, 60_000);
    await releaseFence(next.client, next.tenantId, route.epoch, holder);
    return true;
  };
  if (await arrived()) return true;
  await holdFence(old.client, old.tenantId, holder, 60_000);
  await holdFence(next.client, next.tenantId, holder, 60_000);
  const { dataSourceId, epoch } = await dependencies.route(move.tenantId);
  if (dataSourceId === old.dataSourceId) {
    if (move.decidingEpoch !== epoch) {
      await releaseFence(old.client, old.tenantId, epoch, holder);
      return false;
    }
    const stays = await reopenOld(options, epoch).then(
      () => true,
      (error: unknown) => {
        if (error instanceof MovementError && error.code === 'move_route_changed') return false;
        throw error;
      },
    );
    if (stays) return false;
  }
  if (await arrived()) return true;
  throw new MovementError('move_route_changed', 'The tenant’s route names neither home of this move.', {
    hint: 'See the audit log of the tenant: someone placed it elsewhere.',
  });
}
