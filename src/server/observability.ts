import { Counter, collectDefaultMetrics, Histogram, Registry } from '@prometheus-io/client';
import { type DestinationStream, pino } from 'pino';
import { errorForLog } from '@/lib/failures';

/** Names under which a credential could be logged by accident. */
const REDACTED = [
  'password',
  'token',
  'secret',
  'authorization',
  'cookie',
  'apikey',
  'url',
  'connectionString',
];

export type Logger = ReturnType<typeof createLogger>;

/** Logs as JSON lines to standard output; values under credential-like names are replaced, and errors (`err`) are without values. */
export function createLogger(level: string, destination?: DestinationStream) {
  const paths = REDACTED.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  const options = {
    level,
    base: null,
    redact: { paths, censor: '[redacted]' },
    serializers: { err: (error: unknown) => errorForLog(error) },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** What `/metrics` shows. Labels are few and bounded: never a tenant, a path or a user. */
export class Metrics {
  readonly registry = new Registry();
  readonly requests = new Histogram({
    name: 'marquee_http_request_seconds',
    help: 'Time to answer HTTP requests',
    labelNames: ['area', 'method', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [this.registry],
  });
  readonly signIns = new Counter({
    name: 'marquee_sign_ins_total',
    help: 'Attempts to sign in',
    labelNames: ['outcome'],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }
}

/** The part of the product that a path belongs to. */
export function areaOf(path: string): string {
  const first = path.split('/')[1] ?? '';
  return ['rest', 'auth', 'storage', 'realtime', 'api', 'assets', 'healthz', 'readyz', 'metrics'].includes(
    first,
  )
    ? first
    : 'pages';
}
