// Repeatedly asks one host for its state, on one session. A standby keeps its sessions when it is promoted, and the end of the session
// shows at once that a server has stopped.
import pg from 'pg';
import { connectionLost } from '@/lib/failures';
import { pause, withDeadline } from '@/lib/time';
import type { PostgresHost } from '../address/postgres-url';
import { guardWire } from '../wire-guard';
import { readServerState, type ServerState } from './server-state';

/** A server that has not answered within this time counts as unavailable, ms. */
const ANSWER_MS = 1_000;

export interface HostWatchOptions {
  host: PostgresHost;
  /** The configuration to sign in with at this host. It may change. */
  config(host: PostgresHost): pg.ClientConfig;
  /** How long to pause after an answer, ms. */
  pauseMs(): number;
  /** Called with each answer, or with the error if there is none. */
  said(state: ServerState | undefined, error: unknown): void;
}

export class HostWatch {
  readonly #closing = new AbortController();
  #client: pg.Client | undefined;
  #waking = new AbortController();
  readonly #running: Promise<void>;

  constructor(private readonly options: HostWatchOptions) {
    this.#running = this.#watch();
  }

  /** Asks now instead of after the pause. */
  hurry(): void {
    this.#waking.abort();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#drop();
    await this.#running;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        const state = await withDeadline(this.#ask(), ANSWER_MS, () => new Error('timeout expired'));
        if (!signal.aborted) this.options.said(state, undefined);
      } catch (error) {
        this.#drop();
        if (!signal.aborted) this.options.said(undefined, error);
      }
      this.#waking = new AbortController();
      await pause(this.options.pauseMs(), {
        signal: AbortSignal.any([signal, this.#waking.signal]),
        ref: false,
      });
    }
  }

  async #ask(): Promise<ServerState> {
    this.#client ??= await this.#connect();
    return readServerState(this.#client);
  }

  async #connect(): Promise<pg.Client> {
    const { host, config, said } = this.options;
    const client = new pg.Client({
      ...config(host),
      application_name: 'marquee primary watch',
      connectionTimeoutMillis: ANSWER_MS,
    });
    guardWire(client);
    client.on('error', () => {});
    client.once('end', () => {
      if (this.#client !== client) return;
      this.#client = undefined;
      said(undefined, connectionLost('The connection ended.'));
      this.hurry();
    });
    try {
      await client.connect();
    } catch (error) {
      client.connection.stream.destroy();
      throw error;
    }
    client.unref();
    if (this.#closing.signal.aborted) client.connection.stream.destroy();
    return client;
  }

  #drop(): void {
    const client = this.#client;
    this.#client = undefined;
    client?.connection.stream.destroy();
  }
}
