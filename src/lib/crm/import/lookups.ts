import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { TenantClient } from '@/lib/data-sources';
import type { ImportEntity, ImportField } from './entities';
import type { ImportRow } from './rows';

/** Called with the ids of rows before they are written. */
export type Making = (table: string, ids: string[]) => Promise<void>;

/** A record that a row of the file is about, and how it was recognized. */
export interface Match {
  id: string;
  /** The column in which they agree, and its value. */
  by: string;
  value: string;
  /** Name of the record; or `line`: the line of the file with the same value. */
  name?: string;
  line?: number;
}

/** The most names cached across batches. */
const MOST_KNOWN = 20_000;
/** The most rows of a file compared with each other; those further apart are found among the records. */
const MOST_SEEN = 200_000;
/** Texts that many records share and that say nothing. */
const NO_NAME = /^(n\/?a|none|unknown|unbekannt|test|tbd|-+|\.+|\?+|x+)$/i;

/**
 * Finds records that rows of a file are about. Records are the same if they agree in one of the entity's matching columns. An
 * equal phone number does not count where both have an email address and these differ: two people share a telephone.
 */
export class Matcher {
  /** Rows of the file seen before, by column and value. */
  readonly #seen = new LRUCache<string, { line: number; id: string; email: unknown }>({ max: MOST_SEEN });

  constructor(
    private readonly client: TenantClient,
    private readonly entity: ImportEntity,
  ) {}

  /** Matches of a batch of rows, by line. Of rows of the file that are the same, the first is kept in mind. */
  async find(rows: ImportRow[]): Promise<Map<number, Match>> {
    const found = new Map<number, Match>();
    for (const by of this.entity.match) {
      const open = rows.filter((row) => !found.has(row.line) && typeof row.values[by] === 'string');
      const keys = await this.#keysOf(
        by,
        open.map((row) => String(row.values[by])),
      );
      const existing = await this.#existing(by, keys);
      for (const [index, row] of open.entries()) {
        const key = keys[index];
        if (!key) continue;
        const value = String(row.values[by]);
        const before = this.#seen.get(`${by}:${key}`);
        if (before && (by !== 'phone' || agree(row, before.email))) {
          found.set(row.line, { id: before.id, by, value, line: before.line });
          continue;
        }
        const record = (existing.get(key) ?? []).find((one) => by !== 'phone' || agree(row, one.email));
        if (record) found.set(row.line, { id: record.id, by, value, name: record.name });
        if (before) continue;
        this.#seen.set(`${by}:${key}`, { line: row.line, id: record?.id ?? row.id, email: row.values.email });
      }
    }
    return found;
  }

  /** How values are compared; '' for those that say nothing. */
  async #keysOf(by: string, values: string[]): Promise<string[]> {
    if (by === 'phone') {
      if (values.length === 0) return [];
      const { data } = await this.client.rpc('phone_keys', { phones: values }).throwOnError();
      return data.map((key) => key ?? '');
    }
    return values.map((value) => {
      const key = value.trim().toLowerCase();
      return by === 'name' && NO_NAME.test(key) ? '' : key;
    });
  }

  async #existing(by: string, keys: string[]) {
    const wanted = [...new Set(keys.filter(Boolean))];
    if (wanted.length === 0) return new Map<string, { id: string; name: string; email: string | null }[]>();
    const { data } = await this.client
      .rpc('matching_records', { kind: this.entity.table, by, keys: wanted })
      .throwOnError();
    return Map.groupBy(data, ({ key }) => key);
  }
}

/** Whether two email addresses are no reason to think of two people. */
function agree(row: ImportRow, email: unknown): boolean {
  return !row.values.email || !email || row.values.email === email;
}

/** Resolves names to ids of referenced rows, cached across batches. */
export class References {
  readonly #known = new Map<string, LRUCache<string, string>>();

  constructor(
    private readonly client: TenantClient,
    private readonly entity: ImportEntity,
    private readonly making: Making,
  ) {}

  /** Replaces names by ids. Unknown names are left out; a row that needs one has an error then. */
  async resolve(rows: ImportRow[]): Promise<void> {
    for (const { column, label, reference, required } of this.entity.fields) {
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
          const report = { column: label, message: `There is no ${label.toLowerCase()} “${name}”.` };
          (required ? row.errors : row.leftOut).push(report);
        } else if (reference.link) row.linked = id;
        else row.values[column] = id;
      }
    }
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
