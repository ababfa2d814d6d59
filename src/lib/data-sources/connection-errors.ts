// Errors of connections to databases, as this room's errors.
import pg from 'pg';
import { classify, type FaultKind, isConnectionGone as isGone, MarqueeError } from '@/lib/failures';
import { NetworkError } from '@/lib/network';
import { isPrimaryUnknown, ProtocolError, ResultTooLargeError } from '@/lib/postgres';
import { DataSourceError, type DataSourceErrorCode } from './errors';

/** SQLSTATE raised if a session has lost the settings that `connect` made. */
const SESSION_RESET = 'MQ030';

type Meaning = [code: DataSourceErrorCode, what: string, hint?: string];

const MEANINGS: Partial<Record<FaultKind, Meaning>> = {
  'sign-in-refused': ['data_source_authentication_refused', 'refused the login'],
  'database-missing': ['data_source_unreachable', 'does not exist', 'Check the database name.'],
  'out-of-connections': ['data_source_out_of_connections', 'has no free connection'],
  'shutting-down': ['data_source_shutting_down', 'is starting or shutting down'],
  timeout: ['data_source_timeout', 'did not answer in time', 'Check that it is up and reachable from here.'],
  unreachable: ['data_source_unreachable', 'cannot be reached'],
  tls: ['data_source_tls_refused', 'cannot be reached over verified TLS'],
  'connection-lost': ['data_source_connection_lost', 'broke the connection'],
  'not-sent': ['data_source_connection_lost', 'broke the connection'],
};

/**
 * Turns an error of a connection into a DataSourceError.
 *
 * @param name the data source, as the operator knows it
 * @param connected whether a session was open: a function in the database may then raise a SQLSTATE that otherwise refuses a session
 * @returns undefined if the server answered the statement: the caller then handles its SQLSTATE
 */
export function connectionError(
  name: string,
  error: unknown,
  connected = false,
): DataSourceError | undefined {
  if (error instanceof DataSourceError) return error;
  if (error instanceof ResultTooLargeError) {
    return new DataSourceError('result_too_large', error.message, { hint: error.hint });
  }
  if (isPrimaryUnknown(error)) {
    return new DataSourceError('data_source_no_primary', `${name}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (error instanceof ProtocolError || isOtherServer(error)) {
    const { message } = error instanceof ProtocolError ? error : new ProtocolError();
    return new DataSourceError('data_source_protocol_violated', message, { cause: error });
  }
  if (error instanceof MarqueeError && error.code === 'data_source_triggers_off') {
    return new DataSourceError(error.code, `${name}: ${error.message}`, { hint: error.hint, cause: error });
  }
  const refused = addressRefusal(name, error);
  if (refused) return refused;
  const { kind, code, session } = classify(error);
  const meaning = MEANINGS[kind];
  if (!meaning || (connected && session === 'refused')) return undefined;
  const [ours, what, hint = kind === 'tls' ? tlsHint(code) : undefined] = meaning;
  const message = `The database of ${name} ${what}${code ? ` (${code})` : ''}.`;
  return new DataSourceError(ours, message, { hint, cause: error });
}

/**
 * What work with a connection of its own threw: names the data source where that connection could not be made, or has ended meanwhile. Other
 * errors, as those of another database that the work asks, are returned as they are.
 */
export function failureOf(client: pg.Client, name: string, error: unknown): unknown {
  return (client.connection.stream.destroyed && connectionError(name, error)) || error;
}

/** Whether the server is not PostgreSQL: the driver reports this message for an answer to its TLS request that PostgreSQL never gives. */
function isOtherServer(error: unknown): boolean {
  return error instanceof Error && error.message === 'There was an error establishing an SSL connection';
}

/** The error if an address was refused before anything was sent to it. Errors of fetch have it as their cause. */
export function addressRefusal(name: string, error: unknown): DataSourceError | undefined {
  const refused = [error, error instanceof Error ? error.cause : undefined].find(
    (one) => one instanceof NetworkError,
  );
  if (!refused) return undefined;
  return new DataSourceError('data_source_address_refused', `${name}: ${refused.message}`, { cause: error });
}

/** The hint for OpenSSL's reason for refusing a certificate. */
function tlsHint(code: string): string {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH')
    return 'The certificate is for other names. Use one of them as the host, with hostaddr= for the address if need be.';
  if (code === 'CERT_HAS_EXPIRED') return 'Renew the server’s certificate.';
  if (/SELF_SIGNED|UNABLE_TO_(VERIFY|GET)/.test(code))
    return 'Give the certificate of its authority, or its own if it has signed itself: --ca-file';
  if (code === '')
    return 'Switch TLS on at the server (ssl = on); without it passwords and data could be read on the way.';
  return 'Check the certificate of the server, and that nothing in between answers for it.';
}

/** The error of a write whose answer never came. It must not be repeated, since it may have been done. */
export function outcomeUnknown(name: string, cause: unknown): DataSourceError {
  return new DataSourceError(
    'outcome_unknown',
    `The database of ${name} did not answer: whether the change was made is not known.`,
    { cause },
  );
}

/** Whether the driver sent nothing, because the connection had ended before. */
export function isNotSent(error: unknown): boolean {
  return classify(error).kind === 'not-sent';
}

/** Whether the connection that raised this error can no longer be used, because the server or the network ended it. */
export function isConnectionGone(error: unknown): boolean {
  if (error instanceof pg.DatabaseError && error.code === SESSION_RESET) return true;
  if (error instanceof DataSourceError) return error.code === 'data_source_connection_lost';
  // These errors come from the wire guard, which has destroyed the connection.
  if (error instanceof ProtocolError || error instanceof ResultTooLargeError) return true;
  return isGone(error);
}
