// The step `copying`: the first copy under a snapshot, taken up again after a crash.

import { objectName, removeRows } from '../control/clean-up';
import { Yielding } from '../control/load-gauge';
import type { CopyRange } from '../control/move-store';
import { endQuietly, inTransaction } from '../control/mover-connection';
import type { MoveContext } from '../control/open-move';
import { Rest } from '../control/pacer';
import { Throttle } from '../control/throttle';
import { oldestTransaction, sayWaiting } from '../control/waits-for';
import { verificationFailed } from '../cutover/cut-over';
import { beginHeld, holderOf } from '../cutover/fence';
import { occupiedTables } from '../plan/tables';
import { createSlot, dropSlot } from '../stream/change-stream';
import { applierOptions, echoOf, followOut, recordedSlots, slotTimeoutMs } from '../stream/replication';
import type { Follower } from '../stream/replicator';
import { StreamFollower } from '../stream/replicator';
import { compareHomes } from '../verify/compare';
import { beginIn, copied, copyTables, planRanges } from './copy-tables';
import { CopyProgress } from './progress';

const DEFAULT_RANGE_ROWS = 250_000;
const DEFAULT_COPY_WORKERS = 2;
/** How often a copy asks whether the operator wants something else. */
const ASK_EVERY_MS = 1_000;
/** What is copied before it could be measured what that does to others. */
const SMALL_BYTES = 10_000_000;
/** As autovacuum's own defaults: so many rows, and such a part of what was there. */
const [ANALYZE_ROWS, ANALYZE_SHARE] = [50, 0.1];

/** Copies what is not copied yet, then follows the old home from where the copy stands. */
export async function copyForMove(context: MoveContext): Promise<Follower> {
  const { move, store } = context;
  if (move.mode === 'change_log') {
    await startAnew(context);
    await withSnapshot(context, (snapshot) => copyRanges(context, snapshot));
    return followOut(context);
  }
  const [slot] = await recordedSlots(context);
  const ranges = await store.ranges(move.id);
  const goesOn = move.step === 'copying' && slot !== undefined && ranges.some(({ done }) => done);
  if (!goesOn) await startAnew(context);
  const fresh = await makeSlot(context);
  try {
    if (goesOn) await bringUpTo(context, slot, ranges, fresh.position);
    await setPosition(context, fresh.position);
    if (goesOn) await forgetSlot(context, slot);
    await copyRanges(context, fresh.snapshot);
  } finally {
    await fresh.release();
  }
  return followOut(context, fresh.position);
}

/** Nothing that was copied before counts. */
async function startAnew(context: MoveContext): Promise<void> {
  const { move, store, to } = context;
  for (const slot of await recordedSlots(context)) await forgetSlot(context, slot);
  // Ranges are planned before the first row comes, and forgotten after the last has gone.
  if ((await store.ranges(move.id)).length > 0) await removeRows(to.client, to.tenantId, holderOf(move));
  await store.forgetRanges(move);
  await inTransaction(to.client, heldAt(context), () =>
    to.client.query('delete from tenancy.move_progress where move_id = $1', [move.id]),
  );
}

async function makeSlot(context: MoveContext) {
  const { move, store, from, hooks, signal } = context;
  // A slot that a crashed attempt made for its copy has no snapshot any more.
  const [, ...halfMade] = await recordedSlots(context);
  for (const slot of halfMade) await forgetSlot(context, slot);
  await hooks('create_slot');
  const slot = `${objectName(move.id, 'out')}_${move.attempt}`;
  await store.recordObject(move, { kind: 'slot', dataSource: from.dataSourceId, name: slot });
  const making = createSlot({ url: from.url, moveId: move.id, slot, signal }, slotTimeoutMs(context));
  return sayWaiting(context, () => oldestTransaction(from), making);
}

async function forgetSlot({ move, store, from }: MoveContext, slot: string): Promise<void> {
  await dropSlot(from.client, slot);
  await store.forgetObject(move, { kind: 'slot', dataSource: from.dataSourceId, name: slot });
}

/** What was copied under the first snapshot is brought to where the second one stands. */
async function bringUpTo(
  context: MoveContext,
  slot: string,
  ranges: readonly CopyRange[],
  until: bigint,
): Promise<void> {
  const { move, from, tables, hooks } = context;
  const ofTable = (name: string) => ranges.filter(({ table }) => table === name);
  const follower = new StreamFollower({
    stream: {
      url: from.url,
      moveId: move.id,
      slot,
      publication: objectName(move.id, 'out'),
      tables: tables.from,
      echo: echoOf(context),
    },
    applier: await applierOptions(context, 'out'),
    accept: (change) => change.kind === 'truncate' || copied(ofTable(change.table), change.key),
    until,
    hooks,
  });
  try {
    await follower.start(0n);
    await Promise.race([follower.reached, follower.failed]);
  } finally {
    await follower.stop();
  }
}

