import { randomBytes } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { sealCredentials } from '@/lib/crm/delivery';
import {
  deliverAgain,
  deliveriesOf,
  ENDPOINT_PREFIX,
  endpointsOf,
  PAUSED,
  queueDeliveries,
  type StoredDelivery,
  WEBHOOK_EVENTS,
} from '@/lib/crm/delivery/webhooks';
import type { TenantClient } from '@/lib/data-sources';
import { GenericRepository, type RowOf } from '@/lib/repositories';
import type { Environment } from '../../context';
import { RequestError } from '../../errors';
import { ADMINS, requireRole } from '../../require-role';
import { requireTenantContext } from '../../tenant-context';
import {
  type AnswerOf,
  type BodyOf,
  ById,
  createRouter,
  Id,
  IdempotencyHeader,
  json,
  jsonBody,
} from '../router';
import type { ApiDependencies } from '../services';

const EventType = z.enum(WEBHOOK_EVENTS);
const Endpoint = z
  .object({
    id: Id,
    url: z.string(),
    events: z.array(EventType),
    status: z
      .enum(['connected', 'paused', 'error'])
      .openapi({ description: '`error` after a day of failed attempts; events are still sent to it.' }),
    lastError: z.string().nullable(),
    lastDelivery: z.string().nullable(),
  })
  .openapi('WebhookEndpoint');
const Delivery = z
  .object({
    id: Id,
    eventId: z.string(),
    type: z.string(),
    occurredAt: z.string(),
    state: z
      .enum(['waiting', 'sending', 'retrying', 'delivered', 'failed', 'dropped'])
      .openapi({ description: '`dropped`: the endpoint was paused when it was due.' }),
    attempts: z.number().int(),
    createdAt: z.string(),
    finishedAt: z.string().nullable(),
    nextAttemptAt: z.string().nullable(),
    error: z.string().nullable(),
  })
  .openapi('WebhookDelivery');
const EndpointChanges = z.object({
  paused: z
    .boolean()
    .optional()
    .openapi({ description: 'While paused, events are neither sent nor kept for later.' }),
  events: z.array(EventType).min(1).optional(),
});
const NewEndpoint = z.object({
  url: z.url({ protocol: /^https$/, error: 'must be an https:// address' }).max(2000),
  events: z.array(EventType).min(1),
});

const NewSecret = Endpoint.extend({ secret: z.string() });
const Endpoints = z.object({ endpoints: z.array(Endpoint) });
const Deliveries = z.object({ deliveries: z.array(Delivery) });
export type WebhookEndpoint = AnswerOf<typeof Endpoint>;
export type WebhookEndpoints = AnswerOf<typeof Endpoints>;
export type WebhookSecret = AnswerOf<typeof NewSecret>;
export type WebhookDelivery = AnswerOf<typeof Delivery>;
export type WebhookDeliveries = AnswerOf<typeof Deliveries>;
export type NewWebhookEndpoint = BodyOf<typeof NewEndpoint>;
export type WebhookEndpointChanges = BodyOf<typeof EndpointChanges>;

