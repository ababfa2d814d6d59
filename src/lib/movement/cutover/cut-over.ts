// The cut-over: changes a tenant's route from one database to the other by a single compare-and-set. A rollback is a cut-over too.

import type pg from 'pg';
import { formatLsn } from '@/lib/postgres';
import type { TenantTable } from '@/lib/tenant-data/rows';
import { withDeadline } from '@/lib/time';
import { currentLsn, type OpenEndpoint } from '../control/endpoints';
import type { Move } from '../control/move';
import type { MoveStore } from '../control/move-store';
import type { ChangeRoute, MoveDependencies } from '../control/ports';
import { MovementError, verificationFailed } from '../errors';
import { expectTables } from '../plan/same-tables';
import { Marker } from '../stream/marker';
import type { Replicator } from '../stream/replicator';
import type { ChangedKeys } from '../verify/changed-keys';
import { holderOf, holdFence, isLockTimeout, releaseFence } from './fence';
import { reopen } from './recovery';
import { continueSequences } from './sequences';

export interface CutOverOptions {
  move: Move;
  store: MoveStore;
  dependencies: MoveDependencies;
  /** The endpoint that the tenant leaves: the source of the move, or in a rollback the target. */
  from: OpenEndpoint;
  to: OpenEndpoint;
  /** Replicates from `from` to `to`. */
  replicator: Replicator;
  /** Looks for a write of another client at `to`. @returns the table of the write */
  findRogue?: (timeoutMs: number) => Promise<string | undefined>;
  tables: readonly TenantTable[];
  changed: ChangedKeys;
  pauseLimitMs: number;
  /** Called while rows are compared. Afterwards the operator's commands are no longer followed. */
  throwIfStopped?: () => Promise<void>;
}

export type CutOverResult =
  | {
      done: true;
      /** Time from requesting the fence of `from` to opening that of `to`, ms: the maximum that a statement had to wait. */
      pauseMs: number;
      /** Number of keys that were compared while both fences were closed. */
      compared: number;
      fenceLsn: string;
    }
  /** The tenant stays at `from`. */
  | { done: false; reason: unknown };

/** How long opening the fence of `from` again may take, ms, before recovery does it over new connections. */
const REOPEN_MS = 10_000;
/** How long a statement is waited for after its lock_timeout, ms. */
const HOLD_GRACE_MS = 2_000;

/**
 * Cuts over, or leaves the tenant at `from`.
 *
 * @throws if neither could be done: the move then has to recover, see {@link recoverCutOver}
 */
export async function cutOver(options: CutOverOptions): Promise<CutOverResult> {
  const { move, store, dependencies, from, to, replicator, pauseLimitMs } = options;
  const hooks = dependencies.hooks ?? (() => {});
  const holder = holderOf(move);
  let epoch: bigint | undefined;
  let decided = false;
  try {
    const route = await dependencies.route(move.tenantId);
    if (route.dataSourceId !== from.dataSourceId) {
      throw new MovementError('move_route_changed', 'The tenant’s route is not what the move expects.', {
        hint: 'It was changed outside of this move: see the audit log of the tenant.',
      });
    }
    const tablesAreTheSame = await expectTables([from.reader, to.reader], options.tables);
    const sequencesContinue = await continueSequences(from.client, to.client);
    await holdFence(to.client, to.tenantId, holder, 10_000);
    await hooks('close_fence');

    const started = performance.now();
    const left = () => Math.max(1, pauseLimitMs - (performance.now() - started));
    epoch = route.epoch;
    const marker = new Marker();
    replicator.holdAfter(marker);
    const holding = holdFence(from.client, from.tenantId, holder, left(), () =>
      replicator.mark(marker, from.client),
    );
    // The server ends the wait for the lock. This deadline is for a connection that no longer answers.
    await withDeadline(holding, left() + HOLD_GRACE_MS, pauseIsOver);
    const checks = { tablesAreTheSame, sequencesContinue };
    const { changeRoute, ...ready } = await withDeadline(
      prepare(options, marker, left, checks),
      left(),
      pauseIsOver,
    );

    await hooks('record_decision');
    // Recorded later than that, it only makes a recovery forestall a route change that is never sent.
    await withDeadline(store.recordDecision(move, epoch, ready.fenceLsn), left(), pauseIsOver);
    await hooks('decide');
    if (!(await changeRoute(epoch, holder))) {
      throw new MovementError('move_route_changed', 'The tenant’s route was changed outside of this move.');
    }
    decided = true;
    await hooks('decided');
    await releaseFence(to.client, to.tenantId, epoch + 1n, holder);
    const pauseMs = performance.now() - started;
    await hooks('fence_opened');
    return { done: true, pauseMs, ...ready };
  } catch (reason) {
    if (decided) throw reason;
    // After a lock timeout the fence of `from` is still open, and opening it would wait for the same lock again.
    if (epoch !== undefined && !isLockTimeout(reason)) {
      await withDeadline(
        letGoOn(options, epoch),
        REOPEN_MS,
        () => new MovementError('move_interrupted', 'The fence could not be opened again in time.'),
      );
    }
    replicator.resume();
    return { done: false, reason };
  }
}

