import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { inTransaction, quote, type TenantTable } from '@/lib/tenant-data/rows';
import type { MoveHooks } from '../control/hooks';
import { endAfter } from '../control/mover-connection';
import { MovementError } from '../errors';
import type { ChangedKeys } from '../verify/changed-keys';
import { Applier, type ApplierOptions, isConflict } from './applier';
import type { Change } from './change-stream';
import type { Marker } from './marker';
import { drainedTooLate, type Replicator, replicationStopped } from './replicator';

/** Limits of one round: number of keys, and stored size of their rows, bytes. */
const ROUND: Readonly<RoundLimits> = { keys: 5_000, bytes: 4 * 1024 * 1024 };
/** Factor by which a round is larger if the previous one lacked rows. */
const GROWTH = 4;
/** Pause after a round that found few keys, ms. It doubles while nothing is found. There is no pause while a caller drains. */
const IDLE_MS = { first: 50, most: 200 };
const POLL_MS = 5;

export interface LogReplicatorOptions {
  /** A connection of the mover to the database that is read. */
  reader: pg.Client;
  /** The tenant's id in that database. */
  tenantId: string;
  moveId: string;
  tables: readonly TenantTable[];
  applier: ApplierOptions;
  changed?: ChangedKeys;
  hooks: MoveHooks;
}

interface RoundLimits {
  keys: number;
  bytes: number;
}

interface Round {
  changes: Change[];
  /** Entries of the log that the round has replicated. */
  seqs: string[];
  /** Whether the round has read all entries of the log. */
  isWhole: boolean;
}

/**
 * Replicates from a change log. Each round reads logged keys and their rows in one snapshot, and writes the rows in one transaction. The order
 * of the keys does not matter, because rows are read in their current state; a key that was logged twice is read once.
 *
 * A round that has not read the whole log may lack a row that one of its rows references, or whose unique value one of its rows has taken
 * over. If the other database refuses the round for this reason, the next round is larger. A round of the whole log lacks nothing.
 */
export class LogReplicator implements Replicator {
  readonly #applier: Applier;
  #stopped = false;
  #loop: Promise<void> | undefined;
  #behind = false;
  #limits = ROUND;
  /** Number of rounds that have read the whole log. */
  #wholeRounds = 0;
  /** Whether a caller drains. */
  #awaited = false;
  #holding = false;
  /** The whole round after which nothing is read. */
  #lastRound = Number.POSITIVE_INFINITY;
  #fail: (error: unknown) => void = () => {};
  readonly failed: Promise<never>;

