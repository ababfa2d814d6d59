import type pg from 'pg';
import { connectionLost } from '@/lib/failures';
import { type PipelineControl, type RunningPipeline, type Traffic, trafficOf } from '@/lib/postgres';
import type { Session } from '../admission/session';
import { DataSourceError } from '../errors';
import { requestCancel } from './connect';
import type { Timed } from './deadlines';

/** If the server has not answered this long after the limit of a statement, the connection is destroyed, ms. */
const GRACE_MS = 3_000;

/**
 * How long a connection is used, ms: at least, and up to this much longer, so that not all are replaced at once. A new one goes to where the
 * host's name leads then, and its backend has not gathered memory yet.
 */
const LIFETIME_MS = { least: 30 * 60_000, more: 10 * 60_000 };

/** A connection of a pool. */
export class PooledConnection implements Timed, Session {
  /** The current lease. */
  lease: Lease | undefined;
  idleSince: number;
  used = false;
  ended = false;
  readonly traffic: Traffic;
  readonly retiresAt: number;

  constructor(
    readonly client: pg.Client,
    /** The generation of the pool when the connection was opened; each change of credentials begins a new one. */
    readonly generation: number,
    /** When the connection was opened, `performance.now()`. */
    readonly heldSince: number,
  ) {
    this.idleSince = heldSince;
    this.retiresAt = heldSince + LIFETIME_MS.least + Math.random() * LIFETIME_MS.more;
    this.traffic = trafficOf(client);
    // The routine identifies the notice, since its text is in the server's language.
    client.on('notice', ({ routine }) => {
      if (routine === 'SyncRepWaitForLSN' && this.lease) this.lease.unreplicated = true;
    });
  }

  get deadline(): number {
    return this.lease?.deadline ?? Number.POSITIVE_INFINITY;
  }

  /** Whether the server's last answer was given inside a transaction: the session must not be lent again. */
  get isInTransaction(): boolean {
    const status = (
      this.client as pg.Client & { getTransactionStatus(): string | null }
    ).getTransactionStatus();
    return status === 'T' || status === 'E';
  }

  late(): void {
    this.lease?.late();
  }
}

/** The pool that a lease is returned to. */
export interface Lender {
  takeBack(lease: Lease, broken: boolean): void;
}

/**
 * A connection lent for one statement or one interactive transaction, with a time limit. A statement that exceeds it is cancelled on the
 * server. If the server does not answer the cancellation either, the connection is destroyed.
 */
export class Lease implements PipelineControl {
  /** `performance.now()` at which the limit is exceeded. */
  deadline = Number.POSITIVE_INFINITY;
  /** The error of a statement that exceeded its limit. */
  timedOut: DataSourceError | undefined;
  /** The connection cannot be used again. */
  broken = false;
  /**
   * The server stopped waiting for its synchronous standby, because of a cancel request or its shutdown. What it reports as committed
   * may be on no other server, and is then lost if another one becomes the primary.
   */
  unreplicated = false;
  /** Whether the work can be repeated at another server, because it is one statement that only reads. */
  repeatable = false;
  /** The statement was committed before it could be cancelled. */
  wasCommitted = false;
  /** Traffic of the connection before this lease, bytes. */
  readonly received: number;
  readonly sent: number;
  #running: RunningPipeline | undefined;
  #cancelling = false;
  #open = true;
  #timeoutMs = 0;
  /** A cancel request may still arrive. */
  #mayBeCancelled = false;

  constructor(
    readonly connection: PooledConnection,
    /** The pool's state of the tenant. */
    readonly account: unknown,
    private readonly lender: Lender,
    /** When the connection was lent, `performance.now()`. */
    readonly since: number,
    /** How long the request waited for the connection, ms. */
    readonly waitedMs: number,
  ) {
    ({ received: this.received, sent: this.sent } = connection.traffic);
  }

  get client(): pg.Client {
    return this.connection.client;
  }

  /** Sets the limit of a statement, ms. */
  limit(timeoutMs: number, from: number = performance.now()): void {
    this.#timeoutMs = timeoutMs;
    this.deadline = from + timeoutMs;
  }

  /**
   * Sets a limit that the server enforces. If the server does not answer, the connection is destroyed a little later.
   *
   * @param timeoutMs 0 for what takes a server no time, such as a rollback
   */
  limitFromServer(timeoutMs: number): void {
    this.#cancelling = true;
    this.limit(timeoutMs + GRACE_MS);
  }

  /** Whether the server executes a text promptly. A server that does not answer is not waited for. */
  async answers(text: string): Promise<boolean> {
    this.limitFromServer(0);
    try {
      await this.client.query(text);
      return true;
    } catch {
      return false;
    }
  }

  /** Removes the limit, since nothing runs. */
  clearLimit(): void {
    this.deadline = Number.POSITIVE_INFINITY;
  }

  /** Runs `work` while the connection is open. @throws the driver's error if the connection is lost */
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

  committedAfterFailure(): void {
    this.wasCommitted = true;
  }

  cancel(): Promise<void> {
    this.#cancelling = true;
    this.deadline = performance.now() + GRACE_MS;
    return this.requestCancel();
  }

  /** Requests the cancellation of what runs. If the request may arrive later than this resolves, the connection is not used again. */
  async requestCancel(): Promise<void> {
    if (!(await requestCancel(this.client))) this.#mayBeCancelled = true;
  }

  late(): void {
    if (this.#cancelling) {
      this.broken = true;
      this.clearLimit();
      this.client.connection.stream.destroy();
      return;
    }
    this.timedOut = new DataSourceError(
      'data_source_timeout',
      `The statement took longer than ${this.#timeoutMs} ms and was cancelled.`,
      { hint: 'Request less at once, or raise statementTimeoutMs in connection_pool_config.' },
    );
    this.#running?.fail(this.timedOut);
  }

  /** Returns the connection to the pool. A second call does nothing. */
  release(broken = this.broken): void {
    if (!this.#open) return;
    this.#open = false;
    this.lender.takeBack(this, broken || this.#mayBeCancelled);
  }
}
