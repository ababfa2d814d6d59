import type { ServerDependencies } from './context';

/** How long changes are gathered before the tenant is asked whether notices are to be mailed. */
const GATHER_MS = 1_000;

/**
 * Has notices mailed soon after a request that changed a tenant's data, by whatever way: triggers write them, so the server asks.
 * Changes by other means are found by the jobs that run every quarter of an hour.
 */
export class NoticeMails {
  readonly #waiting = new Set<string>();

  constructor(private readonly parts: ServerDependencies) {}

  /** Data of a tenant may have changed. Returns at once and never fails. */
  nudge(tenantId: string): void {
    const mail = this.parts.services?.mail;
    if (!mail || this.#waiting.has(tenantId)) return;
    this.#waiting.add(tenantId);
    setTimeout(async () => {
      this.#waiting.delete(tenantId);
      try {
        const client = await this.parts.manager.getClientForTenant(tenantId, true);
        const { data } = await client.rpc('notices_wait', undefined, { get: true }).throwOnError();
        if (data) await (await mail()).notify(tenantId);
      } catch (err) {
        this.parts.logger.warn({ err, tenantId }, 'notices not mailed yet');
      }
    }, GATHER_MS).unref();
  }
}
