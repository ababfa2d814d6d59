// Changes of tenants and users, read from the audit log: it has a record of each, in their order and without gaps.
import { pause } from '@/lib/time';
import type { Database } from '../database';
import { statements } from '../statements';

export const CHANGES = statements('changes', {
  head: 'select coalesce(max(id), 0)::text id from audit_log',
  since: `select id::text, entity, entity_id subject from audit_log where id > $1::bigint order by id limit 1000`,
});

/** How long a change may stay unseen that nothing else announced. */
const INTERVAL_MS = 2_000;
const PAGE = 1_000;

/** What changed: a table and the id of its row; undefined where any may have. */
export type Changed = (change?: { entity: string; subject: string }) => void;

/** Reads new records of the log periodically, and when `wake` is called. Keeps no process alive. */
export class ChangePolling {
  readonly #closing = new AbortController();
  #woken = Promise.withResolvers<void>();
  #running: Promise<void> | undefined;

  constructor(
    private readonly database: Pick<Database, 'read'>,
    private readonly changed: Changed,
  ) {}

  /** Resolves once changes are seen from now on. */
  async start(): Promise<void> {
    const [head] = await this.database.read<{ id: string }>(CHANGES.head);
    this.#running = this.#run(head?.id ?? '0');
  }

  /** Something has changed: reads at once. */
  wake(): void {
    this.#woken.resolve();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.wake();
    await this.#running;
  }

  async #run(from: string): Promise<void> {
    let last = from;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const waiting = new AbortController();
      const options = { signal: AbortSignal.any([signal, waiting.signal]), ref: false };
      await Promise.race([pause(INTERVAL_MS, options), this.#woken.promise]);
      waiting.abort();
      this.#woken = Promise.withResolvers();
      if (!signal.aborted) last = await this.#readOn(last).catch(() => last);
    }
  }

  /** @returns the last record that was read */
  async #readOn(from: string): Promise<string> {
    let last = from;
    for (;;) {
      const rows = await this.database.read<{ id: string; entity: string; subject: string }>(CHANGES.since, [
        last,
      ]);
      for (const { entity, subject } of rows) this.changed({ entity, subject });
      last = rows.at(-1)?.id ?? last;
      if (rows.length < PAGE) break;
    }
    if (last !== from) return last;
    // A log that is shorter than before was restored: what it says of changes is not what was read.
    const [head] = await this.database.read<{ id: string }>(CHANGES.head);
    if (BigInt(head?.id ?? '0') >= BigInt(last)) return last;
    this.changed();
    return head?.id ?? '0';
  }
}
