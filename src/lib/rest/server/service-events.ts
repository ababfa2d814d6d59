// What `marquee rest` logs.
import pg from 'pg';
import { MarqueeError } from '@/lib/failures';
import { UnavailableError } from './errors';

/** A request that was answered: an error from 500 on, a warning from 400 on. */
export interface RequestEvent {
  level: 'info' | 'warn' | 'error';
  event: 'request';
  address: string | undefined;
  role: string | undefined;
  /** As in the request's first line: `GET /rooms?id=eq.1 HTTP/1.1`. */
  request: string;
  status: number;
  bytes: number;
  referer: string | undefined;
  agent: string | undefined;
}

/** What happened, for the log. `error` never carries a credential. */
export type ServiceEvent =
  | RequestEvent
  | { level: 'info'; event: 'schema_loaded'; relations: number; functions: number; milliseconds: number }
  | { level: 'info'; event: 'configuration_loaded' }
  | { level: 'warn'; event: 'listener_retry' | 'load_retry'; delay: number; error: string }
  | { level: 'warn'; event: 'deprecated'; use: string }
  | { level: 'info' | 'warn' | 'error'; event: 'query'; sql: string }
  | { level: 'error'; event: 'reload_failed' | 'request_failed'; error: string };

const LEVELS = { crit: 0, error: 1, warn: 2, info: 3, debug: 3 };

/** Whether events of a level are logged where the configuration sets `log-level`. */
export function isLogged(level: ServiceEvent['level'], configured: keyof typeof LEVELS): boolean {
  return LEVELS[level] <= LEVELS[configured];
}

/** At which level a request is logged. */
export function levelOf(status: number): 'info' | 'warn' | 'error' {
  return status >= 500 ? 'error' : status >= 400 ? 'warn' : 'info';
}

/** An error as a line of the log: without a URL or an address. */
export function describe(error: unknown): string {
  if (error instanceof UnavailableError)
    return `${error.code} ${error.message} ${error.details ?? ''}`.trim();
  if (error instanceof MarqueeError) return `${error.code} ${error.message}`;
  if (error instanceof pg.DatabaseError) return `${error.code} ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
