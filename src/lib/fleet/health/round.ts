// What one round of probes found.
import { classify, type Fault } from '@/lib/failures';
import type { CauseName, Finding } from './catalogue';
import { seen } from './evidence';
import type { Thresholds } from './thresholds';

/** What probes need from one round to the next. */
export interface Memory {
  /** When a transaction whose beginning this login may not read was first seen, ms, by its virtual id. */
  transactions?: Record<string, number>;
  /** The database's counter of transactions, and when it was read, ms. */
  traffic?: { transactions: number; at: number };
  /** Outcomes of probes that are not made in each round, and when they were made, ms. */
  kept?: Record<string, Outcome & { at: number }>;
}

export interface Outcome {
  findings: Finding[];
  measures: Record<string, number>;
  facts: Record<string, string>;
}

export interface Round extends Outcome {
  memory: Memory;
}

/** What is probed, and how. */
export interface Target {
  name: string;
  /** URL of the login that serves tenants, or of a Supabase project. Never log it. */
  url: string;
  /** Only for a Supabase project. */
  serviceKey: string | null;
  thresholds: Thresholds;
  memory: Memory;
  /** Aborted when the process stops: the round ends at once. */
  signal: AbortSignal;
}

export function noOutcome(): Outcome {
  return { findings: [], measures: {}, facts: {} };
}

export function add(to: Outcome, more: Outcome): void {
  to.findings.push(...more.findings);
  Object.assign(to.measures, more.measures);
  Object.assign(to.facts, more.facts);
}

const OF_CONNECTING: Partial<Record<Fault['kind'], CauseName>> = {
  'sign-in-refused': 'sign_in_refused',
  'database-missing': 'database_missing',
  'out-of-connections': 'connections_exhausted',
  'shutting-down': 'server_starting',
  tls: 'tls_refused',
  timeout: 'server_not_answering',
};

const CODES: Record<string, CauseName> = {
  primary_unknown: 'no_primary',
  address_refused: 'address_refused',
};

/** Why there is no connection. @param subject what did not answer, for the evidence */
export function connectFailure(
  error: unknown,
  subject: 'connecting' | 'probe' | 'rest',
  values: Record<string, string> = {},
): Finding {
  const chain = [error, error instanceof Error ? error.cause : undefined];
  const own = chain.map((one) => CODES[classify(one).code]).find(Boolean);
  const faults = chain.map((one) => classify(one));
  const fault = faults.find(({ kind }) => kind !== 'internal' && kind !== 'marquee') ?? faults[0];
  const cause = own ?? (fault && OF_CONNECTING[fault.kind]) ?? 'server_unreachable';
  const evidence =
    !own && fault?.kind === 'timeout'
      ? seen(`${subject}_late`, values)
      : seen(`${subject}_failed`, {
          ...{ ...values, fault: own && error instanceof Error ? error.message : wordsOf(fault) },
        });
  return { cause, level: 'unhealthy', ...evidence };
}

/** What an error of the network or the server says, without its message, which may name what must not be shown. */
export function wordsOf(fault: Fault | undefined): string {
  if (!fault) return 'no answer.';
  if (fault.kind === 'timeout') return 'no answer in time.';
  return `${fault.kind.replaceAll('-', ' ')}${fault.code ? ` (${fault.code})` : ''}.`;
}
