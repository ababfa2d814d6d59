// The parts of connections and waiting statements that admission sees, and the effects that it asks the pool for.
import type { Waiting } from './fair-queue';

/** A connection, as admission sees it. */
export interface Session {
  /** When the connection became idle, ms. */
  idleSince: number;
  /** Whether the connection has run a statement. */
  used: boolean;
  /** When the connection was opened, ms: the beginning of its database's turn. */
  readonly heldSince: number;
  /** When the connection is to be closed after its statement, ms. Default: never. */
  readonly retiresAt?: number;
}

/** A waiting statement. */
export interface Waiter<S> extends Waiting {
  admit(session: S, waitedMs: number): void;
  refuse(error: unknown): void;
}

/** What the pool does for admission, since it takes time: opening and closing connections, and waiting. */
export interface Effects<S> {
  /** Opens a connection. The pool then calls `opened` or `openFailed` with the same attempt. */
  open(attempt: object): void;
  /** Closes a connection. The pool then calls `closed`. */
  close(session: S): void;
  /** Calls `lookAgain` once after this time. Further calls before that change nothing. */
  lookAgainIn(ms: number): void;
}
