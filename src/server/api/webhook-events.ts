import type { PostgrestClient } from '@supabase/postgrest-js';
import { z } from 'zod';
import { deliverWebhook, WebhookError, type WebhookEvent } from '@/lib/crm/webhooks';
import type { Job } from '@/lib/operations';
import { GenericRepository, type RowOf } from '@/lib/repositories';
import { openCredentials } from './credentials';
import type { OutboxParts, Told } from './outbox';
import { serviceClient } from './services';

/** What a tenant's own systems can be told: what its database writes into the outbox, and `test`. */
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

/** Endpoints are kept as connections of the whole tenant: `external_account_id` is the address, `scopes` the events. */
export const ENDPOINT_PREFIX = 'webhook:';
export const EndpointSecret = z.object({ secret: z.string().min(16) });

const QUEUE = 'webhooks';
/** About a day: 30 s, 1 min, 2 min, … at most 3 h apart. */
const RETRIES = { retryLimit: 14, retryDelay: 30, retryBackoff: true, retryDelayMax: 3 * 3600 };

/** Names rows by id only: the receiver asks the API for them, and the queue holds no business data. */
interface Delivery {
  tenantId: string;
  endpointId: string;
  event: WebhookEvent;
}

/** Queues what each endpoint asked to be told. Delivered in the background, tried again for a day. */
export async function queueDeliveries(
  { services }: Pick<OutboxParts, 'services'>,
  tenantId: string,
  endpoints: Pick<RowOf<'user_integrations'>, 'id' | 'scopes'>[],
  told: Told[],
): Promise<void> {
  if (endpoints.length === 0 || told.length === 0) return;
  const { jobs } = services.operations;
  await jobs.start();
  await jobs.defineQueue(QUEUE, RETRIES);
  for (const { id, type, rows, occurred_at } of told) {
    const event: WebhookEvent = { id, type, occurredAt: new Date(occurred_at).toISOString(), data: rows };
    for (const endpoint of endpoints) {
      if (type !== 'test' && !endpoint.scopes.includes(type)) continue;
      await jobs.send(QUEUE, { tenantId, endpointId: endpoint.id, event } satisfies Delivery);
    }
  }
}

/** Begins to deliver in this process. @param options.allowPrivate tests only */
export async function startDeliveries(
  parts: OutboxParts,
  options: { allowPrivate?: boolean; pollingIntervalSeconds?: number } = {},
): Promise<void> {
  const { pollingIntervalSeconds = 2, ...delivering } = options;
  const { jobs } = parts.services.operations;
  await jobs.start();
  await jobs.defineQueue(QUEUE, RETRIES);
  await jobs.work<Delivery>(QUEUE, { concurrency: 4, pollingIntervalSeconds }, async (job) => {
    await deliver(parts, job, delivering);
    return undefined;
  });
}

async function deliver(
  parts: OutboxParts,
  { data: { tenantId, endpointId, event }, retryCount }: Job<Delivery>,
  options: { allowPrivate?: boolean },
): Promise<void> {
  const rows = new GenericRepository(await serviceClient(parts, tenantId), 'user_integrations');
  const endpoint = await rows.find(endpointId);
  // Removed meanwhile.
  if (!endpoint?.credentials || !endpoint.external_account_id) return;
  const sealed = await openCredentials(parts, tenantId, endpoint.credentials, EndpointSecret);
  if (!sealed) return;
  try {
    await deliverWebhook({ url: endpoint.external_account_id, secret: sealed.secret }, event, options);
    await rows.update(endpointId, {
      status: 'connected',
      last_error: null,
      last_sync_at: new Date().toISOString(),
    });
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    const isFinal = error.code === 'webhook_url_refused' || retryCount >= RETRIES.retryLimit;
    await rows.update(endpointId, { last_error: error.message, ...(isFinal ? { status: 'error' } : {}) });
    if (!isFinal) throw error;
  }
}

/** The endpoints of a tenant. */
export async function endpointsOf(client: PostgrestClient): Promise<RowOf<'user_integrations'>[]> {
  const { rows } = await new GenericRepository(client, 'user_integrations').list({
    filter: { provider: { like: `${ENDPOINT_PREFIX}%` }, user_id: null },
    sort: [{ column: 'created_at' }],
    limit: 200,
  });
  return rows;
}
