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
  const word = p99 === undefined ? 'round_trip' : 'round_trips';
  const given = { ms: p50.toFixed(1), most: p99?.toFixed(1) ?? '' };
  if (p50 <= slowMs) return passed('latency', word, given);
  return warning('latency', 'latency_high', word, 'round_trip', given);
}

const TOLERATED_SKEW_MS = 2_000;

export function clockCheck({ skewMs, p50 }: RoundTrips): ConnectionCheck {
  if (Math.abs(skewMs) <= TOLERATED_SKEW_MS + p50) return passed('clock', 'clocks_agree');
  return warning('clock', 'clock_skewed', skewMs < 0 ? 'clock_behind' : 'clock_ahead', 'clock', {
    seconds: Math.abs(skewMs / 1000).toFixed(1),
  });
}
