// A tenant at work: rows are inserted, changed and removed at a steady rate, and each is accounted for.
import { randomUUID } from 'node:crypto';
import type { DataSourceManager } from '@/lib/data-sources/manager';

/** A row is changed once this many later ones were inserted, and removed after twice as many. */
const ROW_LIFE = 300;

interface Row {
  token: string;
  id?: string;
  changed: boolean;
  /** An answer that was an error says nothing about the row. */
  unknown: boolean;
  settled: Promise<void>;
}

/** What the database says of a row: its token, how often it is there, and how often it was changed. */
export interface FoundRow {
  token: string;
  n: number;
  changes: number;
}

/** Writes `accounts` of a tenant; the table does not grow, so that each move has the same rows to copy. */
export class SteadyWriter {
  readonly timings: { at: number; took: number }[] = [];
  readonly errors: unknown[] = [];
  acknowledged = 0;
  /** Rows that were written and were not there to be changed or removed. */
  #vanished = 0;
  readonly #rows = new Map<number, Row>();
  readonly #removed = new Set<string>();
  readonly #unknown = new Set<string>();

  constructor(
    private readonly manager: DataSourceManager,
    private readonly tenantId: string,
  ) {}

  /** The n-th write: by turns an insert, a change and a removal. Never rejects. */
  async write(n: number): Promise<void> {
    const born = Math.floor(n / 3);
    if (n % 3 === 0) return this.#insert(born);
    const number = born - (n % 3) * ROW_LIFE;
    const row = this.#rows.get(number);
    // A row of the first few: nothing is that old yet.
    if (!row) return;
    if (n % 3 === 2) this.#rows.delete(number);
    const before = row.settled;
    row.settled = before.then(() => (n % 3 === 1 ? this.#change(row) : this.#remove(row)));
    await row.settled;
  }

  async #insert(number: number): Promise<void> {
    const row: Row = { token: randomUUID(), changed: false, unknown: false, settled: Promise.resolve() };
    this.#rows.set(number, row);
    row.settled = this.#timed(
      row,
      'insert into accounts (name, website, credit_limit) values ($1, $2, 0) returning id',
      ['w', row.token],
      (id) => {
        row.id = id;
      },
    );
    await row.settled;
  }

  async #change(row: Row): Promise<void> {
    if (!row.id) return;
    await this.#timed(
      row,
      'update accounts set credit_limit = credit_limit + 1 where id = $1 returning id',
      [row.id],
      () => {
        row.changed = true;
      },
    );
  }

  async #remove(row: Row): Promise<void> {
    if (!row.id) return;
    await this.#timed(row, 'delete from accounts where id = $1 returning id', [row.id], () => {
      this.#removed.add(row.token);
    });
    if (row.unknown) this.#unknown.add(row.token);
  }

  async #timed(row: Row, text: string, values: string[], done: (id: string) => void): Promise<void> {
    const at = performance.now();
    try {
      const [answer] = await this.manager.execute(this.tenantId, {
        text,
        values,
        name: text.slice(0, 6),
      });
      this.timings.push({ at, took: performance.now() - at });
      this.acknowledged += 1;
      if (answer) done(answer[0] ?? '');
      else this.#vanished += 1;
    } catch (error) {
      row.unknown = true;
      this.errors.push(error);
    }
  }

  /** Compares what was acknowledged with the rows of the database the tenant is in now. */
  account(found: readonly FoundRow[]): { lost: number; doubled: number } {
    const byToken = new Map(found.map((row) => [row.token, row]));
    const live = [...this.#rows.values()].filter(({ unknown, id }) => id && !unknown);
    const lost = live.filter(({ token, changed }) => {
      const row = byToken.get(token);
      return !row || (changed && row.changes < 1);
    });
    const back = found.filter(({ token }) => this.#removed.has(token) && !this.#unknown.has(token));
    return {
      lost: lost.length + back.length + this.#vanished,
      doubled: found.filter(({ n, changes }) => n > 1 || changes > 1).length,
    };
  }
}
