// Hears `NOTIFY pgrst, 'reload schema'` and, after a lost connection, assumes to have missed one.
import pg from 'pg';
import { guardWire, WIDE } from '@/lib/postgres';
import { Backoff } from '@/lib/time';

export type Reload = 'schema' | 'config';

export interface ListenerOptions {
  connection: pg.ClientConfig;
  channel: string;
  onReload: (what: readonly Reload[]) => void;
  /** A connection failed; it is tried again after so many milliseconds. */
  onRetry: (error: unknown, delay: number) => void;
}

export class Listener {
  #client: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #backoff = new Backoff(1_000, 32_000);
  #ended = false;

  constructor(private readonly options: ListenerOptions) {}

  /** Resolves once it hears or has failed for the first time; it goes on trying by itself. */
  async start(): Promise<void> {
    await this.#connect(false);
  }

  async end(): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#timer);
    await this.#client?.end().catch(() => {});
  }

  async #connect(again: boolean): Promise<void> {
    const client = new pg.Client(this.options.connection);
    // Notifications end no answer, so they count on: a limit for a session, not for each.
    guardWire(client, WIDE);
    this.#client = client;
    let failed = false;
    const fail = (error: unknown) => {
      if (failed || this.#ended) return;
      failed = true;
      void client.end().catch(() => {});
      this.#retry(error);
    };
    client.on('error', fail);
    client.once('end', () => fail(new Error('the connection ended')));
    client.on('notification', (notification) => this.#hear(notification.payload ?? ''));
    try {
      await client.connect();
      await client.query(`listen ${pg.escapeIdentifier(this.options.channel)}`);
    } catch (error) {
      fail(error);
      return;
    }
    this.#backoff.reset();
    if (again) this.options.onReload(['config', 'schema']);
  }

  #hear(payload: string): void {
    if (payload === '') this.options.onReload(['config', 'schema']);
    else if (payload === 'reload schema') this.options.onReload(['schema']);
    else if (payload === 'reload config') this.options.onReload(['config']);
  }

  #retry(error: unknown): void {
    const delayMs = this.#backoff.next();
    this.options.onRetry(error, delayMs);
    this.#timer = setTimeout(() => void this.#connect(true), delayMs);
  }
}
