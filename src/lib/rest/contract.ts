// What goes into the engine and what comes out. The engine knows nothing of tenants or connections.
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

/** A response before HTTP. The body is the text that PostgreSQL built; nothing parses it on the way. */
export interface EngineResponse {
  status: number;
  /** Instead of the status' usual reason phrase. */
  statusText?: string;
  headers: [name: string, value: string][];
  body: string | Uint8Array | null;
  /** Present where the body is PostgREST's error body: the same, so that it need not be parsed. */
  error?: ResponseError;
}

/** PostgREST's error body. `code` is PostgREST's, Marquee's or the SQLSTATE. */
export interface ResponseError {
  code: string;
  message: string;
  details?: string | readonly object[] | null;
  hint?: string | null;
}

/** Runs a transaction on a connection whose context (role, claims) the caller has chosen; returns the statement's rows. */
export type RunTransaction = (transaction: Transaction) => Promise<TextRow[]>;
