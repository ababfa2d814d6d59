// The statements that write the changes of one table's rows.

import type pg from 'pg';
import { columnList, quote, type TenantColumn, type TenantTable } from '@/lib/tenant-data/rows';
import { MovementError } from '../errors';
import type { Change } from './change-stream';
import type { Value } from './pgoutput';

/** Writes rows of one table. Values are sent as text, in one array for each column, and cast to the column's type. */
export class TableStatements {
  readonly #upsert: string;
  readonly #delete: string;
  readonly #numbers: GeneratedNumbers;
  readonly #places: number[];
  readonly #tenantPlace: number;

  constructor(
    private readonly table: TenantTable,
    source: TenantTable,
    private readonly tenantId: string,
    /** Whether no other table references the table. */
    isLeaf: boolean,
  ) {
    const { columns, key, name } = table;
    this.#places = columns.map((column) => source.columns.findIndex((other) => other.name === column.name));
    this.#tenantPlace = columns.findIndex((column) => column.name === 'tenant_id');
    const isKey = (column: string) => column === 'tenant_id' || key.some((part) => part.name === column);
    const rest = columns.filter((column) => !isKey(column.name) && !column.always);
    const cast = columns.map(({ type }, place) => `c${place}::${type}`).join(', ');
    const action =
      rest.length === 0
        ? 'nothing'
        : `update set ${rest.map((column) => `${quote(column.name)} = excluded.${quote(column.name)}`).join(', ')}`;
    this.#upsert =
      `insert into ${name} (${columnList(columns)}) overriding system value select ${cast} ` +
      `from unnest(${columns.map((_, place) => `$${place + 1}::text[]`).join(', ')}) as u (${columns.map((_, place) => `c${place}`).join(', ')}) ` +
      `on conflict (tenant_id, ${columnList(key)}) do ${action}`;
    this.#delete =
      `delete from ${name} t using unnest(${key.map((_, place) => `$${place + 2}::text[]`).join(', ')}) as u (${key.map((_, place) => `k${place}`).join(', ')}) ` +
      `where t.tenant_id = $1 and ${key.map((column, place) => `t.${quote(column.name)} = u.k${place}::${column.type}`).join(' and ')}`;
    this.#numbers = new GeneratedNumbers(table, tenantId, isLeaf);
  }

  get name(): string {
    return this.table.name;
  }

  /** Upserts complete rows by one statement. For incomplete rows, updates the values that were sent. */
  async write(client: pg.Client, rows: readonly Value[][]): Promise<void> {
    await this.#numbers.renew(client, rows, (row, column) => this.#given(row, column));
    for (const row of rows) if (row.includes(undefined)) await this.#patch(client, row);
    const full = rows.filter((row) => !row.includes(undefined));
    if (full.length > 0) await this.#upsertAll(client, full);
  }

