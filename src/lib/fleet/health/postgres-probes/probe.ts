import type { CauseName, Finding } from '../catalogue';
import type { seen } from '../evidence';
import type { Memory, Outcome } from '../round';
import type { Thresholds } from '../thresholds';

export const MINUTE = 60_000;

export interface Probe {
  name: string;
  /** 0: in each round. */
  everyMs: number;
  /** Where it fails the source cannot be used. */
  isVital?: true;
  text: string;
  judge(rows: Record<string, unknown>[], context: ProbeContext): Outcome | Promise<Outcome>;
}

export interface ProbeContext {
  thresholds: Thresholds;
  /** May be changed. */
  memory: Memory;
  url: string;
  /** How long the query took, ms, and when it was sent by this machine's clock. */
  took: number;
  sentAt: number;
}

type Evidence = ReturnType<typeof seen>;

export function degraded(cause: CauseName, evidence: Evidence): Finding {
  return { cause, level: 'degraded', ...evidence };
}

export function unhealthy(cause: CauseName, evidence: Evidence): Finding {
  return { cause, level: 'unhealthy', ...evidence };
}

/** A time for people. */
export function seconds(count: number): string {
  if (count < 120) return `${count < 10 ? count.toFixed(1) : Math.round(count)} s`;
  return count < 7_200 ? `${Math.round(count / 60)} min` : `${Math.round(count / 3600)} h`;
}

/** A size for people. */
export function size(bytes: number): string {
  const mb = bytes / 1024 ** 2;
  return mb < 1024 ? `${mb.toFixed(mb < 10 ? 1 : 0)} MB` : `${(mb / 1024).toFixed(1)} GB`;
}
