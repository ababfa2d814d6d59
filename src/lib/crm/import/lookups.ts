import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { TenantClient } from '@/lib/data-sources';
import { tableNamed } from '@/lib/repositories';
import type { ImportEntity, ImportField } from './entities';
import type { ImportRow } from './rows';

/** Called with the ids of rows before they are written. */
export type Making = (table: string, ids: string[]) => Promise<void>;

/** Values in one filter: an address has room for so many. */
const FILTER_VALUES = 100;
/** The most names cached across batches. */
const MOST_KNOWN = 20_000;

/**
 * Finds rows that exist already: compares the first of the entity's matching columns that both have.
 *
 * @returns id of the existing row, by line; it may be the one that an earlier line of the same batch makes
 */
export async function findDuplicates(
  client: TenantClient,
  entity: ImportEntity,
  rows: ImportRow[],
): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  for (const column of entity.match) {
    const open = rows.filter((row) => !found.has(row.line) && typeof row.values[column] === 'string');
    const typed = open.map((row) => String(row.values[column]));
    const isPhone = column === 'phone';
    // Phone numbers are compared in a normalized form; other text is ignored.
    const values = isPhone && typed.length > 0 ? await phoneKeys(client, typed) : typed;
    const existing = await idsBy(client, entity, isPhone ? 'phone_key' : column, values);
    for (const [index, row] of open.entries()) {
      const value = values[index]?.toLowerCase();
      if (!value) continue;
      const id = existing.get(value);
      if (id === undefined) existing.set(value, row.id);
      else found.set(row.line, id);
    }
  }
  return found;
}

/** Resolves names to ids of referenced rows, cached across batches. */
export class References {
  readonly #known = new Map<string, LRUCache<string, string>>();

  constructor(
    private readonly client: TenantClient,
    private readonly entity: ImportEntity,
    private readonly making: Making,
  ) {}

  /** Replaces names by ids; rows with unknown names are reported and left out. */
  async resolve(
    rows: ImportRow[],
    unknown: (row: ImportRow, label: string, name: string) => void,
  ): Promise<ImportRow[]> {
    const sound = new Set(rows);
    for (const { column, label, reference } of this.entity.fields) {
      if (!reference) continue;
      const naming = rows.filter((row) => row.references[column] !== undefined);
      await this.#learn(
        reference,
        naming.map((row) => row.references[column] ?? ''),
      );
      for (const row of naming) {
        const name = row.references[column] ?? '';
        const id = this.#known.get(reference.table)?.get(name.toLowerCase());
        if (!id) {
          if (sound.delete(row)) unknown(row, label, name);
        } else if (reference.link) row.linked = id;
        else row.values[column] = id;
      }
    }
    return [...sound];
  }

  async #learn({ table, make }: NonNullable<ImportField['reference']>, names: string[]): Promise<void> {
    const known = this.#known.get(table) ?? new LRUCache<string, string>({ max: MOST_KNOWN });
    this.#known.set(table, known);
    const spelled = new Map(names.toReversed().map((name) => [name.toLowerCase(), name]));
    // Reading keeps the names of this batch from being the least recently used.
    const open = [...spelled.entries()].filter(([key]) => known.get(key) === undefined);
    if (open.length === 0) return;
    const { data } = await this.client
      .rpc('named', { kind: table, names: open.map(([key]) => key) })
      .throwOnError();
    for (const { id, name } of data) known.set(name.toLowerCase(), id);
    const missing = make ? open.filter(([key]) => !known.has(key)) : [];
    if (missing.length === 0) return;
    const rows = missing.map(([key, name]) => ({ key, row: { id: randomUUID(), name } }));
    await this.making(
      table,
      rows.map(({ row }) => row.id),
    );
    await this.client
      .from(table)
      .insert(
        rows.map(({ row }) => row),
        { defaultToNull: false },
      )
      .throwOnError();
    for (const { key, row } of rows) known.set(key, row.id);
  }
}

async function phoneKeys(client: TenantClient, phones: string[]): Promise<string[]> {
  const { data } = await client.rpc('phone_keys', { phones }).throwOnError();
  return data.map((key) => key ?? '');
}

/** Ids by value in lower case. */
async function idsBy(
  client: TenantClient,
  { table, softDelete }: ImportEntity,
  column: string,
  values: string[],
): Promise<Map<string, string>> {
  const wanted = [...new Set(values.filter(Boolean))];
  const found = new Map<string, string>();
  for (let at = 0; at < wanted.length; at += FILTER_VALUES) {
    const part = wanted.slice(at, at + FILTER_VALUES);
    const rows = tableNamed(client, table)
      .select<string, Record<string, string>>(`id, ${column}`)
      .in(column, [...new Set(part.flatMap((value) => [value, value.toLowerCase()]))]);
    const { data } = await (softDelete ? rows.is('deleted_at', null) : rows).throwOnError();
    for (const row of data) {
      found.set(String(row[column]).toLowerCase(), row.id ?? '');
    }
  }
  return found;
}
