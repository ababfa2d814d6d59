// Applies the transactions of one database to the other. The position is recorded in the same transaction.

import pg from 'pg';
import { formatLsn, parseLsn } from '@/lib/postgres';
import { BEGIN_COPYING, type TenantTable, writeOrder } from '@/lib/tenant-data/rows';
import { notOurs } from '../cutover/fence';
import { MovementError } from '../errors';
import type { Change, StreamedTransaction } from './change-stream';
import type { OriginTag } from './marker';
import type { Value } from './pgoutput';
import { TableStatements } from './table-statements';

export interface ApplierOptions {
  /** A connection of the mover to the database that is written to. */
  client: pg.Client;
  moveId: string;
  /** The direction whose position is recorded. */
  stream: 'forward' | 'reverse';
  /** Tables of the database that is written to. */
  tables: readonly TenantTable[];
  /** The tenant's id in that database. */
  tenantId: string;
  /** Tables of the database that is read; their columns are in the order of `Change.values`. */
  sourceTables: readonly TenantTable[];
  /** Tags the transactions, so that replication in the other direction skips them; undefined without logical decoding. */
  origin?: OriginTag | undefined;
}

/**
 * SQLSTATEs of constraints that combined changes may violate temporarily: unique and exclusion constraints, and foreign keys that cannot be
 * deferred. The batch is then written change by change.
 */
const CONFLICTS = new Set(['23505', '23P01', '23503']);

export function isConflict(error: unknown): boolean {
  return error instanceof pg.DatabaseError && CONFLICTS.has(error.code ?? '');
}

/** The parts of a transaction that are applied. */
type Applied = Pick<StreamedTransaction, 'changes' | 'commitLsn'>;

/** The rows of a table after a sequence of changes, by key. */
class PendingRows {
  readonly written = new Map<string, Value[]>();
  readonly deleted = new Map<string, string[]>();

  take(change: Extract<Change, { kind: 'upsert' | 'delete' }>): this {
    const id = change.key.join('\0');
    const earlier = this.written.get(id);
    // The row is deleted first, so that it is ordered by its last change.
    this.written.delete(id);
    this.deleted.delete(id);
    if (change.kind === 'delete') this.deleted.set(id, change.key);
    // Values that the last change did not send are taken from the earlier one.
    else
      this.written.set(
        id,
        earlier
          ? change.values.map((value, place) => (value === undefined ? earlier[place] : value))
          : change.values,
      );
    return this;
  }
}

export class Applier {
  #position = 0n;
  /** Whether a part of a large transaction was applied whose last part has not come yet. */
  #inside = false;
  readonly #statements: Map<string, TableStatements>;
  /** Tables that no other table references. */
  readonly #leaves: ReadonlySet<string>;
  /** Referenced tables have lower ranks than those that reference them. */
  readonly #ranks: ReadonlyMap<string, number>;

