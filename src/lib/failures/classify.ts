// What PostgreSQL, node-postgres, sockets, TLS and fetch throw → what that means for the caller.
import { MarqueeError } from './failure';

export type FaultKind =
  /** The server refused the login (class 28). */
  | 'sign-in-refused'
  | 'database-missing'
  /** The server has no connection left (53300). */
  | 'out-of-connections'
  /** The server starts or stops, or an administrator ended this session. */
  | 'shutting-down'
  /** The server ended this session: it was idle, or its transaction open, for too long, or its database was dropped. */
  | 'session-ended'
  /** No connection was made: name, address, port, route. */
  | 'unreachable'
  /** No connection was made: certificate or protocol of TLS. */
  | 'tls'
  /** A connection was not made, or an answer did not come, in time. */
  | 'timeout'
  /** A connection that was in use is gone. */
  | 'connection-lost'
  /** The connection was gone before anything was sent over it. */
  | 'not-sent'
  /** The caller gave up. */
  | 'aborted'
  /** The server cancelled the statement (57014): its time was over, or it was asked to. */
  | 'cancelled'
  /** A deadlock, a serialization failure, a lock not granted in time, an object in use: the transaction can be repeated. */
  | 'contention'
  /** The server has run out of disk, memory or another resource. */
  | 'exhausted'
  /** The server refused the statement for another reason; `code` is the SQLSTATE. */
  | 'refused'
  /** An error that Marquee raised on purpose. */
  | 'marquee'
  /** Anything else: a fault of our own. */
  | 'internal';

export interface Fault {
  kind: FaultKind;
  /** SQLSTATE, Node's or undici's code, or Marquee's; empty where there is none. */
  code: string;
  /** `refused`: the server opens no session. `gone`: there is no connection, or none that can be used further. */
  session?: 'refused' | 'gone';
  /** Whether the same call may succeed later without any change. */
  transient: boolean;
  /** What was sent may have taken effect, although no answer says so. */
  outcomeUnknown: boolean;
}

type Flags = Omit<Fault, 'kind' | 'code'>;

const PLAIN: Flags = { transient: false, outcomeUnknown: false };

/** The one table from kinds to what follows. */
const FLAGS: Readonly<Record<FaultKind, Flags>> = {
  'sign-in-refused': { ...PLAIN, session: 'refused' },
  'database-missing': { ...PLAIN, session: 'refused' },
  'out-of-connections': { ...PLAIN, session: 'refused', transient: true },
  // The server's own word ends the transaction with the session: nothing was committed.
  'shutting-down': { ...PLAIN, session: 'gone', transient: true },
  'session-ended': { ...PLAIN, session: 'gone', transient: true },
  unreachable: { ...PLAIN, session: 'gone', transient: true },
  tls: { ...PLAIN, session: 'gone' },
  timeout: { session: 'gone', transient: true, outcomeUnknown: true },
  'connection-lost': { session: 'gone', transient: true, outcomeUnknown: true },
  'not-sent': { ...PLAIN, session: 'gone', transient: true },
  aborted: { ...PLAIN, outcomeUnknown: true },
  cancelled: { ...PLAIN, transient: true },
  contention: { ...PLAIN, transient: true },
  exhausted: { ...PLAIN, transient: true },
  refused: PLAIN,
  marquee: PLAIN,
  internal: PLAIN,
};

/** Judges an error that something outside this process caused, or may have caused. */
export function classify(error: unknown): Fault {
  if (error instanceof MarqueeError) {
    return { kind: 'marquee', code: error.code, ...PLAIN, transient: error.transient };
  }
  if (!(error instanceof Error)) return fault('internal', '');
  const code = codeOf(error);
  if (isSqlstate(error, code)) return ofServer(code);
  const known = ofCode(code, error) ?? ofName(error) ?? ofMessage(error.message);
  if (known) return known;
  return ofCauses(error) ?? fault('internal', code);
}

/** Whether there is no session with the server, rather than that it refused a statement. */
export function isConnectionFailure(error: unknown): boolean {
  return classify(error).session !== undefined;
}

/** Whether the connection that raised this can be used no further, or was never made. */
export function isConnectionGone(error: unknown): boolean {
  return classify(error).session === 'gone';
}

/** Whether the same may succeed later, without anything being changed. A fault of our own is not transient. */
export function isTransient(error: unknown): boolean {
  return classify(error).transient;
}

/** An error of a connection that Marquee itself found broken or silent, judged like the network's own. */
export function connectionLost(message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, cause === undefined ? undefined : { cause }), {
    code: 'ECONNRESET',
  });
}

