// Messages from one process of Marquee to all, over NOTIFY of the application database.
import { randomUUID } from 'node:crypto';
import type { Listening } from '@/lib/postgres';
import type { Database } from './database';

const CHANNEL = 'marquee_relay';
/** Bytes of a message in one notification: PostgreSQL takes less than 8000 characters, and base64 makes four of three. */
const PART_BYTES = 5_700;
/** Messages that wait for their missing parts. */
const MOST_UNFINISHED = 1_000;
/** Bytes that may wait for the database; what comes beyond is refused. */
const MOST_WAITING = 8 * 1024 * 1024;

/** Called with each message, the process's own too, or without one where some may have been missed. */
export type RelayListener = (message?: Buffer) => void;

/** Sends messages of any length in parts, in order. One statement at a time: what comes meanwhile goes with the next. */
export class Relay {
  /** Distinguishes the parts of one process's messages from those of another. */
  readonly #self = randomUUID().slice(0, 8);
  #count = 0;
  #waiting: string[] = [];
  #bytes = 0;
  #sending: Promise<void> | undefined;

  constructor(private readonly database: Database) {}

  /** @returns false where too much waits; the message is not sent then */
  send(message: Buffer): boolean {
    if (this.#bytes + message.length > MOST_WAITING) return false;
    this.#bytes += message.length;
    this.#count += 1;
    const parts = Math.max(1, Math.ceil(message.length / PART_BYTES));
    for (let part = 0; part < parts; part += 1) {
      const bytes = message.subarray(part * PART_BYTES, (part + 1) * PART_BYTES);
      this.#waiting.push(`${this.#self} ${this.#count} ${part + 1}/${parts} ${bytes.toString('base64')}`);
    }
    this.#sending ??= this.#send();
    return true;
  }

  /** Resolves when what was sent so far has left. */
  async flush(): Promise<void> {
    await this.#sending;
  }

  listen(heard: RelayListener): Promise<Listening> {
    const unfinished = new Map<string, Buffer[]>();
    return this.database.listen(CHANNEL, (payload) => {
      if (payload === undefined) {
        unfinished.clear();
        return heard();
      }
      const [from, count, place = '', text = ''] = payload.split(' ');
      const [part, parts] = place.split('/').map(Number);
      const key = `${from} ${count}`;
      const gathered = [...(unfinished.get(key) ?? []), Buffer.from(text, 'base64')];
      unfinished.delete(key);
      if (gathered.length !== part) return;
      if (part === parts) return heard(Buffer.concat(gathered));
      if (unfinished.size < MOST_UNFINISHED) unfinished.set(key, gathered);
    });
  }

  async #send(): Promise<void> {
    // A turn of the event loop gathers what is sent together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const payloads = this.#waiting;
      this.#waiting = [];
      this.#bytes = 0;
      await this.database.notify(CHANNEL, payloads).catch(() => {});
    }
    this.#sending = undefined;
  }
}