  constructor(private readonly options: ApplierOptions) {
    const referred = new Set(options.tables.flatMap(({ references }) => references));
    this.#leaves = new Set(options.tables.flatMap(({ name }) => (referred.has(name) ? [] : [name])));
    const order = writeOrder(options.tables);
    this.#ranks = new Map(order.flatMap((group, rank) => group.map(({ name }) => [name, rank] as const)));
    const sources = new Map(options.sourceTables.map((table) => [table.name, table]));
    this.#statements = new Map(
      options.tables.map((table) => [
        table.name,
        new TableStatements(
          table,
          sources.get(table.name) ?? table,
          options.tenantId,
          this.#leaves.has(table.name),
        ),
      ]),
    );
  }

  /** The position up to which all changes have been committed. */
  get position(): bigint {
    return this.#position;
  }

  /** Reads the recorded position, or records `at` as the first one. */
  async begin(at: bigint): Promise<bigint> {
    const { client, moveId, stream } = this.options;
    await client.query(
      'insert into tenancy.move_progress (move_id, stream, lsn) values ($1, $2, $3) on conflict do nothing',
      [moveId, stream, formatLsn(at)],
    );
    const { rows } = await client.query<{ lsn: string }>(
      'select lsn::text from tenancy.move_progress where move_id = $1 and stream = $2',
      [moveId, stream],
    );
    this.#position = parseLsn(rows[0]?.lsn ?? '0/0');
    return this.#position;
  }

  /**
   * Applies transactions in order. Resolves when they are committed.
   *
   * @throws MovementError `move_taken_over` when another process has applied changes since, `move_schema_changed`;
   *   pg.DatabaseError when the database refuses the rows
   */
  async apply(transactions: readonly Applied[]): Promise<void> {
    const ended = transactions.findLastIndex(({ commitLsn }) => commitLsn !== undefined) + 1;
    const whole = this.#inside ? [] : transactions.slice(0, ended);
    if (whole.length > 0) {
      await this.#commitTogether(whole).catch(async (error: unknown) => {
        if (!isConflict(error)) throw error;
        await this.#commitTogether(whole, true);
      });
    }
    for (const part of transactions.slice(whole.length)) await this.#applyPart(part);
  }

  async #commitTogether(transactions: readonly Applied[], inOrder = false): Promise<void> {
    const changes = transactions.flatMap((transaction) => transaction.changes);
    const upTo = transactions.at(-1)?.commitLsn as bigint;
    if (changes.length === 0) return this.#skipTo(upTo);
    await this.#begin();
    try {
      await this.#write(changes, inOrder);
      await this.#commit(upTo);
    } catch (error) {
      await this.options.client.query('rollback').catch(() => {});
      throw error;
    }
  }

  /** Writes a part of a transaction that is too large to keep in memory, change by change. */
  async #applyPart(part: Applied): Promise<void> {
    if (!this.#inside) await this.#begin();
    this.#inside = true;
    try {
      await this.#write(part.changes, true);
      if (part.commitLsn === undefined) return;
      await this.#commit(part.commitLsn);
      this.#inside = false;
    } catch (error) {
      this.#inside = false;
      await this.options.client.query('rollback').catch(() => {});
      throw error;
    }
  }

  async #begin(): Promise<void> {
    const { client, origin } = this.options;
    if (origin) await origin.begin(client);
    else await client.query(BEGIN_COPYING);
  }

  async #commit(upTo: bigint): Promise<void> {
    await this.#advance(upTo, '; commit');
  }

  /** Records a position without any changes. */
  #skipTo(upTo: bigint): Promise<void> {
    return this.#advance(upTo, '');
  }

  async #advance(upTo: bigint, then: string): Promise<void> {
    const { client, moveId, stream } = this.options;
    const literals = [moveId, stream, formatLsn(this.#position), formatLsn(upTo)].map(pg.escapeLiteral);
    try {
      await client.query(`select tenancy.advance_move(${literals.join(', ')})${then}`);
    } catch (error) {
      throw notOurs(error) ?? error;
    }
    this.#position = upTo;
  }

  /**
   * Writes the result of the changes by one upsert and one delete for each table; only the last change of a row counts. Referenced rows are
   * written before the rows that reference them, and deleted after them.
   *
   * Foreign keys are checked at the end. Deletes come after upserts, since a delete could cascade to rows that have been given another parent
   * before it. In tables that no other table references, deletes come first, to free unique values.
   */
  async #write(changes: readonly Change[], inOrder: boolean): Promise<void> {
    let pending = new Map<string, PendingRows>();
    const flush = async () => {
      const rank = (table: string) => this.#ranks.get(table) ?? 0;
      const statements = [...pending]
        .sort(([one], [other]) => rank(one) - rank(other))
        .map(([table, rows]) => [this.#of(table), rows] as const);
      pending = new Map();
      const { client } = this.options;
      const isLeaf = ({ name }: TableStatements) => this.#leaves.has(name);
      for (const [of, { deleted }] of statements)
        if (isLeaf(of)) await of.delete(client, [...deleted.values()]);
      for (const [of, { written }] of statements) await of.write(client, [...written.values()]);
      for (const [of, { deleted }] of statements.toReversed())
        if (!isLeaf(of)) await of.delete(client, [...deleted.values()]);
    };
    for (const change of changes) {
      if (change.kind === 'truncate') {
        await flush();
        await this.#of(change.table).truncate(this.options.client);
        continue;
      }
      if (change.kind === 'rekey') {
        await flush();
        await this.#of(change.table).rekey(this.options.client, change);
        continue;
      }
      const rows = pending.get(change.table) ?? new PendingRows();
      pending.set(change.table, rows.take(change));
      if (inOrder) await flush();
    }
    await flush();
  }

  #of(table: string): TableStatements {
    const statements = this.#statements.get(table);
    if (statements) return statements;
    throw new MovementError('move_schema_changed', `The database that is written to has no table ${table}.`);
  }
}
