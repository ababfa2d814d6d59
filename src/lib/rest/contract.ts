// What the engine is given and what it gives. It knows nothing of tenants: "run this" and "here is the schema".

/** A request after HTTP: what the engine reads of it. */
export interface EngineRequest {
  method: string;
  /** Below the mount point, still percent-encoded: `/accounts`, `/rpc/convert_lead`, `/`. */
  path: string;
  /** The raw query string without `?`. */
  query: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
  body?: string | Uint8Array | null;
}

/** A response before HTTP. The body is what PostgreSQL built, never parsed on the way. */
export interface EngineResponse {
  status: number;
  /** Instead of the status' usual reason phrase. */
  statusText?: string;
  headers: [name: string, value: string][];
  body: string | Uint8Array | null;
}

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

/** Runs a transaction on a connection whose context (role, claims) the caller has chosen; returns the statement's rows. */
export type RunTransaction = (transaction: Transaction) => Promise<TextRow[]>;
