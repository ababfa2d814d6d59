import pg from 'pg';
import { MarqueeError, type MarqueeErrorDetails } from '@/lib/failures';
import { ProtocolError, ResultTooLargeError } from '@/lib/postgres';

/** Everything this room refuses or fails at, by stable code. The edge turns a code into a status or an exit code. */
export type DataSourceErrorCode =
  | 'tenant_id_invalid'
  | 'tenant_unknown'
  | 'tenant_suspended'
  | 'tenant_provisioning'
  | 'tenant_unavailable'
  | 'tenant_unplaced'
  | 'tenant_moving'
  | 'tenant_mismatch'
  | 'route_stale'
  | 'tenant_busy'
  | 'access_token_required'
  | 'access_token_invalid'
  | 'data_source_unknown'
  | 'data_source_url_malformed'
  | 'data_source_unreachable'
  | 'data_source_timeout'
  | 'data_source_authentication_refused'
  | 'data_source_shutting_down'
  | 'data_source_out_of_connections'
  | 'data_source_connection_lost'
  | 'data_source_circuit_open'
  | 'outcome_unknown'
  | 'data_source_busy'
  | 'data_source_protocol_violated'
  | 'data_source_version_unsupported'
  | 'data_source_privileges_missing'
  | 'data_source_not_migrated'
  | 'data_source_request_refused'
  | 'data_source_triggers_off'
  | 'data_source_pooled'
  | 'result_too_large'
  | 'connection_pool_config_invalid'
  | 'manager_closed'
  | 'transaction_ended'
  | 'transaction_aborted'
  | 'statement_refused'
  | 'name_invalid'
  | 'subdomain_taken'
  | 'provisioning_failed';

export interface DataSourceErrorDetails extends MarqueeErrorDetails {
  /** Seconds after which a retry makes sense: the Retry-After header. */
  retryAfterSeconds?: number;
}

/** An error of routing, of a data source or of provisioning one. Never carries a URL or a key. */
export class DataSourceError extends MarqueeError {
  declare readonly code: DataSourceErrorCode;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: DataSourceErrorCode, message: string, details: DataSourceErrorDetails = {}) {
    super(code, message, details);
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** SQLSTATE raised where a tenant is entered: the route is stale or the tenant's fence is closed. */
export const STALE_ROUTE = 'MQ001';

/** The route was refused before anything ran. The router repeats the request with a newer one; its callers never see this. */
export function staleRoute(tenantId: string, cause?: unknown): DataSourceError {
  return new DataSourceError('route_stale', `The route of tenant ${tenantId} does not hold any more.`, {
    hint: 'Retry: the route is read again.',
    retryAfterSeconds: 1,
    cause,
  });
}

/** The error as `route_stale` where the fence refused to let the route enter; undefined otherwise. */
export function refusedByFence(tenantId: string, error: unknown): DataSourceError | undefined {
  if (!(error instanceof pg.DatabaseError) || error.code !== STALE_ROUTE) return undefined;
  return staleRoute(tenantId, error);
}

export function isStaleRoute(error: unknown): boolean {
  return error instanceof DataSourceError && error.code === 'route_stale';
}

/** Whether a request was refused for what a Supabase project is, before anything was sent to it. */
export function isRefusedUnsent(error: unknown): boolean {
  return error instanceof DataSourceError && error.code === 'data_source_request_refused';
}

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'ENOENT',
]);

/**
 * What kept us from talking to a database at all, as our error; undefined where the server answered the statement
 * (its SQLSTATE is then the caller's business).
 *
 * @param name the data source, as the operator knows it
 */
export function connectionError(name: string, error: unknown): DataSourceError | undefined {
  if (error instanceof DataSourceError) return error;
  if (error instanceof ResultTooLargeError) {
    return new DataSourceError('result_too_large', error.message, { hint: error.hint });
  }
  if (error instanceof ProtocolError) {
    return new DataSourceError('data_source_protocol_violated', error.message, {
      hint: error.hint,
      cause: error,
    });
  }
  if (!(error instanceof Error)) return undefined;
  if (error instanceof MarqueeError && error.code === 'data_source_triggers_off') {
    return new DataSourceError(error.code, `${name}: ${error.message}`, { hint: error.hint, cause: error });
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const make = (kind: DataSourceErrorCode, what: string, hint: string, retryAfterSeconds?: number) =>
    new DataSourceError(kind, `The database of ${name} ${what}.`, { hint, retryAfterSeconds, cause: error });
  if (code.startsWith('28')) {
    return make(
      'data_source_authentication_refused',
      `refused the sign-in (${code})`,
      'Check the user and the password of the data source.',
    );
  }
  if (code === '3D000')
    return make('data_source_unreachable', 'does not exist (3D000)', 'Check the database name.');
  if (code === '53300') {
    return make(
      'data_source_out_of_connections',
      'has no free connection (53300)',
      'Raise max_connections or lower the budget.',
      1,
    );
  }
  if (code === '57P01' || code === '57P02' || code === '57P03') {
    return make('data_source_shutting_down', `is starting or shutting down (${code})`, 'Retry shortly.', 1);
  }
  if (/timeout expired|Query read timeout/.test(error.message)) {
    return make(
      'data_source_timeout',
      'did not answer in time',
      'Check that it is up and reachable from here.',
      2,
    );
  }
  if (NETWORK_CODES.has(code) || /self.signed|certificate|SSL/i.test(error.message)) {
    return make(
      'data_source_unreachable',
      `cannot be reached (${code || 'TLS'})`,
      'Check host, port, TLS and firewall.',
      2,
    );
  }
  if (/^Connection terminated|not queryable/.test(error.message) || /^(08|ECONNRESET|EPIPE)/.test(code)) {
    return make(
      'data_source_connection_lost',
      'broke the connection',
      'Retry; what was under way may not have happened.',
      1,
    );
  }
  return undefined;
}

/** A write whose answer never came. It is not repeated here: that might do it twice. */
export function outcomeUnknown(name: string, cause: unknown): DataSourceError {
  return new DataSourceError(
    'outcome_unknown',
    `The database of ${name} did not answer: whether the change was made is not known.`,
    { hint: 'Read what stands there before you repeat it.', cause },
  );
}

/** The driver refused to send anything over a connection that was gone already. */
export function isNotSent(error: unknown): boolean {
  return error instanceof Error && /not queryable/.test(error.message);
}

/** Whether the connection that raised this is of no further use: the server ended it, or the network did. */
export function isConnectionGone(error: unknown): boolean {
  // By code, since the severity is in the server's language. MQ030: the session has lost what `connect` has set.
  if (error instanceof pg.DatabaseError) return /^(57P0|08|25P03|MQ030)/.test(error.code ?? '');
  if (error instanceof DataSourceError) return error.code === 'data_source_connection_lost';
  return connectionError('', error) !== undefined;
}
