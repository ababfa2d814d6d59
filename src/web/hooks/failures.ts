/** A request that did not do what was asked; `code` is the server's, PostgREST's or PostgreSQL's. */
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

/** Someone else saved the record since it was read. */
export class Conflict extends Failure {
  constructor() {
    super('version_conflict', 'Someone else changed this record while you were editing it.');
  }
}

/** Nobody is signed in any more. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof Failure && /^(not_signed_in$|(access_)?token_|PGRST30[123]$)/.test(error.code);
}

/** The server could not be reached: the same request may work later. */
export function isOffline(error: unknown): boolean {
  return error instanceof Failure && error.code === 'offline';
}
