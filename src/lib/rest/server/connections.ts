// A pool of connections to one database: small, because it is on the way of every request.
import type pg from 'pg';
import { isConnectionGone } from '@/lib/failures';
import { guardWire, PrimaryClient, WIDE } from '@/lib/postgres';
import { connectionFailed, connectionLost, poolExhausted } from './errors';

export interface PoolOptions {
  connection: pg.ClientConfig;
  /** Connections at most. */
  size: number;
  /** Milliseconds to wait for a connection. */
  acquisitionTimeout: number;
  /** Milliseconds after which an idle connection is replaced. */
  maxLifetime: number;
  /** Milliseconds unused after which a connection is closed. */
  maxIdleTime: number;
}

interface Pooled {
  client: pg.Client;
  expires: number;
  /** How often the pool had been flushed when it was opened. */
  generation: number;
  idleSince: number;
  broken: boolean;
}

interface Waiting {
  resolve: (pooled: Pooled) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
}

const SWEEP_INTERVAL_MS = 10_000;

export class ConnectionPool {
  readonly #idle: Pooled[] = [];
  readonly #waiting: Waiting[] = [];
  #open = 0;
  #flushed = 0;
  /** Times that no connection became free in time. */
  timeouts = 0;
  #ended = false;
  readonly #sweeper: NodeJS.Timeout;

  constructor(private readonly options: PoolOptions) {
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_INTERVAL_MS);
    this.#sweeper.unref();
  }

  /** Connections open or being opened. */
  get open(): number {
    return this.#open;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get idle(): number {
    return this.#idle.length;
  }

  /** Replaces every connection, those in use when they come back: what a session has prepared knows old types. */
  flush(): void {
    this.#flushed += 1;
    for (const pooled of this.#idle.splice(0)) void this.#close(pooled);
  }

  /**
   * Lends a connection to `work`.
   *
   * @throws UnavailableError PGRST000 (cannot connect), PGRST001 (lost while working), PGRST003 (none became free)
   */
  async use<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const pooled = this.#takeIdle() ?? (await this.#acquire());
    try {
      return await work(pooled.client);
    } catch (error) {
      // Anything that PostgreSQL did not say itself, or said when closing, leaves the connection in an unknown state.
      if (isConnectionGone(error)) {
        pooled.broken = true;
        throw connectionLost(error);
      }
      throw error;
    } finally {
      this.#release(pooled);
    }
  }

  /** Does not wait for connections in use: they close when they are released. */
  async end(): Promise<void> {
    this.#ended = true;
    clearInterval(this.#sweeper);
    for (const waiting of this.#waiting.splice(0)) {
      clearTimeout(waiting.timer);
      waiting.reject(connectionFailed(new Error('the pool has ended')));
    }
    await Promise.all(this.#idle.splice(0).map((pooled) => this.#close(pooled)));
  }

  #takeIdle(): Pooled | undefined {
    for (;;) {
      const pooled = this.#idle.pop();
      if (!pooled?.broken) return pooled;
      void this.#close(pooled);
    }
  }

  #acquire(): Promise<Pooled> {
    if (this.#ended) return Promise.reject(connectionFailed(new Error('the pool has ended')));
    if (this.#open < this.options.size) return this.#connect();
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        resolve,
        reject,
        timer: setTimeout(() => {
          this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
          this.timeouts += 1;
          reject(poolExhausted());
        }, this.options.acquisitionTimeout),
      };
      this.#waiting.push(waiting);
    });
  }

  async #connect(): Promise<Pooled> {
    this.#open += 1;
    const client = new PrimaryClient({
      ...this.options.connection,
      connectionTimeoutMillis: this.options.acquisitionTimeout,
    });
    guardWire(client, WIDE);
    const pooled: Pooled = {
      client,
      expires: Date.now() + this.options.maxLifetime,
      generation: this.#flushed,
      idleSince: 0,
      broken: false,
    };
    client.on('error', () => {
      pooled.broken = true;
    });
    client.once('end', () => {
      pooled.broken = true;
    });
    try {
      await client.connect();
    } catch (error) {
      this.#open -= 1;
      void client.end().catch(() => {});
      this.#serveNext();
      throw connectionFailed(error);
    }
    return pooled;
  }

  #release(pooled: Pooled): void {
    const isOld = pooled.generation !== this.#flushed || Date.now() > pooled.expires;
    if (pooled.broken || this.#ended || isOld) {
      void this.#close(pooled);
      this.#serveNext();
      return;
    }
    const waiting = this.#waiting.shift();
    if (waiting) {
      clearTimeout(waiting.timer);
      waiting.resolve(pooled);
      return;
    }
    pooled.idleSince = Date.now();
    this.#idle.push(pooled);
  }

  /** A slot became free without a connection: opens one for the first request that waits. */
  #serveNext(): void {
    const waiting = this.#waiting.shift();
    if (!waiting) return;
    clearTimeout(waiting.timer);
    this.#connect().then(waiting.resolve, waiting.reject);
  }

  async #close(pooled: Pooled): Promise<void> {
    this.#open -= 1;
    await pooled.client.end().catch(() => {});
  }

  #sweep(): void {
    const now = Date.now();
    const { maxIdleTime } = this.options;
    for (let index = this.#idle.length - 1; index >= 0; index -= 1) {
      const pooled = this.#idle[index];
      if (!pooled) continue;
      if (!pooled.broken && now <= pooled.expires && now - pooled.idleSince <= maxIdleTime) continue;
      this.#idle.splice(index, 1);
      void this.#close(pooled);
    }
  }
}
