import { randomUUID } from 'node:crypto';
import type { TenantClient } from '@/lib/data-sources';
import { tableNamed } from '@/lib/repositories';
import { inWords } from '../refusals';
import type { ImportEntity } from './entities';
import { makeEvents, reportKept } from './events';
import type { Making, Match, Matcher, References } from './lookups';
import type { ImportRow } from './rows';

export interface RowError {
  line: number;
  column: string;
  message: string;
  /** Whether the row was imported without this field. */
  kept?: boolean;
}

/** A row of the file that was there already. */
export interface RowMatch extends Omit<Match, 'line'> {
  line: number;
  /** The earlier line of the file that is the same. */
  sameAs?: number;
}

export interface ImportResult {
  created: number;
  updated: number;
  skipped: number;
  /** Rows that were not imported. */
  failed: number;
  /** Rows that were imported without a field that could not be read. */
  incomplete: number;
  /** What could not be read, at most 1,000 of it. */
  errors: RowError[];
  /** Rows that were there already, and how they were recognized; at most 1,000 of them. */
  matches: RowMatch[];
}

const MOST_LISTED = 1000;
/** Values in one filter: the length of an address is limited. */
const FILTER_VALUES = 100;

/** Writes one batch of rows and counts the outcome in the result. */
export class BatchWriter {
  constructor(
    private readonly client: TenantClient,
    private readonly entity: ImportEntity,
    private readonly making: Making,
    private readonly result: ImportResult,
    /** Id of the import, under which overwritten values are kept for undoing it. */
    private readonly importId: string,
  ) {}

  async write(
    rows: ImportRow[],
    policy: 'skip' | 'update' | 'create',
    references: References,
    matcher: Matcher,
  ): Promise<void> {
    await references.resolve(rows.filter(({ errors }) => errors.length === 0));
    for (const row of rows) {
      for (const report of row.errors) this.#report(row.line, report);
      if (row.errors.length > 0) this.result.failed += 1;
    }
    const sound = rows.filter(({ errors }) => errors.length === 0);
    const matches = policy === 'create' ? new Map<number, Match>() : await matcher.find(sound);
    const fresh = sound.filter((row) => !matches.has(row.line));
    if (fresh.length > 0) {
      await this.making(
        this.entity.table,
        fresh.map(({ id }) => id),
      );
      if (this.entity.isBooked) await this.#insertBooked(fresh);
      else await this.#insert(fresh);
    }
    const again = sound.filter((row) => matches.has(row.line));
    for (const { line } of again) {
      const { line: sameAs, ...match } = matches.get(line) as Match;
      this.#list(this.result.matches, { ...match, line, ...(sameAs === undefined ? {} : { sameAs }) });
    }
    if (policy === 'skip') this.result.skipped += again.length;
    else await this.#update(again, matches);
  }

  async #insertBooked(rows: ImportRow[]): Promise<void> {
    const refusals = await makeEvents(this.client, rows);
    for (const [index, row] of rows.entries()) {
      const refusal = refusals[index];
      if (refusal) this.#fail(row, refusal);
      else {
        this.result.created += 1;
        this.#reportLeftOut(row);
      }
    }
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
      for (const row of rows) this.#reportLeftOut(row);
      await this.#link(rows.map((row) => ({ id: row.id, linked: row.linked, isNew: true })));
    } else if (rows.length === 1 && only) {
      this.#fail(only, inWords(error) ?? error.message);
    } else {
      const half = Math.ceil(rows.length / 2);
      await this.#insert(rows.slice(0, half));
      await this.#insert(rows.slice(half));
    }
  }

  /** In the file's order where several lines are about one row: the last one wins. */
  async #update(rows: ImportRow[], matches: Map<number, Match>): Promise<void> {
    if (rows.length === 0) return;
    const { data } = await this.client
      .rpc('update_imported', {
        import_id: this.importId,
        kind: this.entity.table,
        changes: rows.map((row) => ({ id: matches.get(row.line)?.id ?? '', values: row.values })) as never,
      })
      .throwOnError();
    if (this.entity.isBooked)
      await reportKept(
        this.client,
        rows.map((row) => ({ id: matches.get(row.line)?.id ?? '', row })),
      );
    const updated: ImportRow[] = [];
    for (const [index, row] of rows.entries()) {
      const refusal = (data as unknown as (string | null)[])[index];
      if (refusal) this.#fail(row, refusal);
      else {
        updated.push(row);
        this.#reportLeftOut(row);
      }
    }
    this.result.updated += updated.length;
    await this.#link(
      updated.map((row) => ({ id: matches.get(row.line)?.id ?? '', linked: row.linked, isNew: false })),
    );
  }

  /** Links rows with those they name; existing links stay as they are. The link of a new row has its id: by that `remove_imported` knows it. */
  async #link(rows: { id: string; linked: string | undefined; isNew: boolean }[]): Promise<void> {
    const field = this.entity.fields.find(({ reference }) => reference?.link);
    const link = field?.reference?.link;
    const pairs = rows.filter(({ linked }) => linked !== undefined);
    if (!field || !link || pairs.length === 0) return;
    const written = pairs.map(({ id, linked, isNew }) => ({
      id: isNew ? id : randomUUID(),
      [link.own]: id,
      [field.column]: linked,
      // An existing contact keeps its primary account.
      is_primary: isNew,
    }));
    // Links of new rows go with them.
    const ofExisting = written.filter(({ is_primary: isNew }) => !isNew).map(({ id }) => id);
    const linked = await this.#linked(link.table, link.own, field.column, ofExisting.length > 0 ? pairs : []);
    if (ofExisting.length > 0) await this.making(link.table, ofExisting);
    const missing = new Map<string, (typeof written)[number]>(
      written.map((one) => [`${one[link.own]} ${one[field.column]}`, one] as const).toReversed(),
    );
    for (const pair of linked) missing.delete(pair);
    if (missing.size === 0) return;
    await tableNamed(this.client, link.table)
      .insert([...missing.values()], { defaultToNull: false })
      .throwOnError();
  }

  /** The rows among these that are linked already, in any role. */
  async #linked(
    table: string,
    own: string,
    other: string,
    rows: { id: string; linked: string | undefined }[],
  ): Promise<string[]> {
    const pairs: string[] = [];
    for (let at = 0; at < rows.length; at += FILTER_VALUES) {
      const { data } = await tableNamed(this.client, table)
        .select<string, Record<string, string>>(`${own}, ${other}`)
        .in(own, [...new Set(rows.slice(at, at + FILTER_VALUES).map(({ id }) => id))])
        .throwOnError();
      pairs.push(...data.map((row) => `${row[own]} ${row[other]}`));
    }
    return pairs;
  }

  #fail(row: ImportRow, message: string): void {
    this.result.failed += 1;
    this.#report(row.line, { column: '', message });
  }

  #reportLeftOut({ line, leftOut }: ImportRow): void {
    if (leftOut.length > 0) this.result.incomplete += 1;
    for (const report of leftOut) this.#report(line, { ...report, kept: true });
  }

  #report(line: number, report: Omit<RowError, 'line'>): void {
    this.#list(this.result.errors, { line, ...report });
  }

  #list<T>(list: T[], entry: T): void {
    if (list.length < MOST_LISTED) list.push(entry);
  }
}
