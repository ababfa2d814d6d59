/** How far `errorForLog` follows causes. */
const MOST_CAUSES = 5;

/**
 * An error in a form that may be logged: class, stack and causes; of a database's errors not the message,
 * which repeats values, and of no error anything that looks like a URL's credentials.
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

/** A text without the credentials of URLs, which precede the `@`. */
export function withoutCredentials(text: string): string {
  return text.replace(/:\/\/[^\s/@]*@/g, '://[redacted]@');
}
