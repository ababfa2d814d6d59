// The first copy: COPY to COPY through this process, under one snapshot, by table and range of keys.
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import {
  type CopyStreamQuery,
  type CopyToStreamQuery,
  from as copyFrom,
  to as copyTo,
} from 'pg-copy-streams';
import type { MoveHooks } from '../control/hooks';
import type { CopyRange, Move } from '../control/move-store';
import { endQuietly, inTransaction } from '../control/mover-connection';
import { Rest } from '../control/pacer';
import type { Throttle } from '../control/throttle';
import type { OpenHome } from '../cutover/cut-over';
import { MovementError } from '../errors';
import { columnList, type MovedTable, quote, selectList, writeOrder } from '../plan/tables';

export interface CopyOptions {
  move: Pick<Move, 'id' | 'mode' | 'options'>;
  /** What a transaction at the home that is written to begins with. */
  held: string;
  from: OpenHome;
  to: OpenHome;
  tables: readonly MovedTable[];
  /** Names of the tables that have rows in the snapshot; any may when left out. */
  occupied?: ReadonlySet<string> | undefined;
  /** Name of an exported snapshot of the home that is left. */
  snapshot: string;
  ranges: readonly CopyRange[];
  workers: number;
  throttle: Throttle;
  /** Told of bytes on their way. */
  moved(bytes: number): void;
  /** Rows of a range that is not recorded as done may be there all the same: remove them first. */
  clearFirst: boolean;
  /** Rejects when nothing more is to be copied, also in the middle of a range. */
  stopped: Promise<never>;
  /** Called when a range is committed. */
  finished(range: CopyRange): Promise<void>;
  hooks: MoveHooks;
}

/** Whether ranges of a table may be written by themselves: its key can be compared here, and no row needs another of it. */
function divisible(table: MovedTable, group: readonly MovedTable[]): boolean {
  return (
    group.length === 1 &&
    !table.references.includes(table.name) &&
    // A row whose key changes while a copy is broken off would leave one range for another.
    !table.keyMayChange &&
    table.key.length === 1 &&
    table.key[0]?.type === 'uuid'
  );
}

/** Divides the tables, those that are occupied, into ranges of about `rangeRows` rows. */
export async function planRanges(
  home: OpenHome,
  tables: readonly MovedTable[],
  occupied: ReadonlySet<string>,
  rangeRows: number,
): Promise<CopyRange[]> {
  const ranges: CopyRange[] = [];
  for (const group of writeOrder(tables)) {
    for (const table of group) {
      const isDivided = occupied.has(table.name) && divisible(table, group);
      const bounds = isDivided ? await boundaries(home, table, rangeRows) : [];
      for (const [place, upToKey] of [...bounds, null].entries()) {
        ranges.push({
          table: table.name,
          place,
          afterKey: bounds[place - 1] ?? null,
          upToKey,
          rows: 0,
          bytes: 0,
          done: false,
        });
      }
    }
  }
  return ranges;
}

async function boundaries(home: OpenHome, table: MovedTable, rangeRows: number): Promise<string[]> {
  const key = quote(table.key[0]?.name ?? '');
  const { rows } = await home.client.query<{ key: string }>(
    `select k::text as key from (select ${key} as k, row_number() over (order by ${key}) as n from ${table.name} where tenant_id = $1) numbered
     where n % $2 = 0 order by k`,
    [home.tenantId, rangeRows],
  );
  return rows.map((row) => row.key);
}

/** Whether a key lies in a range that has been copied. UUIDs compare as their text does. */
export function copied(ranges: readonly CopyRange[], key: readonly string[]): boolean {
  return ranges.some(
    ({ done, afterKey, upToKey }) =>
      done &&
      (afterKey === null || (key[0] ?? '') > afterKey) &&
      (upToKey === null || (key[0] ?? '') <= upToKey),
  );
}

