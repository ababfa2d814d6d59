import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { inTransaction, quote, type TenantTable } from '@/lib/tenant-data/rows';
import type { MoveHooks } from '../control/hooks';
import { endAfter } from '../control/mover-connection';
import { MovementError } from '../errors';
import type { ChangedKeys } from '../verify/changed-keys';
import { Applier, type ApplierOptions } from './applier';
import type { Change } from './change-stream';
import type { Marker } from './marker';
import { drainedTooLate, type Replicator, replicationStopped } from './replicator';

const ROUND_KEYS = 5_000;
/** Between rounds that found few keys. Doubles while nothing is found; not waited for while a caller drains. */
const IDLE_MS = { first: 50, most: 200 };
const POLL_MS = 5;

export interface LogReplicatorOptions {
  /** A connection of the mover to the database that is read. */
  reader: pg.Client;
  /** The tenant's id in it. */
  tenantId: string;
  moveId: string;
  tables: readonly TenantTable[];
  applier: ApplierOptions;
  changed?: ChangedKeys;
  hooks: MoveHooks;
}

/**
 * Replicates from a change log. Each round reads logged keys and the rows they name in one snapshot, and writes them in one
 * transaction. Their order does not matter, because rows are read as they are; a key that was logged twice is read once.
 */
export class LogReplicator implements Replicator {
  readonly #applier: Applier;
  #stopped = false;
  #loop: Promise<void> | undefined;
  #behind = false;
  /** Rounds that have read all keys there were. */
  #wholeRounds = 0;
  /** A caller drains. */
  #awaited = false;
  #holding = false;
  /** Nothing is read after this whole round. */
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

  /** No marker is needed: what was committed before is in the log. */
  async mark(): Promise<void> {}

  /** Waits for two whole rounds: the second has begun after this call, and has applied all that was logged before it. */
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
      const found = await this.#round();
      this.#behind = found >= ROUND_KEYS;
      if (this.#behind) continue;
      this.#wholeRounds += 1;
      idleMs = found > 0 ? IDLE_MS.first : Math.min(idleMs * 2, IDLE_MS.most);
      const until = performance.now() + idleMs;
      while (performance.now() < until && !this.#awaited && !this.#stopped) await sleep(POLL_MS);
    }
  }

  async #round(): Promise<number> {
    const { reader, moveId, hooks, changed } = this.options;
    const { changes, seqs } = await inTransaction(
      reader,
      'begin isolation level repeatable read read only',
      () => this.#read(moveId),
    );
    if (seqs.length === 0) return 0;
    if (changed) for (const change of changes) changed.note(change);
    await hooks('apply');
    await this.#applier.apply([{ changes, markers: [], commitLsn: this.#applier.position + 1n }]);
    await hooks('applied');
    await reader.query('delete from tenancy.move_log where move_id = $1 and seq = any ($2)', [moveId, seqs]);
    return seqs.length;
  }

  async #read(moveId: string): Promise<{ changes: Change[]; seqs: string[] }> {
    const { rows } = await this.options.reader.query<{ seq: string; table_name: string; key: string[] }>(
      `select seq::text, table_name::regclass::text as table_name, key from tenancy.move_log where move_id = $1 order by seq limit ${ROUND_KEYS}`,
      [moveId],
    );
    const byTable = new Map<string, Map<string, string[]>>();
    for (const { table_name: name, key } of rows) {
      const keys = byTable.get(name) ?? new Map<string, string[]>();
      byTable.set(name, keys.set(key.join('\0'), key));
    }
    const changes: Change[] = [];
    for (const [name, keys] of byTable) {
      const table = this.options.tables.find((known) => known.name === name);
      if (!table)
        throw new MovementError('move_schema_changed', `The change log names the unknown table ${name}.`);
      changes.push(...(await this.#rows(table, keys)));
    }
    // Deletes first: another row may have taken a unique value that they free.
    changes.sort((a, b) => Number(a.kind === 'upsert') - Number(b.kind === 'upsert'));
    return { changes, seqs: rows.map(({ seq }) => seq) };
  }

  async #rows(table: TenantTable, keys: Map<string, string[]>): Promise<Change[]> {
    const columns = table.key.map((_, place) => [...keys.values()].map((key) => key[place]));
    // The key as the row prints it, or as its type does: the log may hold another spelling of the same value.
    const { rows } = await this.options.reader.query<{ key: string[]; values: (string | null)[] | null }>(
      `select array[${table.key.map(({ name, type }, place) => `coalesce(t.${quote(name)}::text, k${place}::${type}::text)`).join(', ')}] as key,
         case when t.tenant_id is not null then array[${table.columns.map(({ name }) => `t.${quote(name)}::text`).join(', ')}] end as values
       from unnest(${columns.map((_, place) => `$${place + 2}::text[]`).join(', ')}) as wanted (${columns.map((_, place) => `k${place}`).join(', ')})
       left join ${table.name} t on t.tenant_id = $1
         and ${table.key.map(({ name, type }, place) => `t.${quote(name)} = k${place}::${type}`).join(' and ')}`,
      [this.options.tenantId, ...columns],
    );
    return rows.map(({ key, values }) =>
      values
        ? { kind: 'upsert', table: table.name, key, values }
        : { kind: 'delete', table: table.name, key },
    );
  }
}
