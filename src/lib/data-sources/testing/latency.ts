import type { ConnectionCheck } from './check';

/** @param slowMs a longer round trip is a warning, ms */
export function latencyCheck(latencyMs: number, slowMs: number): ConnectionCheck {
  const message = `A round trip takes ${latencyMs.toFixed(1)} ms.`;
  if (latencyMs <= slowMs) return { name: 'latency', outcome: 'passed', message };
  return {
    name: 'latency',
    outcome: 'warning',
    code: 'data_source_timeout',
    message,
    hint: 'Place the database nearer to Marquee: every request takes at least one round trip.',
  };
}
