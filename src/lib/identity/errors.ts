import { MarqueeError } from '@/lib/failures';

/** Why a person, a session or a key is not let in, and what to do about it. */
export class IdentityError extends MarqueeError {
  /** When trying again makes sense, seconds. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: string,
    message: string,
    { retryAfterSeconds, ...options }: { hint?: string; cause?: unknown; retryAfterSeconds?: number } = {},
  ) {
    super(code, message, options);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
