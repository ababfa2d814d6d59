/** What an error says besides its message. */
export interface MarqueeErrorDetails {
  /** What the reader can do next, one sentence. */
  hint?: string;
  /** The error underneath. Never shown to clients; its message may carry what ours must not. */
  cause?: unknown;
}

/**
 * The base of every error that Marquee raises on purpose.
 *
 * `code` is stable and may be matched on; `message` says what happened and to what; `hint` says what to do next.
 * None of them carries a credential. Rooms derive their own classes; HTTP statuses and exit codes are chosen at the edge.
 */
export class MarqueeError extends Error {
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, details: MarqueeErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = details.hint;
  }
}

/** How far `errorForLog` follows causes. */
const MOST_CAUSES = 5;

/**
 * An error as a log may keep it: what it is, where it came from, what caused it; of a database's errors not the message,
 * which repeats values, and of any error nothing that looks like a URL's credentials.
 */
export function errorForLog(error: unknown, causes = MOST_CAUSES): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const fields = error as unknown as Record<string, unknown>;
  const isServers = typeof fields.severity === 'string';
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    type: error.constructor.name,
    ...(isServers ? {} : { message: withoutCredentials(error.message) }),
    ...named(fields, ['code', 'severity', 'routine', 'schema', 'table', 'column', 'constraint', 'syscall']),
    stack: withoutCredentials(frames.join('\n')),
    ...(error.cause !== undefined && causes > 0 ? { cause: errorForLog(error.cause, causes - 1) } : {}),
    ...(error instanceof AggregateError && causes > 0
      ? { errors: error.errors.slice(0, MOST_CAUSES).map((one) => errorForLog(one, causes - 1)) }
      : {}),
  };
}

function named(fields: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    names.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]])),
  );
}

function withoutCredentials(text: string): string {
  return text.replace(/:\/\/[^\s/@]*@/g, '://[redacted]@');
}

/** SQLSTATEs of a server that does not let us in: connection, sign-in, no such database, full, shutting down. */
const NOT_LET_IN = /^(08|28|3D|53300|57P)/;

/**
 * Whether an error of the PostgreSQL driver means that we could not talk to the server at all, rather than that it
 * refused a statement. Its message may name host and user, so it is a cause, never a message of ours.
 */
export function isConnectionFailure(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof MarqueeError) return false;
  // What the server said carries a severity; what the network said carries a system call.
  if ('severity' in error) return NOT_LET_IN.test('code' in error ? String(error.code) : '');
  if (error instanceof AggregateError) return error.errors.some(isConnectionFailure);
  return 'syscall' in error || /^(Connection terminated|timeout e|Query read timeout)/.test(error.message);
}

/** Keeps the process alive until a promise is settled: idle connections do not, also while they are being closed. */
export async function keepingAlive<T>(settling: Promise<T>): Promise<T> {
  const reason = setInterval(() => {}, 60_000);
  try {
    return await settling;
  } finally {
    clearInterval(reason);
  }
}
