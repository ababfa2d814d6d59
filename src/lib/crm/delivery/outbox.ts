// Reads a tenant's outbox and queues its events for webhooks and connected services.

import { Throttle } from '@/lib/time';
import type { DeliveryDependencies } from './dependencies';
import type { OutboxEvent } from './outbox-event';
import { type Connection, queueSyncs } from './syncs';
import { ENDPOINT_PREFIX, queueDeliveries } from './webhooks/deliveries';

const QUEUE = 'outbox';
const SWEEP = 'outbox-sweep';
/** Retries, for a tenant that is being moved; the sweep runs every minute anyway. */
const RETRIES = { policy: 'short', retryLimit: 5, retryDelay: 5, retryBackoff: true };
const BATCH = 200;
/** How long changes are batched before the outbox is read, ms. */
const GATHER_MS = 250;
/** A connection made this recently may not be visible yet, ms: clocks differ. */
const CLOCKS_DIFFER_MS = 60_000;

/**
 * Reads outboxes: soon after a request that changed something (`nudge`), and every minute for changes made by other means.
 */
export class Outbox {
  readonly #throttle = new Throttle<string>(
    GATHER_MS,
    (tenantId) => {
      // If queueing fails, the sweep finds the events.
      this.#queueIfConnected(tenantId).catch((error) => this.failed(error, tenantId));
    },
    { leading: false },
  );
  #ready: Promise<void> | undefined;

  constructor(
    private readonly parts: DeliveryDependencies,
    private readonly failed: (error: unknown, tenantId: string) => void = () => {},
  ) {}

  /** Data of a tenant may have changed. Returns at once and never fails. */
  nudge(tenantId: string): void {
    this.#throttle.call(tenantId);
  }

  /** Starts emptying outboxes in this process. */
  async start(pollingIntervalSeconds = 1): Promise<void> {
    const { jobs, connectedTenants } = this.parts.operations;
    await this.#prepare();
    await jobs.work<{ tenantId: string }>(
      QUEUE,
      { concurrency: 2, pollingIntervalSeconds },
      async ({ data }) => {
        await emptyOutbox(this.parts, data.tenantId);
        return undefined;
      },
    );
    await jobs.defineQueue(SWEEP, { retryLimit: 0 });
    await jobs.schedule(SWEEP, '* * * * *');
    await jobs.work(SWEEP, { pollingIntervalSeconds: 10 }, async () => {
      for (const tenantId of await connectedTenants.list()) await this.#queue(tenantId);
      return undefined;
    });
  }

  async #queueIfConnected(tenantId: string): Promise<void> {
    if (!(await this.parts.operations.connectedTenants.has(tenantId))) return;
    await this.#prepare();
    await this.#queue(tenantId);
  }

  #queue(tenantId: string): Promise<unknown> {
    return this.parts.operations.jobs.send(QUEUE, { tenantId }, { singletonKey: tenantId });
  }

  #prepare(): Promise<void> {
    const { jobs } = this.parts.operations;
    this.#ready ??= jobs
      .start()
      .then(() => jobs.defineQueue(QUEUE, RETRIES))
      .catch((error: unknown) => {
        this.#ready = undefined;
        throw error;
      });
    return this.#ready;
  }
}

/**
 * Queues the events of a tenant's outbox, in order. They are deleted after they were queued: a process that ends in between
 * queues them twice, with the same ids.
 */
export async function emptyOutbox(parts: DeliveryDependencies, tenantId: string): Promise<void> {
  const { operations } = parts;
  await operations.withLock(`outbox ${tenantId}`, async () => {
    const client = await parts.manager.getClientForTenant(tenantId, true);
    for (;;) {
      const { data: connections } = await client
        .from('user_integrations')
        .select('id,provider,user_id,scopes,status')
        .order('created_at')
        .limit(1000)
        .throwOnError();
      if (connections.length === 0) {
        const before = new Date(Date.now() - CLOCKS_DIFFER_MS);
        await operations.connectedTenants.removeUnlessSince(tenantId, before);
      }
      const { data } = await client.rpc('outbox_events', { most: BATCH }).throwOnError();
      const events = data as OutboxEvent[];
      const endpoints = (connections as Connection[]).filter(({ provider }) =>
        provider.startsWith(ENDPOINT_PREFIX),
      );
      await queueDeliveries(parts, tenantId, endpoints, events);
      await queueSyncs(parts, tenantId, connections as Connection[], events);
      if (events.length > 0)
        await client.rpc('delete_outbox_events', { ids: events.map(({ id }) => id) }).throwOnError();
      if (events.length < BATCH) return;
    }
  });
}