/** `/api/webhooks`: endpoints of the company's own systems. For owners and admins. */
export function webhookRoutes(parts: ApiDependencies) {
  const routes = createRouter(parts);

  const list = createRoute({
    method: 'get',
    path: '/',
    tags: ['Webhooks'],
    summary: 'The endpoints.',
    responses: { 200: json(Endpoints, 'The endpoints.') },
  });
  routes.openapi(list, async (context) => {
    const { client } = requireRole(await requireTenantContext(context, parts), ADMINS);
    return context.json({ endpoints: (await endpointsOf(client)).map(describe) }, 200);
  });

  const add = createRoute({
    method: 'post',
    path: '/',
    tags: ['Webhooks'],
    summary: 'Adds an endpoint.',
    description:
      'Deliveries are signed as Standard Webhooks describes (headers `webhook-id`, `webhook-timestamp`, `webhook-signature`), name rows by id, and are retried for a day. An event is delivered at least once, not always in order: use `id` and `occurredAt`. The secret is shown once.',
    request: { headers: IdempotencyHeader, body: jsonBody(NewEndpoint) },
    responses: { 201: json(NewSecret, 'Added.') },
  });
  routes.openapi(add, async (context) => {
    const { tenant } = requireRole(await requireTenantContext(context, parts), ADMINS);
    const { url, events } = context.req.valid('json');
    const idempotencyId = context.get('idempotencyId');
    const id = idempotencyId ?? crypto.randomUUID();
    const secret = `whsec_${randomBytes(24).toString('base64')}`;
    const rows = new GenericRepository(
      await parts.manager.getClientForTenant(tenant.id, true),
      'user_integrations',
    );
    const change = {
      id,
      provider: `${ENDPOINT_PREFIX}${id}`,
      user_id: null,
      external_account_id: url,
      scopes: events,
      ...(await sealCredentials(parts, tenant.id, { secret })),
    };
    // Exists where an earlier attempt ended before its answer was stored: its secret was never shown.
    const before = idempotencyId ? await rows.find(id) : undefined;
    const row = before ? await rows.update(id, change) : await rows.create(change);
    await parts.operations.connectedTenants.add(tenant.id);
    return context.json({ ...describe(row), secret }, 201);
  });

  const change = createRoute({
    method: 'patch',
    path: '/{id}',
    tags: ['Webhooks'],
    summary: 'Pauses or resumes an endpoint, or changes its events.',
    request: { params: ById, body: jsonBody(EndpointChanges) },
    responses: { 200: json(Endpoint, 'As it is now.') },
  });
  routes.openapi(change, async (context) => {
    const { client, tenant } = requireRole(await requireTenantContext(context, parts), ADMINS);
    const endpoint = await endpointOf(client, context.req.valid('param').id);
    const rows = new GenericRepository(
      await parts.manager.getClientForTenant(tenant.id, true),
      'user_integrations',
    );
    const { paused, events } = context.req.valid('json');
    const isPaused = endpoint.status === PAUSED;
    const changed = await rows.update(endpoint.id, {
      ...(events ? { scopes: events } : {}),
      ...(paused === true ? { status: PAUSED } : {}),
      ...(paused === false && isPaused ? { status: 'connected', last_error: null } : {}),
    });
    return context.json(describe(changed), 200);
  });

  const remove = createRoute({
    method: 'delete',
    path: '/{id}',
    tags: ['Webhooks'],
    summary: 'Removes an endpoint.',
    request: { params: ById },
    responses: { 204: { description: 'Removed.' } },
  });
  routes.openapi(remove, async (context) => {
    const { client } = requireRole(await requireTenantContext(context, parts), ADMINS);
    const { id } = await endpointOf(client, context.req.valid('param').id);
    await new GenericRepository(client, 'user_integrations').delete(id);
    return context.body(null, 204);
  });

  const sendTest = async (context: Context<Environment>, endpoints: RowOf<'user_integrations'>[]) => {
    const test = {
      id: crypto.randomUUID(),
      type: 'test',
      rows: { request_id: context.get('requestId') },
      occurred_at: new Date().toISOString(),
    };
    await queueDeliveries(parts, context.get('tenantId') as string, endpoints, [test]);
    return context.json({ sent: true as const }, 202);
  };
  const Sent = json(z.object({ sent: z.literal(true) }), 'On its way.');

  const test = createRoute({
    method: 'post',
    path: '/test',
    tags: ['Webhooks'],
    summary: 'Sends an event of type `test` to every endpoint.',
    request: { headers: IdempotencyHeader },
    responses: { 202: Sent },
  });
  routes.openapi(test, async (context) => {
    const { client } = requireRole(await requireTenantContext(context, parts), ADMINS);
    return sendTest(context, await endpointsOf(client));
  });

  const testOne = createRoute({
    method: 'post',
    path: '/{id}/test',
    tags: ['Webhooks'],
    summary: 'Sends an event of type `test` to one endpoint.',
    request: { params: ById, headers: IdempotencyHeader },
    responses: { 202: Sent },
  });
  routes.openapi(testOne, async (context) => {
    const { client } = requireRole(await requireTenantContext(context, parts), ADMINS);
    return sendTest(context, [await listeningEndpoint(client, context.req.valid('param').id)]);
  });

  const deliveries = createRoute({
    method: 'get',
    path: '/{id}/deliveries',
    tags: ['Webhooks'],
    summary: 'Deliveries to an endpoint in the last week, the latest first.',
    request: { params: ById },
    responses: { 200: json(Deliveries, 'At most 50.') },
  });
  routes.openapi(deliveries, async (context) => {
    const { client, tenant } = requireRole(await requireTenantContext(context, parts), ADMINS);
    const { id } = await endpointOf(client, context.req.valid('param').id);
    const kept = await deliveriesOf(parts, tenant.id, id);
    return context.json({ deliveries: kept.map(describeDelivery) }, 200);
  });

  const again = createRoute({
    method: 'post',
    path: '/{id}/deliveries/{delivery}/retry',
    tags: ['Webhooks'],
    summary: 'Delivers an event again, with the same id.',
    request: { params: ById.extend({ delivery: Id }), headers: IdempotencyHeader },
    responses: { 202: Sent },
  });
  routes.openapi(again, async (context) => {
    const { client, tenant } = requireRole(await requireTenantContext(context, parts), ADMINS);
    const { id, delivery } = context.req.valid('param');
    await listeningEndpoint(client, id);
    if (!(await deliverAgain(parts, tenant.id, id, delivery))) {
      throw new RequestError('not_found', 'This delivery is no longer kept.');
    }
    return context.json({ sent: true as const }, 202);
  });
  return routes;
}

/** @throws RepositoryError `record_not_found`; RequestError `not_found`: it is a connection of another kind */
async function endpointOf(client: TenantClient, id: string): Promise<RowOf<'user_integrations'>> {
  const row = await new GenericRepository(client, 'user_integrations').get(id);
  if (row.provider.startsWith(ENDPOINT_PREFIX)) return row;
  throw new RequestError('not_found', 'There is no such endpoint.');
}

/** As `endpointOf`. @throws RequestError `webhook_paused` */
async function listeningEndpoint(client: TenantClient, id: string): Promise<RowOf<'user_integrations'>> {
  const endpoint = await endpointOf(client, id);
  if (endpoint.status !== PAUSED) return endpoint;
  throw new RequestError('webhook_paused', 'This endpoint is paused.', { hint: 'Resume it first.' });
}

function describe(row: RowOf<'user_integrations'>): z.infer<typeof Endpoint> {
  return {
    id: row.id,
    url: row.external_account_id ?? '',
    events: EventType.options.filter((type) => row.scopes.includes(type)),
    status: row.status as z.infer<typeof Endpoint>['status'],
    lastError: row.last_error,
    lastDelivery: row.last_sync_at,
  };
}

function describeDelivery({ event, ...kept }: StoredDelivery): z.infer<typeof Delivery> {
  const { id, state, attempts, createdAt, finishedAt, nextAttemptAt, error } = kept;
  return {
    id,
    eventId: event.id,
    type: event.type,
    occurredAt: event.occurredAt,
    state,
    attempts,
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
    nextAttemptAt: nextAttemptAt?.toISOString() ?? null,
    error,
  };
}
