// The initial copy of a tenant's rows, under the snapshot at which replication starts. It resumes after a crash.

import { formatLsn } from '@/lib/postgres';
import { endQuietly, inTransaction, occupiedTables } from '@/lib/tenant-data/rows';
import type { CopyRange } from '../control/move';
import { objectName } from '../control/move';
import type { MoveContext } from '../control/move-context';
import { Pacer } from '../control/pacer';
import { oldestTransaction, reportWait } from '../control/waits-for';
import { beginHeld, holderOf } from '../cutover/fence';
import { applierOptions, forwardSlots, originOf, startForward } from '../stream/directions';
import { slotTimeoutMs } from '../stream/prepare';
import type { Replicator } from '../stream/replicator';
import { createSlot, dropSlot, isKept } from '../stream/slots';
import { StreamReplicator } from '../stream/stream-replicator';
import { beginInSnapshot, copyTables } from './copy-tables';
import { CopyProgress } from './progress';
import { isCopied, planRanges } from './ranges';
import { removeRows } from './remove-rows';

const DEFAULT_RANGE_ROWS = 250_000;
const DEFAULT_COPY_WORKERS = 2;
/** How often a copy checks for a new command of the operator, ms. */
const COMMAND_POLL_MS = 1_000;
/** A copy smaller than this is not paced, bytes: it ends before its effect on others can be measured. */
const SMALL_BYTES = 10_000_000;
/** Autovacuum's own defaults: a number of rows, and a share of the rows before. */
const [ANALYZE_ROWS, ANALYZE_SHARE] = [50, 0.1];

/** Copies the ranges that are not copied yet. @returns the replication that starts at the position of the copy */
export async function copyForMove(context: MoveContext): Promise<Replicator> {
  const { move, store } = context;
  if (move.mode === 'change_log') {
    await discardCopy(context);
    await withSnapshot(context, (snapshot) => copyRanges(context, snapshot));
    return startForward(context);
  }
  const [slot] = await forwardSlots(context);
  const ranges = await store.ranges.of(move.id);
  // After a failover the slot does not exist. Then the copy begins again; nothing else is lost.
  const resumes =
    move.step === 'copying' &&
    slot !== undefined &&
    ranges.some(({ done }) => done) &&
    (await isKept(context.source, slot));
  if (!resumes) await discardCopy(context);
  const fresh = await makeSlot(context);
  try {
    if (resumes) await bringUpTo(context, slot, ranges, fresh.position);
    await setPosition(context, fresh.position);
    if (resumes) await forgetSlot(context, slot);
    await copyRanges(context, fresh.snapshot);
  } finally {
    await fresh.release();
  }
  return startForward(context, fresh.position);
}

/** Removes the rows, slots and positions of an earlier copy. */
export async function discardCopy(context: MoveContext): Promise<void> {
  const { move, store, target } = context;
  for (const slot of await forwardSlots(context)) await forgetSlot(context, slot);
  // Ranges are planned before the first row is copied, and deleted after the last row is removed.
  if ((await store.ranges.of(move.id)).length > 0) {
    await removeRows(target.client, target.tenantId, holderOf(move));
  }
  await store.ranges.forget(move);
  await inTransaction(target.client, beginAtTarget(context), () =>
    target.client.query('delete from tenancy.move_progress where move_id = $1', [move.id]),
  );
}

async function makeSlot(context: MoveContext) {
  const { move, store, source, hooks, signal } = context;
  // These slots were created by crashed attempts, whose snapshots are lost.
  const [, ...unusable] = await forwardSlots(context);
  for (const slot of unusable) await forgetSlot(context, slot);
  await hooks('create_slot');
  const slot = `${objectName(move.id, 'forward')}_${move.attempt}`;
  await store.objects.record(move, { kind: 'slot', dataSource: source.dataSourceId, name: slot });
  const creating = createSlot({ url: source.url, moveId: move.id, slot, signal }, slotTimeoutMs(context));
  return reportWait(context, () => oldestTransaction(source), creating);
}

async function forgetSlot({ move, store, source }: MoveContext, slot: string): Promise<void> {
  await dropSlot(source.client, slot);
  await store.objects.forget(move, { kind: 'slot', dataSource: source.dataSourceId, name: slot });
}

