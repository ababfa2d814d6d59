// Copies tables by COPY TO and COPY FROM through this process: by table and key range, all under one snapshot.

import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import {
  type CopyStreamQuery,
  type CopyToStreamQuery,
  from as copyFrom,
  to as copyTo,
} from 'pg-copy-streams';
import {
  columnList,
  endQuietly,
  inTransaction,
  quote,
  selectList,
  type TenantTable,
  writeOrder,
} from '@/lib/tenant-data/rows';
import type { OpenEndpoint } from '../control/endpoints';
import type { MoveHooks } from '../control/hooks';
import type { CopyRange, Move } from '../control/move';
import { Pacer } from '../control/pacer';
import { MovementError } from '../errors';
import { isDivisible } from './ranges';

export interface CopyOptions {
  move: Pick<Move, 'id' | 'mode' | 'options'>;
  /** SQL that begins a transaction at the target. */
  beginTarget: string;
  source: OpenEndpoint;
  target: OpenEndpoint;
  tables: readonly TenantTable[];
  /** Names of the tables that have rows in the snapshot; if undefined, all may have. */
  occupied?: ReadonlySet<string> | undefined;
  /** Name of an exported snapshot of the source. */
  snapshot: string;
  ranges: readonly CopyRange[];
  workers: number;
  pacer: Pacer;
  /** Called with the number of bytes that were read. */
  onBytes(bytes: number): void;
  /** Whether to remove the rows of the ranges first, since an earlier attempt may have committed ranges without recording them as done. */
  clearFirst: boolean;
  /** Rejects to end the copy, even in the middle of a range. */
  stopped: Promise<never>;
  /** Called when a range has been committed. */
  onRangeDone(range: CopyRange): Promise<void>;
  hooks: MoveHooks;
}

