// What is sent to PostgreSQL.

/** One SQL statement. `name` is there when it may be prepared (same name ⇔ same text). */
export interface Statement {
  text: string;
  values: readonly unknown[];
  name?: string;
}

/** A row of text columns as PostgreSQL sent them; null is SQL's null. `bytea` comes as Buffer where asked for. */
export type TextRow = (string | null)[];

/** One request's work in the database: context, then one statement, in one transaction. */
export interface Transaction {
  readOnly: boolean;
  /** Transaction-local settings (`set_config(name, value, true)`), e.g. `timezone`, `request.path`, `search_path`. */
  settings: readonly (readonly [name: string, value: string])[];
  /** `select schema.function()` to call before the statement (`db-pre-request`). */
  preRequest?: Statement;
  statement: Statement;
  /**
   * Present only when the outcome depends on the answer (`max-affected`, singular objects, `tx=rollback`):
   * returns whether to commit; throwing rolls back and rejects with what was thrown.
   */
  decide?: (rows: TextRow[]) => 'commit' | 'rollback';
}