/** Brings the rows that were copied under the first snapshot to the position of the second one, by replication. */
async function bringUpTo(
  context: MoveContext,
  slot: string,
  ranges: readonly CopyRange[],
  until: bigint,
): Promise<void> {
  const { move, source, tables, hooks } = context;
  const ofTable = (name: string) => ranges.filter(({ table }) => table === name);
  const replicator = new StreamReplicator({
    stream: {
      url: source.url,
      moveId: move.id,
      slot,
      publication: objectName(move.id, 'forward'),
      tables: tables.source,
      origin: await originOf(context),
    },
    applier: await applierOptions(context, 'forward'),
    accept: (change) => change.kind === 'truncate' || isCopied(ofTable(change.table), change.key),
    until,
    hooks,
  });
  try {
    await replicator.start(0n);
    await Promise.race([replicator.reached, replicator.failed]);
  } finally {
    await replicator.stop();
  }
}

async function setPosition(context: MoveContext, position: bigint): Promise<void> {
  const { move, target } = context;
  await inTransaction(target.client, beginAtTarget(context), () =>
    target.client.query(
      `insert into tenancy.move_progress (move_id, stream, lsn) values ($1, 'forward', $2)
       on conflict (move_id, stream) do update set lsn = excluded.lsn`,
      [move.id, formatLsn(position)],
    ),
  );
}

function beginAtTarget({ move, target }: MoveContext): string {
  return beginHeld(target.tenantId, holderOf(move));
}

export async function copyRanges(context: MoveContext, snapshot: string): Promise<void> {
  const { move, store, source, target, tables, hooks } = context;
  const { options } = move;
  let ranges = await store.ranges.of(move.id);
  const again = ranges.length > 0;
  let occupied: Set<string> | undefined;
  if (!again) {
    const pause = Pacer.forBackground(move).flow();
    occupied = await inTransaction(source.client, beginInSnapshot(snapshot), () =>
      occupiedTables(source.client, tables.source, source.tenantId, pause),
    );
    const { rangeRows = DEFAULT_RANGE_ROWS } = options;
    await store.ranges.plan(move, await planRanges(source, tables.target, occupied, rangeRows));
    ranges = await store.ranges.of(move.id);
  }
  if (move.step === 'preparing') await store.setStep(move, 'copying');
  const small = (move.progress.bytesExpected ?? Number.POSITIVE_INFINITY) < SMALL_BYTES;
  const { load = small ? false : {}, copyWorkers = small ? 1 : DEFAULT_COPY_WORKERS } = options;
  const pacer = await Pacer.forCopy([source, target], { id: move.id, options, load });
  const progress = new CopyProgress(context, ranges, pacer);
  const { promise: stopped, reject: stop } = Promise.withResolvers<never>();
  // During an offline cut-over the run reads no commands itself, because it must open the source's fence first.
  const polling = setInterval(() => context.throwIfStopped().catch(stop), COMMAND_POLL_MS);
  try {
    await copyTables({
      ...{ move, source, target, tables: tables.target, occupied, snapshot, ranges, hooks, pacer, stopped },
      beginTarget: beginAtTarget(context),
      workers: copyWorkers,
      onBytes: (bytes) => progress.add(bytes),
      clearFirst: again,
      onRangeDone: async (range) => {
        await store.ranges.finish(move, range);
        await context.throwIfStopped();
      },
    });
  } finally {
    clearInterval(polling);
    await Promise.all([progress.close(), pacer.close()]);
  }
  await analyzeGrown(context, ranges);
}

/**
 * Renews the statistics of tables that the copy has filled, as autovacuum would a minute later. Until then sessions would make plans for an
 * empty table, and keep them.
 */
async function analyzeGrown({ target, tables }: MoveContext, ranges: readonly CopyRange[]): Promise<void> {
  for (const { oid, name, estimatedRows } of tables.target) {
    const rows = ranges.reduce((sum, range) => sum + (range.table === name ? Number(range.rows) : 0), 0);
    if (rows > ANALYZE_ROWS + ANALYZE_SHARE * Math.max(0, estimatedRows))
      await target.client.query('select tenancy.analyze_table($1::oid)', [oid]);
  }
}

/** Runs `work` while a transaction at the source keeps an exported snapshot. */
export async function withSnapshot(
  { source }: MoveContext,
  work: (snapshot: string) => Promise<void>,
): Promise<void> {
  const keeper = await source.connect();
  try {
    await keeper.query('begin isolation level repeatable read read only');
    const { rows } = await keeper.query<{ snapshot: string }>('select pg_export_snapshot() as snapshot');
    await work(rows[0]?.snapshot ?? '');
  } finally {
    await endQuietly(keeper);
  }
}
