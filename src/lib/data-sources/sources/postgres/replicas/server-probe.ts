// Asks one server for the position of its log, on a session of its own, so that the question does not queue behind tenants' statements.
import type pg from 'pg';
import { readServerState, type ServerState } from '@/lib/postgres';
import { withDeadline } from '@/lib/time';
import { clock } from './positions';

/** A server that has not answered within this time counts as unavailable, ms. */
const ANSWER_MS = 1_000;
/** A server that did not answer is asked again after this time, ms. */
const AGAIN_MS = 5_000;

export interface Asked {
  /** A time before the question was sent, by `clock`. */
  at: number;
  /** Undefined if the server does not answer. */
  state: ServerState | undefined;
}

export class ServerProbe {
  #client: Promise<pg.Client> | undefined;
  #last: Asked = { at: Number.NEGATIVE_INFINITY, state: undefined };
  #asking: Promise<Asked> | undefined;
  #error: unknown;

  constructor(private readonly connect: () => Promise<pg.Client>) {}

  /** The reason why the server did not answer the last question. */
  get error(): unknown {
    return this.#error;
  }

  /** The server's answer to a question asked at `moment` (by `clock`) or later. A server that did not answer recently is not asked again yet. */
  async since(moment: number): Promise<Asked> {
    while (this.#last.at < moment) {
      if (!this.#last.state && clock() - this.#last.at < AGAIN_MS) break;
      this.#asking ??= this.#ask().finally(() => {
        this.#asking = undefined;
      });
      await this.#asking;
    }
    return this.#last;
  }

  /** Notes that a statement failed because of the server, which is then not used for some time. */
  suspect(error: unknown): void {
    this.#error = error;
    this.#last = { at: clock(), state: undefined };
  }

  async close(): Promise<void> {
    const opening = this.#client;
    this.#client = undefined;
    const client = await opening?.catch(() => undefined);
    client?.connection.stream.destroy();
  }

  async #ask(): Promise<Asked> {
    const at = clock();
    try {
      const state = await withDeadline(this.#read(), ANSWER_MS, () => new Error('timeout expired'));
      this.#error = undefined;
      this.#last = { at, state };
    } catch (error) {
      void this.close();
      this.suspect(error);
    }
    return this.#last;
  }

  async #read(): Promise<ServerState> {
    this.#client ??= this.#open();
    return readServerState(await this.#client);
  }

  #open(): Promise<pg.Client> {
    const opening = this.connect().then((client) => {
      client.once('end', () => {
        if (this.#client === opening) this.#client = undefined;
      });
      client.unref();
      return client;
    });
    return opening;
  }
}
