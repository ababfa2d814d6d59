// What the engine is given and what it gives. It knows nothing of tenants: "run this" and "here is the schema".
import type { TextRow, Transaction } from '@/lib/postgres';

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

/** Runs a transaction on a connection whose context (role, claims) the caller has chosen; returns the statement's rows. */
export type RunTransaction = (transaction: Transaction) => Promise<TextRow[]>;
