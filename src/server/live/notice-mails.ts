import { Throttle } from '@/lib/time';
import type { ServerDependencies } from '../dependencies';

/** How long changes are gathered before the tenant is asked whether notices are to be mailed. */
const GATHER_MS = 1_000;

/**
 * Has notices mailed soon after a request that changed a tenant's data, by whatever way: triggers write them, so the server asks.
 * Changes by other means are found by the jobs that run every quarter of an hour.
 */
export class NoticeMails {
  readonly #throttle = new Throttle<string>(GATHER_MS, (tenantId) => void this.#notify(tenantId), {
    leading: false,
  });

  constructor(private readonly parts: ServerDependencies) {}

  /** Data of a tenant may have changed. Returns at once and never fails. */
  nudge(tenantId: string): void {
    if (this.parts.services?.mail) this.#throttle.call(tenantId);
  }

  async #notify(tenantId: string): Promise<void> {
    try {
      const client = await this.parts.manager.getClientForTenant(tenantId, true);
      const { data } = await client.rpc('notices_wait', undefined, { get: true }).throwOnError();
      if (data) await (await this.parts.services?.mail?.())?.notify(tenantId);
    } catch (err) {
      this.parts.logger.warn({ err, tenantId }, 'notices not mailed yet');
    }
  }
}
