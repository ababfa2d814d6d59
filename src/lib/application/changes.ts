// Who has a tenant's data on a screen hears that they changed: over the application database, which every process has.

import type { Listening } from '@/lib/postgres';
import type { Database } from './database';
import { listenTo } from './listen';

const CHANNEL = 'marquee_changes';
/** Changes of so long are told at once: each NOTIFY takes a lock that all of a server's committing transactions want. */
const PAUSE_MS = 80;
/** PostgreSQL takes less than 8000 bytes. */
const LONGEST_PAYLOAD = 7_500;
/** What may stand for who changed something: nothing that could carry data. */
const ORIGIN = /^[\w-]{1,40}$/;

/** Called with the tenant whose data changed and by which screen, or with nothing where any may have. */
export type ChangeListener = (tenantId?: string, origin?: string) => void;

/** Tells all processes that tenants' data changed. It carries ids only: readers with permission read what changed. */
export class ChangeAnnouncer {
  #pending = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly database: Database) {}

  /** @param origin the screen that changed it, which knows already; else empty */
  announce(tenantId: string, origin = ''): void {
    this.#pending.add(`${tenantId}:${ORIGIN.test(origin) ? origin : ''}`);
    this.#timer ??= setTimeout(() => void this.flush(), PAUSE_MS);
  }

  /** Tells what waits. A change that cannot be told is seen all the same: screens read again by themselves now and then. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const payloads = packed(this.#pending);
    this.#pending = new Set();
    if (payloads.length === 0) return;
    await this.database
      .read('select pg_notify($1, payload) from unnest($2::text[]) payload', [CHANNEL, payloads])
      .catch(() => {});
  }
}

/** Listens until closed; where the connection was lost, `changed` is called without arguments. */
export function listenToChanges(url: string, changed: ChangeListener): Promise<Listening> {
  return listenTo(url, CHANNEL, (payload) => {
    if (payload === undefined) changed();
    for (const change of payload?.split(' ') ?? []) {
      const [tenantId, origin] = change.split(':');
      if (tenantId) changed(tenantId, origin);
    }
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