function fault(kind: FaultKind, code: string, flags: Partial<Flags> = {}): Fault {
  return { kind, code, ...FLAGS[kind], ...flags };
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** By shape, since several copies of the driver may be loaded; the severity's word is in the server's language. */
function isSqlstate(error: Error, code: string): boolean {
  return 'severity' in error && /^[0-9A-Z]{5}$/.test(code);
}

const SQLSTATES: [pattern: RegExp, kind: FaultKind, flags?: Partial<Flags>][] = [
  [/^28/, 'sign-in-refused'],
  [/^3D000$/, 'database-missing'],
  [/^53300$/, 'out-of-connections'],
  [/^53/, 'exhausted'],
  // Stopped by an administrator, a crash, starting.
  [/^57P0[123]$/, 'shutting-down'],
  // The database was dropped; idle for too long, without and within a transaction; transaction too long.
  [/^(57P0[45]|25P0[34])$/, 'session-ended'],
  // What a pooler says for a server that it lost (08P01, 08006), and the standard's codes for an unknown outcome.
  [/^08(P01|006|007)$/, 'connection-lost'],
  // A foreign server that could not be reached: the statement was rolled back.
  [/^08/, 'connection-lost', { outcomeUnknown: false }],
  [/^40003$/, 'contention', { transient: false, outcomeUnknown: true }],
  [/^57014$/, 'cancelled'],
  // 55P03: a lock not granted in time; 55006: an object that another session uses.
  [/^(40|55P03$|55006$)/, 'contention'],
];

function ofServer(code: string): Fault {
  const [, kind, flags] = SQLSTATES.find(([pattern]) => pattern.test(code)) ?? [undefined, 'refused'];
  return fault(kind as FaultKind, code, flags);
}

const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EADDRNOTAVAIL',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
]);
const LOST = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ENOTCONN',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_WRITE_AFTER_END',
  'ERR_SOCKET_CLOSED',
  'UND_ERR_SOCKET',
  'UND_ERR_CLOSED',
  'UND_ERR_DESTROYED',
]);
const NO_ANSWER = new Set([
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ERR_SOCKET_CONNECTION_TIMEOUT',
]);
/** OpenSSL's reasons to refuse a certificate, and Node's. */
const TLS =
  /^(ERR_(TLS|SSL)_|EPROTO$|(CERT|CRL)_|(DEPTH_ZERO_)?SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET|DECRYPT|DECODE)_|INVALID_(CA|PURPOSE)$|HOSTNAME_MISMATCH$)/;
/** Unix sockets, and a process that has no file descriptor left. */
const OF_CONNECTING = new Set(['ENOENT', 'EACCES', 'EPERM', 'EMFILE', 'ENFILE', 'ENOBUFS']);

function ofCode(code: string, error: Error): Fault | undefined {
  const during = 'syscall' in error ? String(error.syscall) : '';
  const isInUse = during === 'read' || during === 'write';
  if (LOST.has(code) || (isInUse && (NEVER_CONNECTED.has(code) || code === 'ETIMEDOUT')))
    return fault('connection-lost', code);
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return fault('timeout', code, { outcomeUnknown: false });
  if (NEVER_CONNECTED.has(code) || code === 'ETIMEDOUT') return fault('unreachable', code);
  if (OF_CONNECTING.has(code) && (during === 'connect' || during === 'socket'))
    return fault('unreachable', code);
  if (TLS.test(code)) return fault('tls', code);
  if (NO_ANSWER.has(code)) return fault('timeout', code);
  return undefined;
}

/** What an `AbortSignal` and Node's own timers throw. */
function ofName({ name }: Error): Fault | undefined {
  if (name === 'TimeoutError') return fault('timeout', 'TimeoutError');
  if (name === 'AbortError') return fault('aborted', 'AbortError');
  return undefined;
}

/** node-postgres and its pool give their own errors no code. Each text is matched whole. */
const MESSAGES: [message: RegExp, kind: FaultKind, flags?: Partial<Flags>][] = [
  [
    /^(timeout expired|timeout exceeded when trying to connect|Connection terminated due to connection timeout)$/,
    'timeout',
    { outcomeUnknown: false },
  ],
  [/^Query read timeout$/, 'timeout'],
  [/^Connection terminated( unexpectedly)?$/, 'connection-lost'],
  [/^(Client has encountered a connection error|Client was closed) and is not queryable$/, 'not-sent'],
  [
    /^(The server does not support SSL connections|There was an error establishing an SSL connection)$/,
    'tls',
  ],
  [/^SASL: SCRAM-SERVER-FINAL-MESSAGE: server returned error/, 'sign-in-refused'],
];

function ofMessage(text: string): Fault | undefined {
  const found = MESSAGES.find(([message]) => message.test(text));
  return found && fault(found[1], '', found[2]);
}

/** fetch and the attempts at several addresses wrap what the network said; a plain TypeError wraps nothing. */
function ofCauses(error: Error): Fault | undefined {
  if (error instanceof AggregateError) {
    return error.errors.map(classify).find(({ kind }) => kind !== 'internal');
  }
  if (!(error instanceof TypeError) || !/^(fetch failed|terminated)$/.test(error.message)) return undefined;
  const cause = error.cause === undefined ? undefined : classify(error.cause);
  if (cause && cause.kind !== 'internal') return cause;
  // The answer broke off; otherwise fetch never sent the request, or refused the answer (a redirect).
  return error.message === 'terminated'
    ? fault('connection-lost', '')
    : fault('unreachable', cause?.code ?? '', { transient: false });
}