/** Copies what is not done yet; parents before children, so that foreign keys hold at every commit. */
export async function copyTables(options: CopyOptions): Promise<void> {
  const groups = writeOrder(options.tables);
  const groupOf = new Map(groups.flatMap((group) => group.map((table) => [table.name, group] as const)));
  const open = new Map(groups.map((group) => [group, new Set<Job>()]));
  const jobs: Job[] = [];
  for (const group of groups) {
    const ranges = options.ranges.filter(
      (range) => !range.done && group.some((table) => table.name === range.table),
    );
    const [table] = group;
    const parts =
      table && divisible(table, group) ? ranges.map((range) => [range]) : ranges.length > 0 ? [ranges] : [];
    for (const part of parts) {
      const job: Job = { group, ranges: part, started: false };
      jobs.push(job);
      open.get(group)?.add(job);
    }
  }
  const ready = (job: Job) =>
    !job.started &&
    job.group.every((table) =>
      table.references.every((name) => {
        const parents = groupOf.get(name);
        return !parents || parents === job.group || open.get(parents)?.size === 0;
      }),
    );
  let failed: unknown;
  const fail = (error: unknown) => {
    failed ??= error;
    // The others are in the middle of ranges that take minutes.
    for (const pipe of pipes) pipe.destroy();
  };
  options.stopped.catch(fail);
  const pipes = new Set<CopyPipe>();
  const waiting = new Set<() => void>();
  const worker = async (number: number) => {
    // While an offline move copies, its own connections are kept for opening the old home again.
    const isSeparate = number > 0 || options.move.mode === 'offline';
    const rest = new Rest(options.move);
    let pipe: CopyPipe | undefined;
    try {
      pipe = await (isSeparate ? CopyPipe.open(options) : CopyPipe.ofHomes(options));
      pipes.add(pipe);
      while (!failed) {
        const job = jobs.find(ready);
        if (!job) {
          if (jobs.every(({ started }) => started)) return;
          await new Promise<void>((resolve) => waiting.add(resolve));
          continue;
        }
        job.started = true;
        await pipe.copy(job);
        open.get(job.group)?.delete(job);
        for (const wake of waiting) wake();
        waiting.clear();
        await rest.take();
      }
    } catch (error) {
      fail(error);
    } finally {
      for (const wake of waiting) wake();
      waiting.clear();
      await pipe?.close();
    }
  };
  const workers = Math.max(1, Math.min(options.workers, jobs.length));
  await Promise.all(Array.from({ length: workers }, (_, number) => worker(number)));
  if (failed) throw failed;
}

interface Job {
  group: MovedTable[];
  ranges: CopyRange[];
  started: boolean;
}

/** What a transaction begins with that reads under an exported snapshot. */
export function beginIn(snapshot: string): string {
  return `begin isolation level repeatable read read only; set transaction snapshot ${pg.escapeLiteral(snapshot)}`;
}

/** A pair of connections. */
class CopyPipe {
  private constructor(
    private readonly options: CopyOptions,
    private readonly source: pg.Client,
    private readonly target: pg.Client,
    readonly close: () => Promise<void>,
  ) {}

  /** Over the connections that a move has anyway, which know the tables already. */
  static async ofHomes(options: CopyOptions): Promise<CopyPipe> {
    const { from, to, snapshot } = options;
    await from.client.query(beginIn(snapshot));
    return new CopyPipe(options, from.client, to.client, async () => {
      await from.client.query('rollback').catch(() => {});
    });
  }

  /** Over two more. */
  static async open(options: CopyOptions): Promise<CopyPipe> {
    const { from, to, snapshot } = options;
    const source = await from.connect();
    try {
      await source.query(beginIn(snapshot));
      const target = await to.connect();
      return new CopyPipe(options, source, target, async () => {
        await Promise.all([source, target].map(endQuietly));
      });
    } catch (error) {
      await endQuietly(source);
      throw error;
    }
  }

  /** Ends whatever it is doing: it can be used no more. */
  destroy(): void {
    for (const { connection } of [this.source, this.target]) connection.stream.destroy();
  }

