import type { MessageDescriptor } from '@/lib/failures';
import type { DataSourceErrorCode } from '../errors';
import type { UrlRules } from '../provisioning/given-url';
import { type CheckHint, type CheckWord, type Given, sayCheck, sayHint } from './words';

/** What `testConnection` tests: a PostgreSQL database or a Supabase project. */
export type ConnectionTarget =
  | {
      kind: 'postgres';
      url: string;
      /** The purpose of the login: `router` serves tenants, `mover` moves them, `administrator` sets the database up. Default `router`. */
      purpose?: Purpose;
      /** Whether the database is a customer's. Its login should then have no more rights than it needs. */
      isCustomers?: boolean;
      /** Set for a URL that is not registered: it is checked with these rules, as `source add` does. */
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

/** Codes of warnings. A failed check has the code that operations would fail with. */
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

/** The result of one check. docs/connection-test.md describes each. */
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
  /** Stable code of the problem; undefined if the check passed. */
  code?: DataSourceErrorCode | FindingCode;
  message: string;
  /** What to do about the problem. */
  hint?: string;
  /** Message and hint as codes and values; undefined if they come from an error. */
  says?: { message: MessageDescriptor; hint?: MessageDescriptor };
}

/** A failure, for which `source add` refuses. */
export type FailedCheck = ConnectionCheck & { code: DataSourceErrorCode };

/** The result of a connection test: its checks, in the order in which they ran, and what was measured. */
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
  /** Version of the tenant schema; null if it is not installed or cannot be read. */
  schemaVersion?: number | null;
}

/** Limits and thresholds of a connection test. */
export interface ConnectionTestOptions {
  /** Time limit of connecting, and of each query, ms. Default 5,000. */
  timeoutMs?: number;
  /** A longer median round trip is a warning, ms. Default 100. */
  slowMs?: number;
  /** Number of connections that Marquee may open to the server. Default 50. */
  connectionBudget?: number;
  /** A company asks: what names of the operator’s network lead to is not said, nor whether there are such names. Default false. */
  forCompany?: boolean;
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