/** Copies the ranges that are not done. Referenced tables come first, so that foreign keys hold at every commit. */
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
      table && isDivisible(table, group) ? ranges.map((range) => [range]) : ranges.length > 0 ? [ranges] : [];
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
    // The other workers are stopped too, since their ranges may take minutes.
    for (const pipe of pipes) pipe.destroy();
  };
  options.stopped.catch(fail);
  const pipes = new Set<CopyPipe>();
  const waiting = new Set<() => void>();
  const worker = async (number: number) => {
    // An offline move copies over other connections, since it needs its own ones to open the source's fence again.
    const isSeparate = number > 0 || options.move.mode === 'offline';
    const pause = Pacer.forBackground(options.move).flow();
    let pipe: CopyPipe | undefined;
    try {
      pipe = await (isSeparate ? CopyPipe.open(options) : CopyPipe.overOwn(options));
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
        await pause();
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
  group: TenantTable[];
  ranges: CopyRange[];
  started: boolean;
}

/** SQL that begins a transaction that reads under an exported snapshot. */
export function beginInSnapshot(snapshot: string): string {
  return `begin isolation level repeatable read read only; set transaction snapshot ${pg.escapeLiteral(snapshot)}`;
}

/** A connection to the source and one to the target. */
class CopyPipe {
  private constructor(
    private readonly options: CopyOptions,
    private readonly source: pg.Client,
    private readonly target: pg.Client,
    readonly close: () => Promise<void>,
  ) {}

  /** Uses the move's own connections, whose sessions have the tables' catalog entries cached. */
  static async overOwn(options: CopyOptions): Promise<CopyPipe> {
    const { source, target, snapshot } = options;
    await source.client.query(beginInSnapshot(snapshot));
    return new CopyPipe(options, source.client, target.client, async () => {
      await source.client.query('rollback').catch(() => {});
    });
  }

  /** Opens two new connections. */
  static async open(options: CopyOptions): Promise<CopyPipe> {
    const source = await options.source.connect();
    try {
      await source.query(beginInSnapshot(options.snapshot));
      const target = await options.target.connect();
      return new CopyPipe(options, source, target, async () => {
        await Promise.all([source, target].map(endQuietly));
      });
    } catch (error) {
      await endQuietly(source);
      throw error;
    }
  }

  /** Ends both connections, and with them their statements. */
  destroy(): void {
    for (const { connection } of [this.source, this.target]) connection.stream.destroy();
  }

  /** Copies the ranges of a job in one transaction. */
  async copy({ ranges }: Job): Promise<void> {
    const { occupied } = this.options;
    const full = ranges.filter(({ table }) => occupied?.has(table) ?? true);
    if (full.length > 0) {
      await inTransaction(this.target, this.options.beginTarget, async () => {
        for (const range of full) {
          await this.options.hooks('copy');
          await this.#range(range);
        }
      });
    }
    for (const range of ranges) {
      range.done = true;
      await this.options.onRangeDone(range);
      await this.options.hooks('copied_range');
    }
  }

  async #range(range: CopyRange): Promise<void> {
    const { source, target, tables } = this.options;
    const table = tables.find(({ name }) => name === range.table) as TenantTable;
    const key = quote(table.key[0]?.name ?? '');
    const bounds = [
      range.afterKey === null ? '' : ` and ${key} > ${pg.escapeLiteral(range.afterKey)}`,
      range.upToKey === null ? '' : ` and ${key} <= ${pg.escapeLiteral(range.upToKey)}`,
    ].join('');
    if (this.options.clearFirst) {
      await this.target.query(
        `delete from ${table.name} where tenant_id = ${pg.escapeLiteral(target.tenantId)}${bounds}`,
      );
    }
    const format = table.columns.every(({ builtin }) => builtin) ? '(format binary)' : '';
    // This precedes the request to the source, because the rows that it sends have to be read at once.
    const into = table.rowSecurity ? await this.#stage(table) : table.name;
    const output = this.source.query(
      copyTo(
        `copy (select ${selectList(table, target.tenantId)} from ${table.name} where tenant_id = ${pg.escapeLiteral(source.tenantId)}${bounds}) to stdout ${format}`,
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
        `insert into ${table.name} (${columns}) overriding system value select ${selectList(table, target.tenantId)} from ${into}`,
      );
      await this.target.query(`drop table ${into}`);
    }
    const { rows } = await this.target.query<{ count: string }>(
      `select count(*) from ${table.name} where tenant_id = ${pg.escapeLiteral(target.tenantId)}${bounds}`,
    );
    // A customer's database can send any rows, and must not bring in rows of another tenant.
    if (Number(rows[0]?.count) !== input.rowCount) {
      throw new MovementError(
        'move_foreign_rows',
        `The source sent rows of ${table.name} that are not the tenant's.`,
        {
          hint: 'The source does not answer COPY with the rows that were asked for: find out why.',
        },
      );
    }
    range.rows = input.rowCount;
    range.bytes = bytes;
  }

  /**
   * Streams from one COPY to the other. If one side fails, both connections are ended, since a COPY that is no longer read never finishes and
   * later statements would wait for it.
   */
  async #stream(
    output: CopyToStreamQuery,
    input: CopyStreamQuery,
    onChunk: (bytes: number) => void,
  ): Promise<void> {
    const { pacer, onBytes } = this.options;
    const pause = pacer.flow();
    // The streams emit another error when their connections end.
    for (const stream of [output, input]) stream.on('error', () => {});
    try {
      await pipeline(
        output,
        async function* (chunks: AsyncIterable<Buffer>) {
          for await (const chunk of chunks) {
            onChunk(chunk.length);
            onBytes(chunk.length);
            await pause(chunk.length);
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

  /** If row-level security applies to the mover, rows are copied into a temporary table and inserted from there. */
  async #stage(table: TenantTable): Promise<string> {
    const name = 'pg_temp.marquee_move_stage';
    await this.target.query(
      `create temp table marquee_move_stage as select ${columnList(table.columns)} from ${table.name} with no data`,
    );
    return name;
  }
}