  /** Ranges of one job are committed together. */
  async copy({ ranges }: Job): Promise<void> {
    const { occupied } = this.options;
    const full = ranges.filter(({ table }) => occupied?.has(table) ?? true);
    if (full.length > 0) {
      await inTransaction(this.target, this.options.held, async () => {
        for (const range of full) {
          await this.options.hooks('copy');
          await this.#range(range);
        }
      });
    }
    for (const range of ranges) {
      range.done = true;
      await this.options.finished(range);
      await this.options.hooks('copied_range');
    }
  }

  async #range(range: CopyRange): Promise<void> {
    const { from, to, tables } = this.options;
    const table = tables.find(({ name }) => name === range.table) as MovedTable;
    const key = quote(table.key[0]?.name ?? '');
    const bounds = [
      range.afterKey === null ? '' : ` and ${key} > ${pg.escapeLiteral(range.afterKey)}`,
      range.upToKey === null ? '' : ` and ${key} <= ${pg.escapeLiteral(range.upToKey)}`,
    ].join('');
    if (this.options.clearFirst) {
      await this.target.query(
        `delete from ${table.name} where tenant_id = ${pg.escapeLiteral(to.tenantId)}${bounds}`,
      );
    }
    const format = table.columns.every(({ builtin }) => builtin) ? '(format binary)' : '';
    // Before the source sends anything: rows that come must be read.
    const into = table.rowSecurity ? await this.#stage(table) : table.name;
    const output = this.source.query(
      copyTo(
        `copy (select ${selectList(table, to.tenantId)} from ${table.name} where tenant_id = ${pg.escapeLiteral(from.tenantId)}${bounds}) to stdout ${format}`,
      ),
    );
    const input = this.target.query(
      copyFrom(`copy ${into} (${columnList(table.columns)}) from stdin ${format}`),
    );
    let bytes = 0;
    await this.#stream(output, input, (length) => {
      bytes += length;
    });
    if (into !== table.name) {
      const columns = columnList(table.columns);
      await this.target.query(
        `insert into ${table.name} (${columns}) overriding system value select ${selectList(table, to.tenantId)} from ${into}`,
      );
      await this.target.query(`drop table ${into}`);
    }
    const { rows } = await this.target.query<{ count: string }>(
      `select count(*) from ${table.name} where tenant_id = ${pg.escapeLiteral(to.tenantId)}${bounds}`,
    );
    // The database that is left may be anybody's, and send what it likes: rows of others must not come in with the tenant's.
    if (Number(rows[0]?.count) !== input.rowCount) {
      throw new MovementError(
        'move_foreign_rows',
        `${table.name} came with rows that are not the tenant's.`,
        {
          hint: 'Look at the database that the tenant leaves: it does not send what it was asked for.',
        },
      );
    }
    range.rows = input.rowCount;
    range.bytes = bytes;
  }

  /**
   * A COPY that nobody reads any more ends with its connection only, and whatever is asked of that connection waits for it: so the
   * failure of one side ends both.
   */
  async #stream(
    output: CopyToStreamQuery,
    input: CopyStreamQuery,
    came: (bytes: number) => void,
  ): Promise<void> {
    const { throttle, moved } = this.options;
    // They fail once more with their connections, when nobody listens.
    for (const stream of [output, input]) stream.on('error', () => {});
    try {
      await pipeline(
        output,
        async function* (chunks: AsyncIterable<Buffer>) {
          let since = performance.now();
          for await (const chunk of chunks) {
            came(chunk.length);
            moved(chunk.length);
            if (throttle.limited) {
              await throttle.take(chunk.length, performance.now() - since);
              since = performance.now();
            }
            yield chunk;
          }
        },
        input,
      );
    } catch (error) {
      this.destroy();
      throw error;
    }
  }

  /** Where the mover's login is subject to row-level security, rows come to a table without, and from there by INSERT. */
  async #stage(table: MovedTable): Promise<string> {
    const name = 'pg_temp.marquee_move_stage';
    await this.target.query(
      `create temp table marquee_move_stage as select ${columnList(table.columns)} from ${table.name} with no data`,
    );
    return name;
  }
}
