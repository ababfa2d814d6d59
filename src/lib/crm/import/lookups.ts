import { randomUUID } from 'node:crypto';
import type { PostgrestClient } from '@supabase/postgrest-js';
import type { ImportEntity } from './entities';
import type { ImportRow } from './rows';

/** Values in one filter: an address has room for so many. */
const FILTER_VALUES = 100;

/**
 * Which rows are there already: the first of the entity's matching columns that both have decides.
 *
 * @returns id of the existing row, by line; a row that an earlier line of the same batch repeats counts as existing
 */
export async function findDuplicates(
  client: PostgrestClient,
  entity: ImportEntity,
  rows: ImportRow[],
): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  for (const column of entity.match) {
    const open = rows.filter((row) => !found.has(row.line) && typeof row.values[column] === 'string');
    const existing = await idsBy(
      client,
      entity.table,
      column,
      open.map((row) => String(row.values[column])),
    );
    const seen = new Set<string>();
    for (const row of open) {
      const value = String(row.values[column]).toLowerCase();
      const id = existing.get(value);
      if (id !== undefined) found.set(row.line, id);
      else if (seen.has(value)) found.set(row.line, '');
      seen.add(value);
    }
  }
  return found;
}

/** Names to ids of the rows that an import refers to, remembered over its batches. */
export class References {
  readonly #known = new Map<string, Map<string, string>>();

  constructor(
    private readonly client: PostgrestClient,
    private readonly entity: ImportEntity,
    private readonly made: Record<string, string[]>,
  ) {}

  /** Puts ids for names; rows whose names lead nowhere are reported and left out. */
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
        if (id) row.values[column] = id;
        else if (sound.delete(row)) unknown(row, label, name);
      }
    }
    return [...sound];
  }

  async #learn(
    { table, by, make }: { table: string; by: string; make?: boolean },
    names: string[],
  ): Promise<void> {
    const known = this.#known.get(table) ?? new Map<string, string>();
    this.#known.set(table, known);
    const spelled = new Map(names.toReversed().map((name) => [name.toLowerCase(), name]));
    const open = [...spelled.entries()].filter(([key]) => !known.has(key));
    const existing = await idsBy(
      this.client,
      table,
      by,
      open.map(([, name]) => name),
      true,
    );
    for (const [key, id] of existing) known.set(key, id);
    const missing = make ? open.filter(([key]) => !known.has(key)) : [];
    if (missing.length === 0) return;
    const rows = missing.map(([key, name]) => ({ key, row: { id: randomUUID(), [by]: name } }));
    await this.client
      .from(table)
      .insert(
        rows.map(({ row }) => row),
        { defaultToNull: false },
      )
      .throwOnError();
    for (const { key, row } of rows) known.set(key, row.id);
    this.made[table] ??= [];
    this.made[table].push(...rows.map(({ row }) => row.id));
  }
}

/** Ids by value in lower case. */
async function idsBy(
  client: PostgrestClient,
  table: string,
  column: string,
  values: string[],
  anyCase = false,
): Promise<Map<string, string>> {
  const wanted = [...new Set(values.filter(Boolean))];
  const found = new Map<string, string>();
  for (let at = 0; at < wanted.length; at += FILTER_VALUES) {
    const part = wanted.slice(at, at + FILTER_VALUES);
    const rows = client.from(table).select(`id, ${column}`);
    // A pattern for each value is slow where there are many; wildcards in a value stand for themselves.
    const matching = anyCase
      ? rows.ilikeAnyOf(
          column,
          part.map((value) => value.replace(/[\\%_]/g, '\\$&')),
        )
      : rows.in(column, [...new Set(part.flatMap((value) => [value, value.toLowerCase()]))]);
    const { data } = await matching.throwOnError();
    for (const row of data as unknown as Record<string, string>[]) {
      found.set(String(row[column]).toLowerCase(), row.id ?? '');
    }
  }
  return found;
}