  async #upsertAll(client: pg.Client, rows: readonly Value[][]): Promise<void> {
    const values = this.#places.map((place, column) =>
      rows.map((row) => (column === this.#tenantPlace ? this.tenantId : (row[place] ?? null))),
    );
    // Named by the table's number, since names of tables may be as long as those of statements.
    await client.query({ name: `upsert ${this.table.oid}`, text: this.#upsert, values });
  }

  async delete(client: pg.Client, keys: readonly string[][]): Promise<void> {
    if (keys.length === 0) return;
    const columns = this.table.key.map((_, place) => keys.map((key) => key[place]));
    await client.query({
      name: `delete ${this.table.oid}`,
      text: this.#delete,
      values: [this.tenantId, ...columns],
    });
  }

  /**
   * Changes a row's key, and keeps the values that were not sent. A foreign key with `on update cascade` may have changed the key before.
   *
   * @throws MovementError `move_verification_failed` if there is no such row
   */
  async rekey(client: pg.Client, change: Extract<Change, { kind: 'rekey' }>): Promise<void> {
    const { key, newKey, values } = change;
    if ((await this.#patch(client, values, key)) > 0) return;
    if (!values.includes(undefined)) await this.#upsertAll(client, [values]);
    else if ((await this.#patch(client, values, newKey)) === 0)
      throw cannotApply(this.table, 'a row whose key changed does not exist');
  }

  /**
   * Updates the values that were sent, since a change does not contain large unchanged values. If the row is missing, a later change deletes
   * it.
   *
   * @param key the row's key before the update, if the update changes it
   * @returns number of rows updated
   */
  async #patch(client: pg.Client, row: readonly Value[], key?: readonly string[]): Promise<number> {
    const { columns, name } = this.table;
    const given = (column: TenantColumn) => this.#given(row, column);
    const values: unknown[] = [this.tenantId];
    const assign = (column: TenantColumn, value: Value) => {
      values.push(value);
      return `${quote(column.name)} = $${values.length}::text::${column.type}`;
    };
    const isKey = (column: TenantColumn) => this.table.key.includes(column);
    const sets = columns.filter(
      (column) =>
        column.name !== 'tenant_id' &&
        !column.always &&
        (key || !isKey(column)) &&
        given(column) !== undefined,
    );
    if (sets.length === 0) return 0;
    const set = sets.map((column) => assign(column, given(column))).join(', ');
    const where = this.table.key.map((column, place) => assign(column, key ? key[place] : given(column)));
    const { rowCount } = await client.query(
      `update ${name} set ${set} where tenant_id = $1 and ${where.join(' and ')}`,
      values,
    );
    return rowCount ?? 0;
  }

  #given(row: readonly Value[], column: TenantColumn): Value {
    return row[this.#places[this.table.columns.indexOf(column)] as number];
  }

  async truncate(client: pg.Client): Promise<void> {
    await client.query(`delete from ${this.table.name} where tenant_id = $1`, [this.tenantId]);
  }
}

/** Columns outside the key that are `generated always as identity`. UPDATE cannot set them, so a row whose number has changed is inserted again. */
class GeneratedNumbers {
  readonly #columns: TenantColumn[];
  readonly #key: TenantColumn[];

  constructor(
    private readonly table: TenantTable,
    private readonly tenantId: string,
    private readonly isLeaf: boolean,
  ) {
    this.#key = table.key;
    this.#columns = table.columns.filter((column) => column.always && !table.key.includes(column));
  }

  /** @throws MovementError `move_verification_failed` if other tables reference the row, because deleting it could cascade */
  async renew(
    client: pg.Client,
    rows: readonly Value[][],
    given: (row: readonly Value[], column: TenantColumn) => Value,
  ): Promise<void> {
    if (this.#columns.length === 0 || rows.length === 0) return;
    const { columns, name } = this.table;
    const sent = [...this.#key, ...this.#columns];
    const u = (column: TenantColumn) => `u.c${sent.indexOf(column)}::${column.type}`;
    const from = `unnest(${sent.map((_, place) => `$${place + 2}::text[]`).join(', ')}) as u (${sent.map((_, place) => `c${place}`).join(', ')})`;
    const same = this.#key.map((column) => `t.${quote(column.name)} = ${u(column)}`);
    const differs = this.#columns.map((column) => `t.${quote(column.name)} is distinct from ${u(column)}`);
    const where = `where t.tenant_id = $1 and ${same.join(' and ')} and (${differs.join(' or ')})`;
    const renumbered = columns.map((column) =>
      this.#columns.includes(column) ? `marquee_${sent.indexOf(column)}` : quote(column.name),
    );
    const text = this.isLeaf
      ? `with gone as (delete from ${name} t using ${from} ${where}
           returning t.*, ${this.#columns.map((column) => `${u(column)} as marquee_${sent.indexOf(column)}`).join(', ')})
         insert into ${name} (${columnList(columns)}) overriding system value select ${renumbered.join(', ')} from gone`
      : `select from ${name} t, ${from} ${where} limit 1`;
    const values = sent.map((column) => rows.map((row) => given(row, column)));
    const { rowCount } = await client.query(text, [this.tenantId, ...values]);
    if (rowCount && !this.isLeaf)
      throw cannotApply(this.table, 'a referenced row was given another generated number');
  }
}

function cannotApply({ name }: TenantTable, why: string): MovementError {
  return new MovementError('move_verification_failed', `${name}: ${why}.`, {
    hint: 'Abort the move and start it again: a new copy has the row as it is now.',
  });
}
