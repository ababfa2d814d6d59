/** Where rows go: a tenant transaction. */
export interface RowTarget {
  query(sql: string, values?: unknown[]): Promise<unknown>;
}

type Row = Record<string, unknown>;

/** A row a time is slow; all at once is a large message, and a statement that a slow machine does not end in time. */
const CHUNK = 100;

/** Rows by table, kept until they are written together. */
export class Rows {
  readonly #tables = new Map<string, Row[]>();

  add(table: string, row: Row): void {
    const rows = this.#tables.get(table);
    if (rows) rows.push(row);
    else this.#tables.set(table, [row]);
  }

  count(table: string): number {
    return this.#tables.get(table)?.length ?? 0;
  }

  /** Writes the rows of these tables, in this order, and forgets them. Columns that no row names get their defaults. */
  async write(target: RowTarget, tables: string[]): Promise<void> {
    for (const table of tables) {
      const rows = this.#tables.get(table) ?? [];
      this.#tables.delete(table);
      // Rows with the same columns go together, so that a column left out keeps its default.
      for (const [columns, group] of Map.groupBy(rows, (row) => Object.keys(row).sort().join(', '))) {
        const sql = `insert into public.${table} (${columns}) select ${columns} from jsonb_populate_recordset(null::public.${table}, $1::jsonb) on conflict do nothing`;
        for (let at = 0; at < group.length; at += CHUNK) {
          await target.query(sql, [JSON.stringify(group.slice(at, at + CHUNK))]);
        }
      }
    }
  }
}
