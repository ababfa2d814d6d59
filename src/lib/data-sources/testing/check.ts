import type { Said } from '@/lib/failures';
import type { DataSourceErrorCode } from '../errors';
import type { UrlRules } from '../provisioning/given-url';
import { type CheckHint, type CheckWord, type Given, sayCheck, sayHint } from './words';

export type ConnectionTarget =
  | {
      kind: 'postgres';
      url: string;
      /** What the login is for: `router` serves tenants, `mover` moves them, `administrator` sets the database up. Default router. */
      purpose?: Purpose;
      /** The database is a customer's: its login should be able to do no more than it needs. */
      isCustomers?: boolean;
      /** The URL is not registered: it is read as `source add` would, with these rules. */
      given?: UrlRules;
    }
  | {
      kind: 'supabase';
      url: string;
      serviceKey: string;
      anonKey?: string | null | undefined;
      given?: UrlRules;
    };

export type Purpose = 'router' | 'mover' | 'administrator';

/** What a warning found. Failures have the code with which operations would fail. */
export type FindingCode =
  | 'pooler_in_between'
  | 'latency_high'
  | 'tls_off'
  | 'tls_unverified'
  | 'certificate_expires'
  | 'default_read_only'
  | 'commits_not_durable'
  | 'triggers_disabled'
  | 'collation_changed'
  | 'functions_shared'
  | 'functions_reachable'
  | 'wal_level_low'
  | 'replication_missing'
  | 'replication_slots_short'
  | 'connections_short'
  | 'clock_skewed'
  | 'schema_missing'
  | 'fence_missing'
  | 'sign_in_missing'
  | 'privileges_excessive';

export interface ConnectionCheck {
  name:
    | 'url'
    | 'resolve'
    | 'connect'
    | 'encryption'
    | 'sign_in'
    | 'pooler'
    | 'latency'
    | 'clock'
    | 'version'
    | 'encoding'
    | 'time_zone'
    | 'writable'
    | 'durability'
    | 'privileges'
    | 'extensions'
    | 'isolation'
    | 'shared_functions'
    | 'reachable_functions'
    | 'replication'
    | 'connections'
    | 'schema'
    | 'fence';
  outcome: 'passed' | 'warning' | 'failed';
  /** What was found, where it did not pass. Stable. */
  code?: DataSourceErrorCode | FindingCode;
  message: string;
  /** What to do about it, where it did not pass. */
  hint?: string;
  /** Message and hint as codes and values; missing where they are those of an error. */
  says?: { message: Said; hint?: Said };
}

/** A failure, for which `source add` refuses. */
export type FailedCheck = ConnectionCheck & { code: DataSourceErrorCode };

export interface ConnectionTestResult {
  /** No check failed; there may be warnings. */
  ok: boolean;
  /** Code of the first failure. */
  code?: DataSourceErrorCode;
  checks: ConnectionCheck[];
  /** Median round trip, ms. */
  latencyMs?: number;
  /** 99th percentile of round trips, ms. */
  latencyP99Ms?: number;
  /** The server's clock minus this machine's, ms. */
  clockSkewMs?: number;
  /** Addresses of the URL's hosts. */
  addresses?: string[];
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
  /** Connections that Marquee is to open to the server. Default 50. */
  connectionBudget?: number;
}

type Name = ConnectionCheck['name'];

/** @param given values of the message */
export function passed(name: Name, word: CheckWord, given: Given = {}): ConnectionCheck {
  const { text: message, said } = sayCheck(word, given);
  return { name, outcome: 'passed', message, says: { message: said } };
}

/** @param given values of the message and of the hint */
export function warning(
  name: Name,
  code: FindingCode,
  word: CheckWord,
  hint: CheckHint,
  given: Given = {},
): ConnectionCheck {
  return { name, outcome: 'warning', code, ...sentences(word, hint, given) };
}

/** @param given values of the message and of the hint */
export function failed(
  name: Name,
  code: DataSourceErrorCode,
  word: CheckWord,
  hint: CheckHint,
  given: Given = {},
): FailedCheck {
  return { name, outcome: 'failed', code, ...sentences(word, hint, given) };
}

function sentences(word: CheckWord, hintWord: CheckHint, given: Given) {
  const [message, hint] = [sayCheck(word, given), sayHint(hintWord, given)];
  return { message: message.text, hint: hint.text, says: { message: message.said, hint: hint.said } };
}

export function isFailed(check: ConnectionCheck): check is FailedCheck {
  return check.outcome === 'failed';
}
