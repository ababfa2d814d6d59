import type pg from 'pg';
import { type ConnectionCheck, passed, warning } from './check';

const MOST_ROUNDS = 50;
/** A slow connection is measured less often. */
const MEASURED_MS = 1_000;

export interface RoundTrips {
  /** ms. */
  p50: number;
  p99: number;
  /** The server's clock minus ours, ms, by the quickest round trip. */
  skewMs: number;
}

export async function measure(client: pg.Client): Promise<RoundTrips> {
  const rounds: { took: number; skewMs: number }[] = [];
  const until = performance.now() + MEASURED_MS;
  while (rounds.length < 3 || (rounds.length < MOST_ROUNDS && performance.now() < until)) {
    const [started, sentAt] = [performance.now(), Date.now()];
    const { rows } = await client.query<{ now: number }>(
      'select extract(epoch from clock_timestamp()) * 1000 as now',
    );
    const took = performance.now() - started;
    rounds.push({ took, skewMs: Number(rows[0]?.now) - (sentAt + took / 2) });
  }
  rounds.sort((a, b) => a.took - b.took);
  const at = (part: number) => rounds[Math.min(rounds.length - 1, Math.floor(rounds.length * part))];
  return { p50: at(0.5)?.took ?? 0, p99: at(0.99)?.took ?? 0, skewMs: rounds[0]?.skewMs ?? 0 };
}

/** @param slowMs a longer median is a warning, ms */
export function latencyCheck(p50: number, slowMs: number, p99?: number): ConnectionCheck {
  const most = p99 === undefined ? '' : `, the slowest of a hundred ${p99.toFixed(1)} ms`;
  const message = `A round trip takes ${p50.toFixed(1)} ms${most}.`;
  if (p50 <= slowMs) return passed('latency', message);
  return warning(
    'latency',
    'latency_high',
    message,
    'Place the database nearer to Marquee: every request takes at least one round trip.',
  );
}

const TOLERATED_SKEW_MS = 2_000;

export function clockCheck({ skewMs, p50 }: RoundTrips): ConnectionCheck {
  const seconds = `${Math.abs(skewMs / 1000).toFixed(1)} s ${skewMs < 0 ? 'behind' : 'ahead'}`;
  if (Math.abs(skewMs) <= TOLERATED_SKEW_MS + p50) return passed('clock', 'The clocks agree.');
  return warning(
    'clock',
    'clock_skewed',
    `The server’s clock is ${seconds}.`,
    'Synchronize both clocks (NTP): times of changes, and tokens that expire, are compared across them.',
  );
}
