// Following a home without logical decoding: triggers note the keys of changed rows, each round reads those rows as they
// are. Order does not matter, and a key noted twice is read once.
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { MoveHooks } from '../control/hooks';
import { endAfter, inTransaction, withBriefLocks } from '../control/mover-connection';
import { MovementError } from '../errors';
import { type MovedTable, quote } from '../plan/tables';
import type { ChangedKeys } from '../verify/changed-keys';
import { Applier, type ApplierOptions } from './applier';
import type { Change } from './change-stream';
import { type Follower, stoppedFollowing } from './replicator';

const ROUND_KEYS = 5_000;
/** Between rounds that do not find very much: longer each time that nothing is found, unless somebody waits. */
const IDLE_MS = { first: 50, most: 200 };
const LOOK_MS = 5;

/** Has the keys of the tenant's changed rows of a table noted from now on. May be repeated. */
export async function keepChangeLog(
  client: pg.Client,
  { name, moveId, tenantId, oid }: { name: string; moveId: string; tenantId: string; oid: number },
): Promise<void> {
  const values = [name, moveId, tenantId, oid];
  await withBriefLocks(client, 'select tenancy.keep_change_log($1, $2, $3, $4::oid)', values);
}

/** Undoes `keepChangeLog`, however far it came. */
export async function dropChangeLog(client: pg.Client, name: string, moveId: string): Promise<void> {
  const { rows } = await client.query<{ table: string }>(
    'select distinct tgrelid::text as table from pg_trigger where tgname in ($1, $2)',
    [name, `${name}_d`],
  );
  for (const { table } of rows)
    await withBriefLocks(client, 'select tenancy.drop_change_log($1, $2::oid)', [name, table]);
  await client.query('delete from tenancy.move_log where move_id = $1', [moveId]);
}

export interface ChangeLogFollowerOptions {
  /** A connection of the mover to the home that is read. */
  reader: pg.Client;
  /** The tenant's id there. */
  tenantId: string;
  moveId: string;
  tables: readonly MovedTable[];
  applier: ApplierOptions;
  changed?: ChangedKeys;
  hooks: MoveHooks;
}

export class ChangeLogFollower implements Follower {
  readonly #applier: Applier;
  #stopped = false;
  #loop: Promise<void> | undefined;
  #behind = false;
  #wholeRounds = 0;
  #awaited = false;
  #holding = false;
  /** After so many whole rounds nothing is read. */
  #lastRound = Number.POSITIVE_INFINITY;
  #fail: (error: unknown) => void = () => {};
  readonly failed: Promise<never>;

  constructor(private readonly options: ChangeLogFollowerOptions) {
    this.#applier = new Applier({ ...options.applier, echo: undefined });
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
    this.#loop = this.#follow().catch((error: unknown) => {
      if (!this.#stopped) this.#fail(error);
    });
  }

  /** Everything noted before the fence was closed is in the log: no marker is needed. */
  markerSql(): string {
    return '';
  }

  /** A round that began after this call has applied all that it found: of two, the second has begun after it. */
  async drainTo(_marker: string, timeoutMs: number): Promise<void> {
    const until = performance.now() + timeoutMs;
    const wanted = this.#wholeRounds + 2;
    if (this.#holding) this.#lastRound = wanted;
    this.#awaited = true;
    try {
      while (this.#wholeRounds < wanted) {
        if (performance.now() > until) {
          throw new MovementError(
            'move_pause_limit',
            `The change log was not drained within ${timeoutMs} ms.`,
          );
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

  goOn(): void {
    this.#holding = false;
    this.#lastRound = Number.POSITIVE_INFINITY;
  }

  lag(): bigint {
    return this.#behind ? 1n : 0n;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await endAfter(this.#loop, [this.options.reader, this.options.applier.client]);
    this.#fail(stoppedFollowing());
  }

  async #follow(): Promise<void> {
    let idleMs = IDLE_MS.first;
    while (!this.#stopped) {
      if (this.#wholeRounds >= this.#lastRound) {
        await sleep(LOOK_MS);
        continue;
      }
      const found = await this.#round();
      this.#behind = found >= ROUND_KEYS;
      if (this.#behind) continue;
      this.#wholeRounds += 1;
      idleMs = found > 0 ? IDLE_MS.first : Math.min(idleMs * 2, IDLE_MS.most);
      const until = performance.now() + idleMs;
      while (performance.now() < until && !this.#awaited && !this.#stopped) await sleep(LOOK_MS);
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
        throw new MovementError('move_schema_changed', `The log speaks of an unknown table ${name}.`);
      changes.push(...(await this.#rows(table, keys)));
    }
    // Deletes first: a value that was freed may have been taken by another row.
    changes.sort((a, b) => Number(a.kind === 'upsert') - Number(b.kind === 'upsert'));
    return { changes, seqs: rows.map(({ seq }) => seq) };
  }

  async #rows(table: MovedTable, keys: Map<string, string[]>): Promise<Change[]> {
    const columns = table.key.map((_, place) => [...keys.values()].map((key) => key[place]));
    // A key is named by the row's own text, or by its type's: the log may have written it in another way.
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
