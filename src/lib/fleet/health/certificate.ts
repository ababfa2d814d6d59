import type { TLSSocket } from 'node:tls';
import type pg from 'pg';
import { seen } from './evidence';
import { noOutcome, type Outcome } from './round';
import type { Thresholds } from './thresholds';

const DAY_MS = 86_400_000;

/** When the server's certificate expires; nothing where the connection is not encrypted. */
export function certificateOutcome(client: pg.Client, thresholds: Thresholds): Outcome {
  const socket = client.connection.stream as Partial<TLSSocket>;
  const validTo = socket.getPeerCertificate?.()?.valid_to;
  return validTo ? expiryOutcome(new Date(validTo), thresholds) : noOutcome();
}

export function expiryOutcome(
  validTo: Date,
  { certificate_degraded_days: soon, certificate_unhealthy_days: now }: Thresholds,
): Outcome {
  const days = (validTo.getTime() - Date.now()) / DAY_MS;
  const outcome = noOutcome();
  if (Number.isNaN(days)) return outcome;
  outcome.measures.certificate_days = Math.floor(days);
  if (days < soon) {
    const evidence = seen('certificate', { time: validTo.toISOString().slice(0, 16).replace('T', ' ') });
    outcome.findings.push({
      cause: 'certificate_expires',
      level: days < now ? 'unhealthy' : 'degraded',
      ...evidence,
    });
  }
  return outcome;
}
