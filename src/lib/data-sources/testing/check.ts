import type { DataSourceErrorCode } from '../errors';

export type ConnectionTarget =
  | {
      kind: 'postgres';
      url: string;
      /** What the login is for: `router` serves tenants, `mover` moves them, `administrator` sets the database up. Default router. */
      purpose?: 'router' | 'mover' | 'administrator';
    }
  | { kind: 'supabase'; url: string; serviceKey: string };

export interface ConnectionCheck {
  name:
    | 'connect'
    | 'pooler'
    | 'latency'
    | 'version'
    | 'encryption'
    | 'writable'
    | 'privileges'
    | 'shared_functions'
    | 'schema';
  outcome: 'passed' | 'warning' | 'failed';
  /** For a failure: the code with which operations would fail. */
  code?: DataSourceErrorCode;
  message: string;
  hint?: string;
}

export interface ConnectionTestResult {
  /** No check failed; there may be warnings. */
  ok: boolean;
  /** Code of the first failure. */
  code?: DataSourceErrorCode;
  checks: ConnectionCheck[];
  /** Median round trip, ms. */
  latencyMs?: number;
  /** E.g. `16.4`. */
  serverVersion?: string;
  /** Version of the tenant schema; null where it is not installed or not readable. */
  schemaVersion?: number | null;
}

export interface ConnectionTestOptions {
  /** For the connection, and for each query, ms. Default 5,000. */
  timeoutMs?: number;
  /** A longer median round trip is a warning, ms. Default 100. */
  slowMs?: number;
}
