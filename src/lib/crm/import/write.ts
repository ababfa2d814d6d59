import type { TenantClient } from '@/lib/data-sources';
import { tableNamed } from '@/lib/repositories';
import { inWords } from '../refusals';
import type { ImportEntity } from './entities';
import { findDuplicates, type Making, type References } from './lookups';
import type { ImportRow } from './rows';

export interface RowError {
  line: number;
  column: string;
  message: string;
}

export interface ImportResult {
  created: number;
  updated: number;
  skipped: number;
  /** Rows that were not imported, at most 1,000 of them. */
  errors: RowError[];
  failed: number;
}

const MAX_ERRORS = 1000;
/** Rows changed at once, where each is a request of its own. */
const AT_ONCE = 8;

/** Writes one batch of rows and counts the outcome in the result. */
export class BatchWriter {
  constructor(
    private readonly client: TenantClient,
    private readonly entity: ImportEntity,
    private readonly making: Making,
    private readonly result: ImportResult,
  ) {}

  async write(
    rows: ImportRow[],
    policy: 'skip' | 'update' | 'create',
    references: References,
  ): Promise<void> {
    for (const row of rows.filter(({ errors }) => errors.length > 0)) {
      this.result.failed += 1;
      for (const { column, message } of row.errors) this.#report(row.line, column, message);
    }
    const sound = await references.resolve(
      rows.filter(({ errors }) => errors.length === 0),
      (row, label, name) => this.#fail(row, label, `There is no ${label.toLowerCase()} “${name}”.`),
    );
    const duplicates =
      policy === 'create' ? new Map<number, string>() : await findDuplicates(this.client, this.entity, sound);
    const fresh = sound.filter((row) => !duplicates.has(row.line));
    if (fresh.length > 0) {
      await this.making(
        this.entity.table,
        fresh.map(({ id }) => id),
      );
      await this.#insert(fresh);
    }
    const again = sound.filter((row) => duplicates.has(row.line));
    if (policy === 'skip') this.result.skipped += again.length;
    else await this.#update(again, duplicates);
  }

  /** Halves a refused batch until the refused row is found. */
  async #insert(rows: ImportRow[]): Promise<void> {
    const written = rows.map((row) => ({ ...row.values, id: row.id }));
    const { error } = await tableNamed(this.client, this.entity.table).insert(written, {
      defaultToNull: false,
    });
    const [only] = rows;
    if (!error) {
      this.result.created += rows.length;
      await this.#link(rows.map((row) => ({ id: row.id, linked: row.linked, isNew: true })));
    } else if (rows.length === 1 && only) {
      this.#fail(only, '', inWords(error) ?? error.message);
    } else {
      const half = Math.ceil(rows.length / 2);
      await this.#insert(rows.slice(0, half));
      await this.#insert(rows.slice(half));
    }
  }

  /** In the file's order where several lines are about one row: the last one wins. */
  async #update(rows: ImportRow[], ids: Map<number, string>): Promise<void> {
    const byRow = Map.groupBy(rows, (row) => ids.get(row.line) ?? '');
    const open = [...byRow];
    const work = async () => {
      for (let next = open.shift(); next; next = open.shift()) {
        const [id, lines] = next;
        for (const row of lines) {
          const { error } = await tableNamed(this.client, this.entity.table).update(row.values).eq('id', id);
          if (error) this.#fail(row, '', inWords(error) ?? error.message);
          else this.result.updated += 1;
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    await this.#link(rows.map((row) => ({ id: ids.get(row.line) ?? '', linked: row.linked, isNew: false })));
  }

  /** Links rows with those they name; existing links stay as they are. */
  async #link(rows: { id: string; linked: string | undefined; isNew: boolean }[]): Promise<void> {
    const field = this.entity.fields.find(({ reference }) => reference?.link);
    const link = field?.reference?.link;
    const pairs = rows.filter(({ linked }) => linked !== undefined);
    if (!field || !link || pairs.length === 0) return;
    await tableNamed(this.client, link.table)
      .upsert(
        pairs.map(({ id, linked, isNew }) => ({
          [link.own]: id,
          [field.column]: linked,
          // An existing contact keeps its primary account.
          is_primary: isNew,
        })),
        {
          onConflict: `tenant_id,${link.own},${field.column}`,
          ignoreDuplicates: true,
          defaultToNull: false,
        },
      )
      .throwOnError();
  }

  #fail(row: ImportRow, column: string, message: string): void {
    this.result.failed += 1;
    this.#report(row.line, column, message);
  }

  #report(line: number, column: string, message: string): void {
    if (this.result.errors.length < MAX_ERRORS) this.result.errors.push({ line, column, message });
  }
}