  constructor(private readonly options: LogReplicatorOptions) {
    this.#applier = new Applier({ ...options.applier, origin: undefined });
    this.failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => {});
  }

  get position(): bigint {
    return this.#applier.position;
  }

  async start(at: bigint): Promise<void> {
    await this.#applier.begin(at);
    this.#loop = this.#replicate().catch((error: unknown) => {
      if (!this.#stopped) this.#fail(error);
    });
  }

  /** Does nothing: no marker is needed, since everything committed before is in the log. */
  async mark(): Promise<void> {}

  /** Waits for two whole rounds. The second one begins after this call, so it applies everything that was logged before the call. */
  async drainTo(_marker: Marker, timeoutMs: number): Promise<void> {
    const until = performance.now() + timeoutMs;
    const wanted = this.#wholeRounds + 2;
    if (this.#holding) this.#lastRound = wanted;
    this.#awaited = true;
    try {
      while (this.#wholeRounds < wanted) {
        if (performance.now() > until) {
          throw drainedTooLate('change log', timeoutMs);
        }
        await Promise.race([sleep(2), this.failed]);
      }
    } finally {
      this.#awaited = false;
    }
  }

  holdAfter(): void {
    this.#holding = true;
  }

  resume(): void {
    this.#holding = false;
    this.#lastRound = Number.POSITIVE_INFINITY;
  }

  lag(): bigint {
    return this.#behind ? 1n : 0n;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await endAfter(this.#loop, [this.options.reader, this.options.applier.client]);
    this.#fail(replicationStopped());
  }

  async #replicate(): Promise<void> {
    let idleMs = IDLE_MS.first;
    while (!this.#stopped) {
      if (this.#wholeRounds >= this.#lastRound) {
        await sleep(POLL_MS);
        continue;
      }
      const { found, isWhole } = await this.#round();
      this.#behind = !isWhole;
      if (this.#behind) continue;
      this.#wholeRounds += 1;
      idleMs = found > 0 ? IDLE_MS.first : Math.min(idleMs * 2, IDLE_MS.most);
      const until = performance.now() + idleMs;
      while (performance.now() < until && !this.#awaited && !this.#stopped) await sleep(POLL_MS);
    }
  }

  async #round(): Promise<{ found: number; isWhole: boolean }> {
    const { reader, moveId, hooks, changed } = this.options;
    const { changes, seqs, isWhole } = await inTransaction(
      reader,
      'begin isolation level repeatable read read only',
      () => this.#read(moveId),
    );
    if (seqs.length === 0) return { found: 0, isWhole };
    if (changed) for (const change of changes) changed.note(change);
    await hooks('apply');
    try {
      await this.#applier.apply([{ changes, commitLsn: this.#applier.position + 1n }]);
    } catch (error) {
      if (isWhole || !isConflict(error)) throw error;
      const { keys, bytes } = this.#limits;
      this.#limits = { keys: keys * GROWTH, bytes: bytes * GROWTH };
      return { found: 0, isWhole };
    }
    this.#limits = ROUND;
    await hooks('applied');
    await reader.query('delete from tenancy.move_log where move_id = $1 and seq = any ($2)', [moveId, seqs]);
    return { found: seqs.length, isWhole };
  }

  async #read(moveId: string): Promise<Round> {
    const { keys: most, bytes } = this.#limits;
    const { rows } = await this.options.reader.query<{ seq: string; table_name: string; key: string[] }>(
      `select seq::text, table_name::regclass::text as table_name, key from tenancy.move_log where move_id = $1 order by seq limit ${most}`,
      [moveId],
    );
    const byTable = new Map<string, Map<string, LoggedKey>>();
    for (const { seq, table_name: name, key } of rows) {
      const keys = byTable.get(name) ?? new Map<string, LoggedKey>();
      byTable.set(name, keys);
      const id = JSON.stringify(key);
      const logged = keys.get(id) ?? { key, seqs: [] };
      keys.set(id, logged);
      logged.seqs.push(seq);
    }
    const changes: Change[] = [];
    const seqs: string[] = [];
    let left = bytes;
    for (const [name, keys] of byTable) {
      if (left <= 0) break;
      const table = this.options.tables.find((known) => known.name === name);
      if (!table)
        throw new MovementError('move_schema_changed', `The change log names the unknown table ${name}.`);
      const truncation = keys.get(TRUNCATION);
      if (truncation) {
        keys.delete(TRUNCATION);
        changes.push({ kind: 'truncate', table: name });
        seqs.push(...truncation.seqs);
      }
      const logged = [...keys.values()];
      const read = await this.#rows(
        table,
        logged.map(({ key }) => key),
        left,
      );
      changes.push(...read.changes);
      for (const one of logged.slice(0, read.changes.length)) seqs.push(...one.seqs);
      left -= read.bytes;
    }
    // Truncations and deletes come first, since another row may take a unique value that they free.
    changes.sort((a, b) => Number(a.kind === 'upsert') - Number(b.kind === 'upsert'));
    return { changes, seqs, isWhole: rows.length < most && seqs.length === rows.length };
  }

  /**
   * Reads the rows of keys, in the order of the keys, up to `most` bytes, but at least one row.
   *
   * Sizes are those of the stored values, which do not have to be read to measure them.
   */
  async #rows(
    table: TenantTable,
    keys: readonly string[][],
    most: number,
  ): Promise<{ changes: Change[]; bytes: number }> {
    const columns = table.key.map((_, place) => keys.map((key) => key[place]));
    const given = table.key.map((_, place) => `marquee_k${place}`);
    const sizes = table.columns.map(({ name }) => `coalesce(pg_column_size(t.${quote(name)}), 0)`);
    // The key is printed anew from the row, or by its type, since the log may contain another spelling of the same value.
    const { rows } = await this.options.reader.query<{
      key: string[];
      values: (string | null)[] | null;
      bytes: string;
    }>(
      `select array[${table.key.map(({ name, type }, place) => `coalesce(t.${quote(name)}::text, ${given[place]}::${type}::text)`).join(', ')}] as key,
         case when t.tenant_id is not null then array[${table.columns.map(({ name }) => `t.${quote(name)}::text`).join(', ')}] end as values,
         marquee_bytes::text as bytes
       from (
         select t.*, ${given.join(', ')}, marquee_place, marquee_bytes,
           sum(marquee_bytes) over (order by marquee_place) - marquee_bytes as marquee_before
         from unnest(${columns.map((_, place) => `$${place + 2}::text[]`).join(', ')}) with ordinality as wanted (${given.join(', ')}, marquee_place)
         left join ${table.name} t on t.tenant_id = $1
           and ${table.key.map(({ name, type }, place) => `t.${quote(name)} = ${given[place]}::${type}`).join(' and ')},
         lateral (select ${sizes.join(' + ')} as marquee_bytes) size
       ) t
       where marquee_before < ${most} order by marquee_place`,
      [this.options.tenantId, ...columns],
    );
    const changes = rows.map(
      ({ key, values }): Change =>
        values
          ? { kind: 'upsert', table: table.name, key, values }
          : { kind: 'delete', table: table.name, key },
    );
    return { changes, bytes: rows.reduce((sum, { bytes }) => sum + Number(bytes), 0) };
  }
}

/** An entry without a key is a truncation: it stands for all rows that existed. */
const TRUNCATION = JSON.stringify([]);

interface LoggedKey {
  key: string[];
  seqs: string[];
}
