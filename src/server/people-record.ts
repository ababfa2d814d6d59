import { isDeepStrictEqual } from 'node:util';
import type { ApplicationDatabase } from '@/lib/application';
import { ORIGIN_HEADER, SEEN_BY_NONE } from '@/lib/data-sources';
import type { DataSourceManager } from '@/lib/data-sources/manager';
import type { Logger } from './observability';

/** So long a tenant's data may not know what the application database has changed by another way than this server's. */
const FRESH_MS = 60_000;
const MOST_TENANTS = 10_000;
/** No screen shows who is recorded: none needs to read again. */
const UNSEEN = [ORIGIN_HEADER, SEEN_BY_NONE] as const;

interface PeopleRecordParts {
  application: Pick<ApplicationDatabase, 'users'>;
  manager: Pick<DataSourceManager, 'getClientForTenant'>;
  logger: Logger;
}

/** Tells a tenant's data who works for it, so that the database assigns work to these people only. */
export class PeopleRecord {
  readonly #told = new Map<string, { at: number; done: Promise<void> }>();

  constructor(private readonly parts: PeopleRecordParts) {}

  /** All of the tenant's people each time: what a database that was away missed, the next time tells. Never fails. */
  tell(tenantId: string): Promise<void> {
    if (this.#told.size >= MOST_TENANTS) this.#told.clear();
    const done = this.#tell(tenantId);
    this.#told.set(tenantId, { at: Date.now(), done });
    return done;
  }

  /** Before a user writes: tells it where that was not done within the last minute. */
  async freshen(tenantId: string): Promise<void> {
    const told = this.#told.get(tenantId);
    await (told && Date.now() - told.at < FRESH_MS ? told.done : this.tell(tenantId));
  }

  async #tell(tenantId: string): Promise<void> {
    try {
      const users = await this.parts.application.users.list(tenantId);
      const people = users
        .filter(({ status }) => status !== 'disabled')
        .map(({ id, role }) => ({ user_id: id, role }));
      const client = await this.parts.manager.getClientForTenant(tenantId, true);
      const { data: recorded } = await client.rpc('recorded_people', undefined, { get: true }).throwOnError();
      if (isDeepStrictEqual(byId(recorded), byId(people))) return;
      await client
        .rpc('record_roles', { people })
        .setHeader(...UNSEEN)
        .throwOnError();
    } catch (err) {
      this.#told.delete(tenantId);
      this.parts.logger.warn({ err, tenantId }, 'people not recorded');
    }
  }
}

function byId(people: { user_id: string; role: string }[]): Record<string, string> {
  return Object.fromEntries(people.map(({ user_id, role }) => [user_id, role]));
}
