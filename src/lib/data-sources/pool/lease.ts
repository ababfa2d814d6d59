import type pg from 'pg';
import { connectionLost } from '@/lib/failures';
import type { PipelineControl, RunningPipeline } from '@/lib/postgres';
import type { Session } from '../admission/admission';
import { DataSourceError } from '../errors';
import { requestCancel } from './connect';
import type { Timed } from './deadlines';

/** After the server should have ended a statement, how long it may take to say so before it is cut off, ms. */
const GRACE_MS = 3_000;

/** A connection of a pool. */
export class PooledConnection implements Timed, Session {
  /** The lease it is lent by at the moment. */
  lease: Lease | undefined;
  idleSince: number;
  used = false;
  ended = false;

  constructor(
    readonly client: pg.Client,
    /** The pool's credentials when it was opened. */
    readonly generation: number,
    /** When it was opened, `performance.now()`. */
    readonly heldSince: number,
  ) {
    this.idleSince = heldSince;
  }

  get deadline(): number {
    return this.lease?.deadline ?? Number.POSITIVE_INFINITY;
  }

  late(): void {
    this.lease?.late();
  }
}

/** Where a lease goes back to. */
export interface Lender {
  takeBack(lease: Lease, broken: boolean): void;
}

/**
 * A connection lent for one statement or one interactive transaction, and the time that may take: a statement that is
 * late is cancelled on the server; a server that does not answer to that either is cut off.
 */
export class Lease implements PipelineControl {
  /** `performance.now()` at which what is under way is late. */
  deadline = Number.POSITIVE_INFINITY;
  /** Why the statement was ended, where it was late. */
  timedOut: DataSourceError | undefined;
  /** The connection is of no further use. */
  broken = false;
  /** A statement that was to be cancelled was done before. */
  wasDone = false;
  #running: RunningPipeline | undefined;
  #cancelling = false;
  #open = true;
  #timeoutMs = 0;

  constructor(
    readonly connection: PooledConnection,
    /** Who borrows, in the lender's books. */
    readonly account: unknown,
    private readonly lender: Lender,
    /** When it was lent, `performance.now()`. */
    readonly since: number,
    /** How long the request waited for it, ms. */
    readonly waitedMs: number,
  ) {}

  get client(): pg.Client {
    return this.connection.client;
  }

  /** From now on, a statement may take this long. */
  limit(timeoutMs: number, from: number = performance.now()): void {
    this.#timeoutMs = timeoutMs;
    this.deadline = from + timeoutMs;
  }

  /**
   * The server enforces the limit by itself; one that does not answer is cut off a little later.
   *
   * @param timeoutMs 0 for what a server that answers at all does at once, such as a rollback
   */
  limitFromServer(timeoutMs: number): void {
    this.#cancelling = true;
    this.limit(timeoutMs + GRACE_MS);
  }

  /** Nothing is under way. */
  rest(): void {
    this.deadline = Number.POSITIVE_INFINITY;
  }

  /** Runs `work`, but no longer than the connection lives. @throws what ended the connection, as the driver says it */
  async whileConnected<T>(work: () => Promise<T>): Promise<T> {
    let lost: () => void = () => {};
    const gone = new Promise<never>((_, reject) => {
      lost = () => reject(connectionLost('The connection ended.'));
    });
    this.client.once('end', lost);
    try {
      return await Promise.race([work(), gone]);
    } finally {
      this.client.off('end', lost);
    }
  }

  started(running: RunningPipeline): void {
    this.#running = running;
  }

  doneAllTheSame(): void {
    this.wasDone = true;
  }

  cancel(): Promise<void> {
    this.#cancelling = true;
    this.deadline = performance.now() + GRACE_MS;
    return requestCancel(this.client);
  }

  late(): void {
    if (this.#cancelling) {
      this.broken = true;
      this.rest();
      this.client.connection.stream.destroy();
      return;
    }
    this.timedOut = new DataSourceError(
      'data_source_timeout',
      `The statement took longer than ${this.#timeoutMs} ms and was cancelled.`,
      { hint: 'Ask for less at once, or raise statementTimeoutMs in connection_pool_config.' },
    );
    this.#running?.fail(this.timedOut);
  }

  /** Gives the connection back; a second call does nothing. */
  release(broken = this.broken): void {
    if (!this.#open) return;
    this.#open = false;
    this.lender.takeBack(this, broken);
  }
}
