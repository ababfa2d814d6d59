// Moving a tenant: how fast its rows are copied against COPY to COPY, how long its writes pause, what others notice.

import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { type BenchResult, median, ofRounds, QUICK, quantile, round3 } from '../measure';
import { fillTenant, type MoveStage, openMoveStage } from '../move-stage';
import { type FoundRow, SteadyWriter } from '../steady-writer';
import { sql } from '../tenants';

export const description =
  'Moving a tenant: --rows N (1,000,000) to copy once; --moves N (50) of a small tenant under 500 writes a second; others beside one of --large-rows N (50,000); --no-pacing without pauses';

const WRITES_PER_SECOND = 500;
const READS_PER_SECOND = 100;
/** Without it moves do not pause for others: what the constants of the pacer are compared with. */
const PACING = !process.argv.includes('--no-pacing');
/** Connections open, plans are made and the tenant reaches its size before anything is measured. */
const WARM_UP_MS = 4_000;
/** A window without a move is as long as the move before it, and no longer than this. */
const QUIET_MOST_MS = 3_000;
/** Moves of the tenant whose copy is paced. */
const LARGE_MOVES = 4;
/** Few, so that the copy is what burdens the databases. */
const LARGE_WRITES_PER_SECOND = 50;

function given(name: string, otherwise: number): number {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
}

export async function run(): Promise<BenchResult> {
  const [rows, moves] = [given('rows', QUICK ? 1_000 : 1_000_000), given('moves', QUICK ? 2 : 50)];
  const largeRows = given('large-rows', QUICK ? 1_000 : 50_000);
  const stage = await openMoveStage();
  try {
    const copy = await measureCopy(stage, rows);
    const others = await measureOthers(stage, largeRows, QUICK ? 2 : LARGE_MOVES);
    const pauses = await measurePauses(stage, moves);
    return {
      ...{ rows, moves, large_rows: largeRows, ...copy, ...others.values, ...pauses.values },
      ...ofRounds({ ...others.rounds, ...pauses.rounds }),
    };
  } finally {
    await stage.close();
  }
}

/** The same rows: by COPY to COPY of a superuser, table after table, and by a move's copy. */
async function measureCopy(stage: MoveStage, rows: number): Promise<Record<string, unknown>> {
  const [source, target] = stage.databases;
  const tenant = await stage.tenant();
  await fillTenant(source.adminUrl, tenant, rows);
  const plainMs = await plainCopy(source.adminUrl, target.adminUrl, tenant);
  await sql(target.adminUrl, `truncate accounts, communications cascade`);
  await sql(target.adminUrl, 'checkpoint');
  let [first, last] = [0, 0];
  stage.onPoint((point) => {
    if (point === 'copy' && first === 0) first = performance.now();
    if (point === 'copied_range') last = performance.now();
  });
  const started = performance.now();
  console.error(`copied plainly in ${Math.round(plainMs)} ms; moving ${rows} rows`);
  const done = await stage.move(tenant, target, {});
  stage.onPoint(() => {});
  return {
    copy_vs_copy: round3(plainMs / (last - first)),
    copy_rows_per_second: Math.round((rows * 1000) / (last - first)),
    plain_rows_per_second: Math.round((rows * 1000) / plainMs),
    whole_move_seconds: round3((performance.now() - started) / 1000),
    large_pause_ms: round3(done.progress.pauseMs ?? 0),
  };
}

