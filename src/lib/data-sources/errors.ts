import pg from 'pg';
import { declareFailures, MarqueeError } from '@/lib/failures';

const RETRY_SOON = 'Try again in a few seconds.';

const DATA_SOURCE_FAILURES = declareFailures('data-sources', 'operator', {
  tenant_id_invalid: {
    category: 'invalid',
    status: 400,
    audience: 'user',
    means: 'The tenant’s id is not a UUID.',
    hint: 'Pass the id of the row in tenants.',
  },
  tenant_suspended: {
    category: 'forbidden',
    means: 'The tenant is suspended.',
    hint: 'Make it active again: marquee tenant resume',
    userText: { message: 'This company is suspended.', hint: 'Ask the operator of the service.' },
  },
  tenant_provisioning: {
    category: 'moving',
    retryAfter: 2,
    means: 'The tenant is still being set up.',
    hint: 'Try again in a minute.',
    userText: { message: 'This company is still being set up.', hint: 'Try again in a minute.' },
  },
  tenant_unavailable: {
    category: 'unavailable',
    means: 'The tenant’s status allows no requests.',
    hint: 'See its status: marquee tenant show',
  },
  tenant_unplaced: {
    category: 'unavailable',
    means: 'The tenant has no data source.',
    hint: 'Place it: marquee tenant place',
  },
  tenant_moving: {
    category: 'moving',
    means: 'The tenant’s fence was closed by a move for longer than a request waits.',
    hint: RETRY_SOON,
  },
  route_stale: {
    category: 'moving',
    means: 'The fence refused the route again after it was read anew.',
    hint: 'Try again: the route is read again.',
  },
  data_source_not_administered: {
    category: 'conflict',
    means: 'Marquee has no login of the owner of this database, so only its DBA can change its schema.',
    hint: 'Give the DBA the script: marquee migrate script',
  },
  tenant_mismatch: {
    category: 'forbidden',
    audience: 'user',
    means: 'A row in the request names another tenant.',
    hint: 'Leave tenant_id out; it is filled in.',
  },
  tenant_busy: {
    category: 'busy',
    retryAfter: 1,
    means: 'The tenant’s own limit of connections or of queued statements is reached.',
    hint: 'Send fewer requests at once, or raise max and queue in connection_pool_config.',
    userText: { message: 'Your company has too many requests at once.', hint: RETRY_SOON },
  },
  access_token_required: {
    category: 'unauthenticated',
    audience: 'user',
    means: 'A client for a user was asked for without the user’s access token.',
    hint: 'Pass {accessToken}, or true as useServiceRole for trusted server code.',
  },
  access_token_invalid: {
    category: 'unauthenticated',
    audience: 'user',
    means: 'The access token is not valid, has expired, or is for another tenant.',
    hint: 'Sign in again.',
  },
  data_source_url_malformed: {
    category: 'invalid',
    status: 400,
    means: 'The data source’s URL is malformed.',
    hint: 'Its form is postgresql://user:password@host:5432/database, of a Supabase project https://<project>.supabase.co.',
  },
  data_source_unreachable: {
    category: 'unavailable',
    retryAfter: 2,
    means: 'No connection to the data source can be made.',
    hint: 'Check host, port, TLS and firewall.',
  },
  data_source_no_primary: {
    category: 'unavailable',
    retryAfter: 2,
    means: 'None of the data source’s hosts is a primary that may be written to: a failover is under way.',
    hint: 'See which server the cluster’s manager has promoted; Marquee follows as soon as it answers.',
  },
  data_source_timeout: {
    category: 'timeout',
    retryAfter: 2,
    means: 'A connection was not made, or a statement did not end, in time.',
    hint: 'Ask for less at once, or raise statementTimeoutMs in connection_pool_config.',
    userText: {
      message: 'It took too long and was cancelled.',
      hint: 'Ask for less at once, or try again in a minute.',
    },
  },
  data_source_authentication_refused: {
    category: 'unavailable',
    means: 'The data source refuses the login or the key that Marquee has.',
    hint: 'Check the user and the password, or the keys, of the data source.',
  },
  data_source_sign_in_refused: {
    category: 'unavailable',
    means: 'The sign-in service of a Supabase project does not sign the tenant’s users in.',
    hint: 'Check the project’s keys, and that its Auth service is on.',
  },
  data_source_address_refused: {
    category: 'unavailable',
    means: 'The URL that a customer gave leads to this machine, a private network or a metadata service.',
    hint: 'Give an address on the internet, or allow its network: marquee source add --allow-network',
  },
  data_source_tls_refused: {
    category: 'unavailable',
    means: 'The data source has no TLS, or a certificate that cannot be verified.',
    hint: 'Give the authority of its certificate: marquee source add --ca-file',
  },
  data_source_tls_unverified: {
    category: 'invalid',
    means: 'A data source’s URL turns TLS or its verification off, and the operator has not allowed it.',
    hint: 'Give the authority of its certificate with --ca-file, or opt out with --tls.',
  },
  data_source_parameter_refused: {
    category: 'invalid',
    means: 'A data source’s URL has a parameter that names a file or a service of the machine that uses it.',
    hint: 'Leave the parameter out.',
  },
  data_source_shutting_down: {
    category: 'unavailable',
    retryAfter: 1,
    means: 'The data source’s server is starting or stopping, or ended the session.',
    hint: 'Try again in a minute.',
  },
  data_source_out_of_connections: {
    category: 'busy',
    status: 503,
    retryAfter: 1,
    means: 'The data source’s server has no connection left.',
    hint: 'Raise max_connections or lower the budget.',
  },
  data_source_connection_lost: {
    category: 'unavailable',
    retryAfter: 1,
    means: 'The connection broke while a read, or a transaction that had not been committed, was under way.',
    hint: 'Try again.',
  },
  data_source_circuit_open: {
    category: 'unavailable',
    means: 'The circuit breaker is open after repeated failures; nothing was sent.',
    hint: 'Run the connection test: marquee source test',
  },
  outcome_unknown: {
    category: 'timeout',
    means: 'The answer to a write or a commit never came; it may have been done.',
    hint: 'Read what is there before you repeat it.',
    userText: {
      message: 'Whether your change was saved is not known: no answer came.',
      hint: 'Reload and check before you repeat it.',
    },
  },
  change_made: {
    category: 'conflict',
    means: 'The change was made, but its answer was lost in a failover.',
    hint: 'Read what is there; do not repeat it.',
    userText: {
      message: 'Your change was saved, but its answer was lost.',
      hint: 'Reload to see it; do not repeat it.',
    },
  },
  data_source_busy: {
    category: 'busy',
    status: 503,
    retryAfter: 1,
    means: 'No connection of the data source became free in time.',
    hint: 'If it persists, raise the budget of the server or move tenants off it.',
  },
  replica_unavailable: {
    category: 'unavailable',
    retryAfter: 2,
    means: 'No replica is fresh enough, and the primary answers as many reads meant for replicas as it may.',
    hint: 'See why the replicas lag: marquee source replica list. Or allow a greater lag.',
    userText: { message: 'Reports cannot be made at the moment.', hint: 'Try again in a minute.' },
  },
  replica_conflict: {
    category: 'unavailable',
    retryAfter: 1,
    means: 'A transaction at a replica was ended by what the primary did meanwhile, or the tenant was moved.',
    hint: 'Run it again.',
  },
  replica_refused: {
    category: 'conflict',
    means: 'The server is not a standby of the data source, or does not follow it.',
    hint: 'Give a standby that replicates the source’s server, where the source’s logins may sign in.',
  },
  read_token_invalid: {
    category: 'invalid',
    status: 400,
    audience: 'user',
    means: 'A read token is malformed.',
    hint: 'Pass the token as it was given after a write, or none.',
  },
  client_read_only: {
    category: 'invalid',
    status: 405,
    audience: 'user',
    means: 'A client that was made for reading was used to write.',
    hint: 'Write with a client made without readOnly: what a replica says may be out of date.',
  },
  data_source_version_unsupported: {
    category: 'unavailable',
    means: 'The data source’s PostgreSQL is older than Marquee supports.',
    hint: 'Upgrade the server.',
  },
  data_source_privileges_missing: {
    category: 'unavailable',
    means: 'The data source’s login lacks a privilege.',
    hint: 'Run the connection test: marquee source test',
  },
  data_source_encoding_unsupported: {
    category: 'unavailable',
    means: 'The data source’s database has another encoding than UTF8.',
    hint: 'Make a database with the encoding UTF8.',
  },
  data_source_not_durable: {
    category: 'unavailable',
    means: 'A crash of the data source’s server would lose or destroy what was written.',
    hint: 'Run the connection test: marquee source test',
  },
  data_source_extension_missing: {
    category: 'unavailable',
    means:
      'The data source’s server lacks an extension that the tenant schema needs, or the login may not create it.',
    hint: 'Run the connection test: marquee source test',
  },
  data_source_isolation_broken: {
    category: 'unavailable',
    means:
      'The data source does not keep tenants apart: a planted row was seen, or policies are not in force.',
    hint: 'Run the connection test: marquee source test',
  },
  data_source_functions_reachable: {
    category: 'unavailable',
    means: 'Users of a tenant could call functions there that reach beyond the database, such as dblink.',
    hint: 'Revoke them from PUBLIC; marquee source test names them.',
  },
  data_source_not_migrated: {
    category: 'unavailable',
    means: 'The data source does not have this version’s schema.',
    hint: 'Run: marquee migrate',
  },
  data_source_request_refused: {
    category: 'invalid',
    status: 400,
    audience: 'user',
    means: 'The request cannot be sent to this kind of data source, or not be kept inside one tenant there.',
    hint: 'Only tables and the functions that the data source allows can be kept inside one tenant.',
  },
  data_source_protocol_violated: {
    category: 'unavailable',
    status: 502,
    means: 'What the data source’s address sends is not PostgreSQL’s protocol.',
    hint: 'Check what stands between here and the database: address, port, proxy, pooler.',
  },
  data_source_pooled: {
    category: 'conflict',
    means: 'The address leads to a pooler, but the server itself is needed.',
    hint: 'Give the address of the server itself.',
  },
  login_unknown_to_pooler: {
    category: 'conflict',
    means: 'A new login can sign in at the server, but not through the pooler in front of it.',
    hint: 'Let the pooler look logins up at the server (PgBouncer: auth_query), then run it again.',
  },
  manager_closed: {
    category: 'unavailable',
    means: 'The data source manager, or one of its pools, was closed by this process.',
    hint: 'Make a new one; close is final.',
    userText: { message: 'The service is restarting.', hint: 'Try again in a minute.' },
  },
  transaction_ended: {
    category: 'internal',
    means: 'A query was sent in a tenant transaction that had ended.',
    hint: 'Await every query inside the function given to withTenantTransaction; leave COMMIT and ROLLBACK to it.',
  },
  transaction_aborted: {
    category: 'internal',
    means:
      'A statement of the transaction had failed, and the function given to withTenantTransaction went on.',
    hint: 'Let the error reach withTenantTransaction, or set a savepoint before what may fail.',
  },
  provisioning_failed: {
    category: 'conflict',
    means: 'A data source or a tenant could not be set up; nothing was kept.',
    hint: 'Correct the cause and try again.',
  },
});

