/** A failed request. `code` comes from the server, PostgREST or PostgreSQL. */
export class Failure extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly details: string | undefined;

  constructor(code: string, message: string, more: { hint?: string | null; details?: string | null } = {}) {
    super(message);
    this.name = 'Failure';
    this.code = code;
    this.hint = more.hint ?? undefined;
    this.details = more.details ?? undefined;
  }
}

/** Another user has saved the record since it was read. */
export class Conflict extends Failure {
  constructor() {
    super('version_conflict', 'Someone else changed this record while you were editing it.');
  }
}

/** Whether the error means that the session has ended. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof Failure && /^(not_signed_in$|(access_)?token_|PGRST30[123]$)/.test(error.code);
}

/** Whether the server could not be reached. The request can be retried later. */
export function isOffline(error: unknown): boolean {
  return error instanceof Failure && error.code === 'offline';
}