async function plainCopy(fromUrl: string, toUrl: string, tenant: string): Promise<number> {
  const [source, target] = [fromUrl, toUrl].map(
    (connectionString) => new pg.Client({ connectionString }),
  ) as [pg.Client, pg.Client];
  await Promise.all([source.connect(), target.connect()]);
  const columns = async (table: string) => {
    const { rows } = await source.query<{ list: string }>(
      `select string_agg(quote_ident(attname), ', ') as list from pg_attribute
       where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
      [table],
    );
    return rows[0]?.list ?? '';
  };
  const lists = [await columns('accounts'), await columns('communications')];
  const started = performance.now();
  await target.query('begin');
  for (const [place, table] of ['accounts', 'communications'].entries()) {
    const list = lists[place];
    await pipeline(
      source.query(
        copyTo(`copy (select ${list} from ${table} where tenant_id = '${tenant}') to stdout (format binary)`),
      ),
      target.query(copyFrom(`copy ${table} (${list}) from stdin (format binary)`)),
    );
  }
  await target.query('commit');
  const took = performance.now() - started;
  await Promise.all([source.end(), target.end()]);
  return took;
}

/** A tenant is moved there and back while it writes and another tenant reads. */
interface Moved {
  writer: SteadyWriter;
  /** Each move, and the time without one that follows it. */
  windows: { from: number; moved: number; quiet: number; until: number }[];
  /** What the other tenant's reads waited, 99th percentile, ms. */
  p99(from: number, to: number): number;
  /** Answers that the other tenant did not get. */
  othersErrors: number;
}

async function moveThereAndBack(
  stage: MoveStage,
  tenant: string,
  moves: number,
  writesPerSecond: number,
): Promise<Moved> {
  const other = await stage.tenant();
  const writer = new SteadyWriter(stage.manager, tenant);
  const reads: { at: number; took: number }[] = [];
  let othersErrors = 0;
  const read = async () => {
    const at = performance.now();
    const statement = { text: 'select count(*) from locations', values: [], name: 'r' };
    await stage.manager.execute(other, statement, { readOnly: true }).then(
      () => reads.push({ at, took: performance.now() - at }),
      () => {
        othersErrors += 1;
      },
    );
  };
  const writing = openLoop(writesPerSecond, (n) => writer.write(n));
  const reading = openLoop(READS_PER_SECOND, read);
  const windows: Moved['windows'] = [];
  await sleep(WARM_UP_MS);
  // One more than is counted: the first finds everything cold.
  for (let round = 0; round <= moves; round += 1) {
    const from = performance.now();
    const target = stage.databases[(round + 1) % 2] as { id: string };
    await stage.move(tenant, target, PACING ? {} : { load: false });
    const moved = performance.now();
    // Reads that the end of the move delayed are the move's.
    await sleep(200);
    const quiet = performance.now();
    await sleep(Math.min(moved - from, QUIET_MOST_MS));
    if (round === 0) continue;
    windows.push({ from, moved, quiet, until: performance.now() });
    if (round % 10 === 0 || round === moves)
      console.error(`${round} of ${moves} moves, ${writer.acknowledged} writes`);
  }
  await Promise.all([writing.stop(), reading.stop()]);
  const p99 = (from: number, to: number) =>
    quantile(
      reads.filter(({ at }) => at >= from && at < to).map(({ took }) => took),
      0.99,
    );
  return { writer, windows, p99, othersErrors };
}

/** What a pause consists of: from the point of a move on which it begins to the next one. */
const PAUSE_PARTS = {
  pause_hold_ms: 'close_fence',
  pause_drain_ms: 'fence_closed',
  pause_compare_ms: 'drained',
  pause_record_ms: 'record_decision',
  pause_route_ms: 'decide',
  pause_open_ms: 'decided',
} as const;

/** The pause of the tenant's writes at each cut-over, of a tenant that is small: one is moved as often as possible. */
async function measurePauses(stage: MoveStage, moves: number) {
  const tenant = await stage.tenant();
  const points: { point: string; at: number }[] = [];
  stage.onPoint((point) => points.push({ point, at: performance.now() }));
  const moved = await moveThereAndBack(stage, tenant, moves, WRITES_PER_SECOND);
  stage.onPoint(() => {});
  const { writer, windows } = moved;
  const pauses = windows.map(({ from, moved: to }) =>
    Math.max(0, ...writer.timings.filter(({ at }) => at >= from && at < to).map(({ took }) => took)),
  );
  // Of the attempt that succeeded: the last of each move.
  const reached = windows.map(({ from, moved: to }) => {
    const ofMove = points.filter(({ at }) => at >= from && at < to);
    return (name: string) => ofMove.findLast(({ point }) => point === name)?.at ?? Number.NaN;
  });
  const ends = [...Object.values(PAUSE_PARTS).slice(1), 'fence_opened'];
  const parts = Object.entries(PAUSE_PARTS).map(([name, point], place) => [
    name,
    reached.map((at) => at(ends[place] ?? '') - at(point)),
  ]);
  // Until the last statement that waited has its answer.
  const release = reached.map((at, n) => (pauses[n] ?? 0) - (at('fence_opened') - at('close_fence')));
  const moving = windows.reduce((sum, window) => sum + window.moved - window.from, 0);
  const database = stage.databases[(moves + 1) % 2] as { adminUrl: string };
  const { rows } = await sql(
    database.adminUrl,
    `select website as token, count(*)::int as n, max(credit_limit)::int as changes
     from accounts where tenant_id = $1 and website is not null group by 1`,
    [tenant],
  );
  return {
    rounds: {
      pause_p50_ms: pauses,
      ...(Object.fromEntries(parts) as Record<keyof typeof PAUSE_PARTS, number[]>),
      pause_release_ms: release,
      small_others_p99_ratio: othersOf(moved).ratio,
    },
    values: {
      pause_p99_ms: round3(quantile(pauses, 0.99)),
      given_up: stage.givenUp(),
      writes: writer.acknowledged,
      write_errors: writer.errors.length,
      write_error_codes: countByCode(writer.errors),
      ...writer.account(rows as FoundRow[]),
      small_others_errors: moved.othersErrors,
      seconds_a_move: round3(moving / 1000 / Math.max(1, moves)),
    },
  };
}

/** What others notice of a tenant whose copy takes seconds: only such a copy is paced by the load of the databases. */
async function measureOthers(stage: MoveStage, rows: number, moves: number) {
  const tenant = await stage.tenant();
  await fillTenant(stage.databases[0].adminUrl, tenant, rows);
  const moved = await moveThereAndBack(stage, tenant, moves, LARGE_WRITES_PER_SECOND);
  const { ratio, withMove, without } = othersOf(moved);
  return {
    rounds: {
      others_p99_ratio: ratio,
      others_p99_ms: withMove,
      others_p99_alone_ms: without,
      large_seconds_a_move: moved.windows.map((window) => (window.moved - window.from) / 1000),
    },
    values: { others_errors: moved.othersErrors },
  };
}

/** The other tenant's reads during each move, and relative to those without one: the median of all, since few fall into one window. */
function othersOf({ windows, p99 }: Moved) {
  const withMove = windows.map(({ from, moved }) => p99(from, moved));
  const without = windows.map(({ quiet, until }) => p99(quiet, until));
  return { withMove, without, ratio: withMove.map((ms) => ms / median(without)) };
}

/** How often each code was answered, and the first message with it. */
function countByCode(errors: readonly unknown[]): Record<string, string> {
  const byCode = Map.groupBy(errors, (error) => (error as { code?: string }).code ?? 'none');
  return Object.fromEntries(
    [...byCode].map(([code, found]) => [code, `${found.length}: ${(found[0] as Error).message}`]),
  );
}

/** A call is due when it is due, whether or not those before it have been answered. `work` must not reject. */
function openLoop(perSecond: number, work: (n: number) => Promise<void>): { stop(): Promise<void> } {
  let running = true;
  const underWay = new Set<Promise<void>>();
  const started = performance.now();
  const loop = (async () => {
    for (let n = 0; running; n += 1) {
      const wait = started + (n * 1000) / perSecond - performance.now();
      if (wait > 1) await sleep(wait);
      const call = work(n);
      underWay.add(call);
      void call.finally(() => underWay.delete(call));
    }
  })();
  return {
    async stop() {
      running = false;
      await loop;
      await Promise.all(underWay);
    },
  };
}
