// What admission knows of connections and of statements that wait, and what it has the pool do.
import type { Waiting } from './fair-queue';

/** A connection, as far as admission needs to know it. */
export interface Session {
  /** When it became idle, ms. */
  idleSince: number;
  /** Whether it has run a statement. */
  used: boolean;
  /** When it was opened: the beginning of its database's turn with it, ms. */
  readonly heldSince: number;
}

/** A statement that waits. */
export interface Waiter<S> extends Waiting {
  admit(session: S, waitedMs: number): void;
  refuse(error: unknown): void;
}

/** What admission has done: opening, closing and waiting take time, and are the pool's business. */
export interface Effects<S> {
  /** Answered by `opened` or `openFailed` with the same attempt. */
  open(attempt: object): void;
  /** Answered by `closed`. */
  close(session: S): void;
  /** Answered by `lookAgain`, once; a call before that changes nothing. */
  lookAgainIn(ms: number): void;
}
