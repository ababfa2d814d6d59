import type { PostgrestClient } from '@supabase/postgrest-js';
import { z } from 'zod';
import { idOf } from '@/lib/crm/storage';
import { deliverWebhook, WebhookError, type WebhookEvent } from '@/lib/crm/webhooks';
import type { DataSourceManager } from '@/lib/data-sources/manager';
import type { Job } from '@/lib/operations';
import { GenericRepository, type RowOf } from '@/lib/repositories';
import type { Services } from '../context';
import { openCredentials } from './credentials';
import { type ApiParts, serviceClient } from './services';

/** What a tenant's own systems can be told. */
export const WEBHOOK_EVENTS = [
  'quote.sent',
  'quote.accepted',
  'event.created',
  'payment.received',
  'payment.refunded',
  'invoice.paid',
  'test',
] as const;

export type WebhookEventType = (typeof WEBHOOK_EVENTS)[number];

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

/**
 * Tells the tenant's endpoints what happened. Delivered in the background, tried again for a day.
 *
 * @param ids of the rows that it is about
 */
export async function announce(
  parts: Pick<ApiParts, 'manager' | 'services' | 'logger'>,
  tenantId: string,
  type: WebhookEventType,
  ids: Record<string, string>,
): Promise<void> {
  try {
    const { jobs } = parts.services.operations;
    const endpoints = await endpointsOf(await serviceClient(parts, tenantId));
    const told = endpoints.filter(({ scopes }) => type === 'test' || scopes.includes(type));
    if (told.length === 0) return;
    await jobs.start();
    await jobs.defineQueue(QUEUE, RETRIES);
    for (const { id } of told) await jobs.send(QUEUE, deliveryOf(tenantId, id, type, ids));
  } catch (err) {
    // What happened has happened: that it could not be told must not look like a failure of it.
    parts.logger.error({ err, tenantId, type }, 'webhook not queued');
  }
}

/** The same happening has the same id: a receiver drops what it has seen. */
export function deliveryOf(
  tenantId: string,
  endpointId: string,
  type: WebhookEventType,
  ids: Record<string, string>,
): Delivery {
  const id = idOf([tenantId, endpointId, type, ...Object.entries(ids).flat()].join(':'));
  return { tenantId, endpointId, event: { id, type, occurredAt: new Date().toISOString(), data: ids } };
}

/** Begins to deliver in this process. @param options.allowPrivate tests only */
export async function startWebhookDeliveries(
  manager: DataSourceManager,
  services: Services,
  options: { allowPrivate?: boolean; pollingIntervalSeconds?: number } = {},
): Promise<void> {
  const { pollingIntervalSeconds = 2, ...delivering } = options;
  const { jobs } = services.operations;
  await jobs.start();
  await jobs.defineQueue(QUEUE, RETRIES);
  await jobs.work<Delivery>(QUEUE, { concurrency: 4, pollingIntervalSeconds }, async (job) => {
    await deliver({ manager, services }, job, delivering);
    return undefined;
  });
}

async function deliver(
  parts: Pick<ApiParts, 'manager' | 'services'>,
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
