import type { Refusal } from '@/lib/crm/refusals';

/** A failed request. `code` comes from the server, PostgREST or PostgreSQL. */
export class Failure extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly details: string | undefined;
  /** What the database refused, and of which column. */
  readonly refusal: Refusal | undefined;
  /** Merge fields of a text that have no value. */
  readonly missing: readonly string[] | undefined;
  /** HTTP status of the answer, if known. */
  readonly status: number | undefined;

  constructor(
    code: string,
    message: string,
    more: {
      hint?: string | null;
      details?: string | null;
      refusal?: Refusal | undefined;
      missing?: readonly string[] | undefined;
      status?: number;
    } = {},
  ) {
    super(message);
    this.name = 'Failure';
    this.code = code;
    this.hint = more.hint ?? undefined;
    this.details = more.details ?? undefined;
    this.refusal = more.refusal;
    this.missing = more.missing;
    this.status = more.status;
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

/** Whether no answer came from the server, or only from a proxy in front of it. */
export function isUnreachable(error: unknown): boolean {
  return isOffline(error) || (error instanceof Failure && /^http_(502|503|504)$/.test(error.code));
}

/** How often a failed read is repeated: more often if the server announces that it will answer soon. */
export function retriesOf(error: unknown): number {
  if (!(error instanceof Failure) || isOffline(error)) return 2;
  // The database would refuse anything else again.
  return error.status === 503 ? 4 : 0;
}
