import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import type { ApplicationDatabase } from '@/lib/application';
import { ORIGIN_HEADER, SEEN_BY_NONE } from '@/lib/data-sources';
import type { DataSourceManager } from '@/lib/data-sources/manager';
import type { Logger } from './observability';

/** How long a tenant's copy of its users may be stale after a change made by another process. */
const FRESH_MS = 60_000;
const MOST_TENANTS = 10_000;
/** No screen shows this copy, so none needs to refresh. */
const UNSEEN = [ORIGIN_HEADER, SEEN_BY_NONE] as const;

interface UserCopiesDependencies {
  application: Pick<ApplicationDatabase, 'users'>;
  manager: Pick<DataSourceManager, 'getClientForTenant'>;
  logger: Logger;
}

/** Copies a tenant's users and roles into its database, which checks assignments of work against them. */
export class UserCopies {
  readonly #copies = new LRUCache<string, Promise<void>>({ max: MOST_TENANTS, ttl: FRESH_MS });

  constructor(private readonly parts: UserCopiesDependencies) {}

  /** Copies all users each time, so that a database that was unreachable catches up later. Never fails. */
  copy(tenantId: string): Promise<void> {
    const done = this.#copy(tenantId);
    this.#copies.set(tenantId, done);
    return done;
  }

  /** Copies the users unless that was done within the last minute. To be called before a user writes. */
  async freshen(tenantId: string): Promise<void> {
    await (this.#copies.get(tenantId) ?? this.copy(tenantId));
  }

  async #copy(tenantId: string): Promise<void> {
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
      this.#copies.delete(tenantId);
      this.parts.logger.warn({ err, tenantId }, 'users not copied to tenant data');
    }
  }
}

function byId(people: { user_id: string; role: string }[]): Record<string, string> {
  return Object.fromEntries(people.map(({ user_id, role }) => [user_id, role]));
}
