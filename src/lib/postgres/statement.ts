// What is sent to PostgreSQL.

/** One SQL statement. `name` is there when it may be prepared (same name ⇔ same text). */
export interface Statement {
  text: string;
  values: readonly unknown[];
  name?: string;
  /** The column that need not be text: where its row is large, it is `TextRow.large` instead. */
  bytesColumn?: number;
  /** The column that says how many rows the answer holds, where it is one row for all of them. */
  countColumn?: number;
}

/** How many rows a statement has read or changed. */
export function rowsOf({ countColumn }: Statement, rows: readonly TextRow[]): number {
  return countColumn === undefined ? rows.length : Number(rows[0]?.[countColumn]) || 0;
}

/** A row of text columns as PostgreSQL sent them; null is SQL's null. `large`: `Statement.bytesColumn` of a large row, in UTF-8. */
export type TextRow = (string | null)[] & { readonly large?: Uint8Array };

/** One request's work in the database: context, then one statement, in one transaction. */
export interface Transaction {
  readOnly: boolean;
  /** Transaction-local settings (`set_config(name, value, true)`), e.g. `timezone`, `request.path`, `search_path`. */
  settings: readonly (readonly [name: string, value: string])[];
  /** `select schema.function()` to call before the statement (`db-pre-request`). */
  preRequest?: Statement | undefined;
  statement: Statement;
  /** Present only where the answer decides whether the transaction is committed; it costs a second round trip. */
  outcome?: Outcome | undefined;
}

/** When a transaction is committed. Its rows are answered with either way. */
export interface Outcome {
  /** Roll back even where all is well (`tx=rollback`). */
  rollback: boolean;
  /** The column of the statement's one row that counts the rows affected, and how many they must be to be kept. */
  affected: { column: number; least: number; most: number };
}

/** Whether the rows affected are as many as they must be. */
export function isAsExpected({ affected }: Outcome, rows: readonly TextRow[]): boolean {
  const count = Number(rows[0]?.[affected.column] ?? 0);
  return count >= affected.least && count <= affected.most;
}

/** Whether a transaction that was run with these rows has changed anything. */
export function wasKept({ readOnly, outcome }: Transaction, rows: readonly TextRow[]): boolean {
  return !readOnly && (!outcome || (!outcome.rollback && isAsExpected(outcome, rows)));
}
