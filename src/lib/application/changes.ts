// Announces to all processes that a tenant's data changed, so that open screens show it: by NOTIFY of the application database, to which every
// process is connected.

import type { Listening } from '@/lib/postgres';
import type { Database } from './database';

const CHANNEL = 'marquee_changes';
/** Changes within this time (ms) are announced together: each NOTIFY takes a lock that all of a server's committing transactions want. */
const PAUSE_MS = 80;
/** PostgreSQL takes less than 8000 bytes. */
const LONGEST_PAYLOAD = 7_500;
/** Called with the tenant whose data changed, or with nothing where any may have. */
export type ChangeListener = (tenantId?: string) => void;

/** Announces to all processes that tenants' data changed. It carries ids only: readers with permission read what changed. */
export class ChangeAnnouncer {
  #pending = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly database: Database) {}

  announce(tenantId: string): void {
    this.#pending.add(tenantId);
    this.#timer ??= setTimeout(() => void this.flush(), PAUSE_MS);
  }

  /** Announces the pending changes. If that fails, screens still see them: they read again periodically. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const payloads = packed(this.#pending);
    this.#pending = new Set();
    if (payloads.length === 0) return;
    await this.database.notify(CHANNEL, payloads).catch(() => {});
  }
}

/** Listens until closed; where the connection was lost, `changed` is called without arguments. */
export function listenToChanges(database: Database, changed: ChangeListener): Promise<Listening> {
  return database.listen(CHANNEL, (payload) => {
    if (payload === undefined) changed();
    for (const tenantId of payload?.split(' ') ?? []) changed(tenantId);
  });
}

function packed(changes: Iterable<string>): string[] {
  const payloads: string[] = [];
  let payload = '';
  for (const change of changes) {
    if (payload.length + change.length > LONGEST_PAYLOAD) {
      payloads.push(payload);
      payload = '';
    }
    payload = payload ? `${payload} ${change}` : change;
  }
  return payload ? [...payloads, payload] : payloads;
}
