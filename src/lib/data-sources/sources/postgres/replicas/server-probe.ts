// Asks one server how far its log is, on a session of its own that is kept: not in the line behind tenants' statements.
import type pg from 'pg';
import { readServerState, type ServerState } from '@/lib/postgres';
import { withDeadline } from '@/lib/time';
import { clock } from './positions';

/** A server that has not answered by then is taken to be away, ms. */
const ANSWER_MS = 1_000;
/** One that does not answer is asked again after this time, ms. */
const AGAIN_MS = 5_000;

export interface Asked {
  /** Before the question was sent, as `clock` has it. */
  at: number;
  /** Undefined where it does not answer. */
  state: ServerState | undefined;
}

export class ServerProbe {
  #client: Promise<pg.Client> | undefined;
  #last: Asked = { at: Number.NEGATIVE_INFINITY, state: undefined };
  #asking: Promise<Asked> | undefined;
  #error: unknown;

  constructor(private readonly connect: () => Promise<pg.Client>) {}

  /** Why it did not answer last. */
  get error(): unknown {
    return this.#error;
  }

  /** What the server says, asked at or after a moment, as `clock` has it. One that did not answer lately is not asked again at once. */
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

  /** A statement there failed for the server's fault: it is not used for some time. */
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
