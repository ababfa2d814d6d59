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
