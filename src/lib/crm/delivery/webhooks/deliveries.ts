import { z } from 'zod';
import type { TenantClient } from '@/lib/data-sources';
import type { Job } from '@/lib/operations';
import { GenericRepository, type RowOf } from '@/lib/repositories';
import { connectionNote } from '../connection-note';
import { openCredentials } from '../credentials';
import type { DeliveryDependencies } from '../dependencies';
import type { OutboxEvent } from '../outbox-event';
import { deliverWebhook, WebhookError, type WebhookEvent } from './send';

/** Event types: those that the database writes into the outbox, and `test`. */
export const WEBHOOK_EVENTS = [
  'lead.created',
  'lead.converted',
  'opportunity.created',
  'opportunity.closed',
  'quote.sent',
  'quote.accepted',
  'quote.declined',
  'contract.signed',
  'event.created',
  'event.updated',
  'event.cancelled',
  'shift.changed',
  'invoice.sent',
  'invoice.paid',
  'invoice.voided',
  'payment.received',
  'payment.refunded',
  'payment.failed',
  'account.created',
  'account.updated',
  'test',
] as const;

/** Endpoints are stored as connections of the whole tenant: `external_account_id` is the address, `scopes` the events. */
export const ENDPOINT_PREFIX = 'webhook:';
export const EndpointSecret = z.object({ secret: z.string().min(16) });

const QUEUE = 'webhooks';
/** About a day: 30 s, 1 min, 2 min, … at most 3 h apart. */
const RETRIES = { retryLimit: 14, retryDelay: 30, retryBackoff: true, retryDelayMax: 3 * 3600 };

/** The status of a paused endpoint. */
export const PAUSED = 'paused';

/** Events name rows by id only: receivers read them from the API, and the queue holds no business data. */
interface Delivery {
  tenantId: string;
  endpointId: string;
  event: WebhookEvent;
}

/** Queues the events that each endpoint subscribes to. Delivered in the background, retried for a day. */
export async function queueDeliveries(
  parts: Pick<DeliveryDependencies, 'operations'>,
  tenantId: string,
  endpoints: Pick<RowOf<'user_integrations'>, 'id' | 'scopes' | 'status'>[],
  events: OutboxEvent[],
): Promise<void> {
  const listening = endpoints.filter(({ status }) => status !== PAUSED);
  if (listening.length === 0 || events.length === 0) return;
  const jobs = await openQueue(parts);
  for (const { id, type, rows, occurred_at } of events) {
    const event: WebhookEvent = { id, type, occurredAt: new Date(occurred_at).toISOString(), data: rows };
    for (const endpoint of listening) {
      if (type !== 'test' && !endpoint.scopes.includes(type)) continue;
      await jobs.send(QUEUE, { tenantId, endpointId: endpoint.id, event } satisfies Delivery);
    }
  }
}

/** Starts delivering in this process. @param options.allowPrivate tests only */
export async function startDeliveries(
  parts: DeliveryDependencies,
  options: { allowPrivate?: boolean; pollingIntervalSeconds?: number } = {},
): Promise<void> {
  const { pollingIntervalSeconds = 2, ...delivering } = options;
  const jobs = await openQueue(parts);
  await jobs.work<Delivery>(QUEUE, { concurrency: 4, pollingIntervalSeconds }, (job) =>
    deliver(parts, job, delivering),
  );
}

async function openQueue({ operations: { jobs } }: Pick<DeliveryDependencies, 'operations'>) {
  await jobs.start();
  await jobs.defineQueue(QUEUE, RETRIES);
  return jobs;
}

/** How a delivery ended, stored with its job. */
interface Outcome {
  outcome: 'delivered' | 'failed' | 'dropped';
  message?: string;
}

/** A delivery for display; the queue keeps those of about the last week. */
export interface StoredDelivery {
  id: string;
  event: WebhookEvent;
  state: 'waiting' | 'sending' | 'retrying' | 'delivered' | 'failed' | 'dropped';
  attempts: number;
  createdAt: Date;
  finishedAt: Date | null;
  /** When it is retried by itself. */
  nextAttemptAt: Date | null;
  error: string | null;
}

const STATES = {
  created: 'waiting',
  active: 'sending',
  retry: 'retrying',
  failed: 'failed',
  cancelled: 'failed',
} as const;
const SHOWN = 50;

/** Deliveries to an endpoint, the latest first. */
export async function deliveriesOf(
  parts: Pick<DeliveryDependencies, 'operations'>,
  tenantId: string,
  endpointId: string,
): Promise<StoredDelivery[]> {
  const jobs = await openQueue(parts);
  const kept = await jobs.latest<Delivery>(QUEUE, { tenantId, endpointId }, SHOWN);
  return kept.map(({ id, data, attempts, createdAt, completedAt, ...job }) => {
    const { outcome = 'delivered', message } = (job.output ?? {}) as Partial<Outcome>;
    const state = job.state === 'completed' ? outcome : STATES[job.state];
    const waits = state === 'waiting' || state === 'retrying';
    return {
      id,
      event: data.event,
      state,
      attempts,
      createdAt,
      finishedAt: completedAt,
      nextAttemptAt: waits ? job.startAfter : null,
      error: state === 'delivered' ? null : (message ?? null),
    };
  });
}

/** Delivers an event again, with the same id. @returns false where there is no such delivery */
export async function deliverAgain(
  parts: Pick<DeliveryDependencies, 'operations'>,
  tenantId: string,
  endpointId: string,
  deliveryId: string,
): Promise<boolean> {
  const kept = await deliveriesOf(parts, tenantId, endpointId);
  const delivery = kept.find(({ id }) => id === deliveryId);
  if (!delivery) return false;
  const jobs = await openQueue(parts);
  if (delivery.nextAttemptAt) await jobs.cancel(QUEUE, deliveryId);
  await jobs.send(QUEUE, { tenantId, endpointId, event: delivery.event } satisfies Delivery);
  return true;
}

async function deliver(
  parts: DeliveryDependencies,
  { data: { tenantId, endpointId, event }, retryCount }: Job<Delivery>,
  options: { allowPrivate?: boolean },
): Promise<Outcome> {
  const client = await parts.manager.getClientForTenant(tenantId, true);
  const endpoint = await new GenericRepository(client, 'user_integrations').find(endpointId);
  // Removed or paused meanwhile.
  if (!endpoint?.credentials || !endpoint.external_account_id || endpoint.status === PAUSED)
    return { outcome: 'dropped' };
  const sealed = await openCredentials(parts, tenantId, endpoint.credentials, EndpointSecret);
  if (!sealed) return { outcome: 'dropped' };
  // If it is paused meanwhile, it stays paused.
  const note = connectionNote(client, endpointId, PAUSED);
  try {
    await deliverWebhook({ url: endpoint.external_account_id, secret: sealed.secret }, event, options);
    await note({ status: 'connected', last_error: null, last_sync_at: new Date().toISOString() });
    return { outcome: 'delivered' };
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    const isFinal = error.code === 'webhook_url_refused' || retryCount >= RETRIES.retryLimit;
    await note({ last_error: error.message, ...(isFinal ? { status: 'error' } : {}) });
    if (!isFinal) throw error;
    return { outcome: 'failed', message: error.message };
  }
}

/** The endpoints of a tenant. */
export async function endpointsOf(client: TenantClient): Promise<RowOf<'user_integrations'>[]> {
  const { rows } = await new GenericRepository(client, 'user_integrations').list({
    filter: { provider: { like: `${ENDPOINT_PREFIX}%` }, user_id: null },
    sort: [{ column: 'created_at' }],
    limit: 200,
  });
  return rows;
}