/** Everything this room refuses or fails at, by stable code: its own codes, and those of rooms below that it raises too. */
export type DataSourceErrorCode =
  | keyof typeof DATA_SOURCE_FAILURES
  | 'tenant_unknown'
  | 'connection_pool_config_invalid'
  | 'data_source_unknown'
  | 'data_source_triggers_off'
  | 'result_too_large'
  | 'statement_refused';

/** An error of routing, of a data source or of provisioning one. Its message may name the data source. */
export class DataSourceError extends MarqueeError<DataSourceErrorCode> {}

/** SQLSTATE raised where a tenant is entered: the route is stale or the tenant's fence is closed. */
export const STALE_ROUTE = 'MQ001';

/** The route was refused before anything ran. The router repeats the request with a newer one; its callers never see this. */
export function staleRoute(tenantId: string, cause?: unknown): DataSourceError {
  return new DataSourceError('route_stale', `The route of tenant ${tenantId} is out of date.`, { cause });
}

/** A client that was made to read was used to write. */
export function readOnlyClient(): DataSourceError {
  return new DataSourceError('client_read_only', 'This client only reads.');
}

/** The error as `route_stale` where the fence refused to let the route enter; undefined otherwise. */
export function refusedByFence(tenantId: string, error: unknown): DataSourceError | undefined {
  if (!(error instanceof pg.DatabaseError) || error.code !== STALE_ROUTE) return undefined;
  return staleRoute(tenantId, error);
}

export function isStaleRoute(error: unknown): boolean {
  return error instanceof DataSourceError && error.code === 'route_stale';
}

const SERVER_GONE = new Set<string>([
  'data_source_shutting_down',
  'data_source_connection_lost',
  'data_source_unreachable',
]);

/** Whether the server cannot be reached any more, and nothing was done there. */
export function isServerGone(error: unknown): boolean {
  return error instanceof DataSourceError && SERVER_GONE.has(error.code);
}

/** Whether a call was refused before anything was sent to the tenant's database, for what the route says of it. */
export function isUnconfirmed(error: unknown): boolean {
  return (
    error instanceof DataSourceError &&
    (error.code === 'data_source_request_refused' || error.code.startsWith('access_token_'))
  );
}