/**
 * The work between closing the fence and changing the route: drains replication, looks for writes of others and changed tables, compares rows.
 * Independent parts run in parallel, because the tenant waits.
 *
 * @param checks quick repetitions of checks that were done before the fence was closed
 */
async function prepare(
  options: CutOverOptions,
  marker: Marker,
  left: () => number,
  checks: Record<'tablesAreTheSame' | 'sequencesContinue', () => Promise<void>>,
): Promise<{ compared: number; fenceLsn: string; changeRoute: ChangeRoute }> {
  const { dependencies, move, from, to, replicator, findRogue, changed } = options;
  const hooks = dependencies.hooks ?? (() => {});
  await hooks('fence_closed');
  const [, fenceLsn, rogue] = await Promise.all([
    replicator.drainTo(marker, left()),
    currentLsn(from),
    findRogue?.(left()),
    // A table that was created in both databases since the move began was neither copied nor replicated.
    checks.tablesAreTheSame(),
    checks.sequencesContinue(),
  ]);
  await hooks('drained');
  if (rogue) throw rogueWrite(rogue);

  await hooks('verify_changed');
  const compared = changed.size;
  const [changeRoute] = await Promise.all([
    dependencies.prepareRoute(move.tenantId, {
      dataSourceId: to.dataSourceId,
      tenantIdInDataSource: to.tenantId,
    }),
    compareInSnapshots(options),
    options.throwIfStopped?.(),
  ]);
  return { compared, fenceLsn: formatLsn(fenceLsn), changeRoute };
}

/** @throws MovementError `move_verification_failed` */
async function compareInSnapshots({ from, to, tables, changed }: CutOverOptions): Promise<void> {
  await Promise.all([openSnapshot(from.reader), openSnapshot(to.reader)]);
  const differences = await changed.compare(
    tables,
    { client: from.reader, tenantId: from.tenantId },
    { client: to.reader, tenantId: to.tenantId },
  );
  if (differences.length > 0) throw verificationFailed(differences.length);
}

/** The error if the tenant has waited for as long as it may. The network may have dropped the answer. */
const pauseIsOver = () =>
  new MovementError('move_pause_limit', 'The cut-over was not ready within its limit.', {
    hint: 'Nothing was changed. Cut over again at a quieter time, or with a longer limit.',
  });

function rogueWrite(table: string): MovementError {
  return new MovementError(
    'move_rogue_write',
    `Rows of the tenant in ${table} were written at the target outside of the move.`,
    { hint: 'Abort the move, find out who wrote them, and start it again.' },
  );
}

/** Keeps a snapshot of the rows at the cut-over position, so that all of them can be compared after the pause. */
async function openSnapshot(client: pg.Client): Promise<void> {
  await client.query('rollback; begin isolation level repeatable read read only; select 1');
}

async function letGoOn(options: CutOverOptions, epoch: bigint): Promise<void> {
  const { move, dependencies, from, to } = options;
  await reopen({ move, dependencies, from }, epoch);
  // This is not awaited, since a reader that no longer answers must not delay the move.
  for (const { reader } of [from, to]) reader.query('rollback').catch(() => {});
}