async function setPosition(context: MoveContext, position: bigint): Promise<void> {
  const { move, to } = context;
  await inTransaction(to.client, heldAt(context), () =>
    to.client.query(
      `insert into tenancy.move_progress (move_id, stream, lsn) values ($1, 'out', '0/0'::pg_lsn + $2::numeric)
       on conflict (move_id, stream) do update set lsn = excluded.lsn`,
      [move.id, String(position)],
    ),
  );
}

function heldAt({ move, to }: MoveContext): string {
  return beginHeld(to.tenantId, holderOf(move));
}

async function copyRanges(context: MoveContext, snapshot: string): Promise<void> {
  const { move, store, from, to, tables, hooks } = context;
  const { options } = move;
  let ranges = await store.ranges(move.id);
  const again = ranges.length > 0;
  let occupied: Set<string> | undefined;
  if (!again) {
    const rest = new Rest(move);
    occupied = await inTransaction(from.client, beginIn(snapshot), () =>
      occupiedTables(from.client, tables.from, from.tenantId, () => rest.take()),
    );
    const { rangeRows = DEFAULT_RANGE_ROWS } = options;
    await store.planRanges(move, await planRanges(from, tables.to, occupied, rangeRows));
    ranges = await store.ranges(move.id);
  }
  if (move.step === 'preparing') await store.setStep(move, 'copying');
  const small = (move.progress.bytesExpected ?? Number.POSITIVE_INFINITY) < SMALL_BYTES;
  const {
    load = small ? false : {},
    copyWorkers = small ? 1 : DEFAULT_COPY_WORKERS,
    bytesPerSecond,
  } = options;
  const yielding = load === false ? undefined : await Yielding.open([from, to], move.id, load);
  const reporting = new CopyProgress(context, ranges, yielding);
  const { promise: stopped, reject: stop } = Promise.withResolvers<never>();
  // Within an offline cut-over the run itself hears nothing: the source has to be opened again first.
  const asking = setInterval(() => context.mayGoOn().catch(stop), ASK_EVERY_MS);
  try {
    await copyTables({
      ...{ move, from, to, tables: tables.to, occupied, snapshot, ranges, hooks },
      held: heldAt(context),
      workers: copyWorkers,
      throttle: new Throttle(bytesPerSecond, yielding && (() => yielding.share)),
      moved: (bytes) => reporting.moved(bytes),
      clearFirst: again,
      stopped,
      finished: async (range) => {
        await store.finishRange(move, range);
        await context.mayGoOn();
      },
    });
  } finally {
    clearInterval(asking);
    await Promise.all([reporting.close(), yielding?.close()]);
  }
  await analyzeGrown(context, ranges);
}

/**
 * Tells the planner of tables that have grown by what was copied, as autovacuum would a minute later: by then every router's
 * sessions would keep plans made for an empty table, which read all of the tenant's rows for one.
 */
async function analyzeGrown({ to, tables }: MoveContext, ranges: readonly CopyRange[]): Promise<void> {
  for (const { oid, name, estimatedRows } of tables.to) {
    const rows = ranges.reduce((sum, range) => sum + (range.table === name ? Number(range.rows) : 0), 0);
    if (rows > ANALYZE_ROWS + ANALYZE_SHARE * Math.max(0, estimatedRows))
      await to.client.query('select tenancy.analyze_table($1::oid)', [oid]);
  }
}

/** Runs `work` while a transaction of the old home keeps an exported snapshot. */
async function withSnapshot({ from }: MoveContext, work: (snapshot: string) => Promise<void>): Promise<void> {
  const keeper = await from.connect();
  try {
    await keeper.query('begin isolation level repeatable read read only');
    const { rows } = await keeper.query<{ snapshot: string }>('select pg_export_snapshot() as snapshot');
    await work(rows[0]?.snapshot ?? '');
  } finally {
    await endQuietly(keeper);
  }
}

/** An offline move as something that follows: it has caught up when it has copied everything and compared it. */
export class OfflineCopy implements Follower {
  readonly position = 0n;
  readonly failed = new Promise<never>(() => {});

  constructor(private readonly context: MoveContext) {}

  async start(): Promise<void> {}

  markerSql(): string {
    return '';
  }

  async drainTo(): Promise<void> {
    const { context } = this;
    await startAnew(context);
    await withSnapshot(context, (snapshot) => copyRanges(context, snapshot));
    const { differences } = await compareHomes(context.tables.to, context.from, context.to);
    if (differences.length > 0) throw verificationFailed(differences.length);
  }

  holdAfter(): void {}

  goOn(): void {}

  lag(): bigint {
    return 0n;
  }

  async stop(): Promise<void> {}
}
