import { randomBytes } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import { idOf } from '@/lib/crm/storage';
import { GenericRepository, type RowOf } from '@/lib/repositories';
import { requireTenantContext, type TenantContext } from '../context';
import { RequestError } from '../errors';
import { sealCredentials } from './credentials';
import { ById, createRouter, Id, IdempotencyHeader, json, jsonBody } from './router';
import { type ApiParts, serviceClient } from './services';
import { ENDPOINT_PREFIX, endpointsOf, queueDeliveries, WEBHOOK_EVENTS } from './webhook-events';

const EventType = z.enum(WEBHOOK_EVENTS);
const Endpoint = z
  .object({
    id: Id,
    url: z.string(),
    events: z.array(z.string()),
    status: z.string().openapi({ description: '`error` after a day of failed attempts.' }),
    lastError: z.string().nullable(),
    lastDelivery: z.string().nullable(),
  })
  .openapi('WebhookEndpoint');
const NewEndpoint = z.object({
  url: z.url({ protocol: /^https$/, error: 'must be an https:// address' }).max(2000),
  events: z.array(EventType).min(1),
});

/** `/api/webhooks`: where the company's own systems are told what happened. For owners and admins. */
export function webhookRoutes(parts: ApiParts) {
  const routes = createRouter();

  const list = createRoute({
    method: 'get',
    path: '/',
    tags: ['Webhooks'],
    summary: 'The endpoints.',
    responses: { 200: json(z.object({ endpoints: z.array(Endpoint) }), 'The endpoints.') },
  });
  routes.openapi(list, async (context) => {
    const { client } = requireAdmin(await requireTenantContext(context, parts));
    return context.json({ endpoints: (await endpointsOf(client)).map(describe) }, 200);
  });

  const add = createRoute({
    method: 'post',
    path: '/',
    tags: ['Webhooks'],
    summary: 'Adds an endpoint.',
    description:
      'Deliveries are signed as Standard Webhooks describes (headers `webhook-id`, `webhook-timestamp`, `webhook-signature`), name rows by id, and are tried again for a day. An event comes at least once and not always in order: `id` and `occurredAt` tell. The secret is shown once.',
    request: { headers: IdempotencyHeader, body: jsonBody(NewEndpoint) },
    responses: { 201: json(Endpoint.extend({ secret: z.string() }), 'Added.') },
  });
  routes.openapi(add, async (context) => {
    const { tenant, user } = requireAdmin(await requireTenantContext(context, parts));
    const { url, events } = context.req.valid('json');
    const key = context.req.valid('header')['idempotency-key'];
    const id = key ? idOf(`${tenant.id}:${user.id}:webhook:${key}`) : crypto.randomUUID();
    const secret = `whsec_${randomBytes(24).toString('base64')}`;
    const rows = new GenericRepository(await serviceClient(parts, tenant.id), 'user_integrations');
    const change = {
      id,
      provider: `${ENDPOINT_PREFIX}${id}`,
      user_id: null,
      external_account_id: url,
      scopes: events,
      ...(await sealCredentials(parts, tenant.id, { secret })),
    };
    const before = key ? await rows.find(id) : undefined;
    // Whoever did not get the answer to the first request never got its secret either.
    const row = before ? await rows.update(id, change) : await rows.create(change);
    await parts.services.operations.connectedTenants.add(tenant.id);
    return context.json({ ...describe(row), secret }, 201);
  });

  const remove = createRoute({
    method: 'delete',
    path: '/{id}',
    tags: ['Webhooks'],
    summary: 'Removes an endpoint.',
    request: { params: ById },
    responses: { 204: { description: 'It is told nothing more.' } },
  });
  routes.openapi(remove, async (context) => {
    const { client } = requireAdmin(await requireTenantContext(context, parts));
    await new GenericRepository(client, 'user_integrations').delete(context.req.valid('param').id);
    return context.body(null, 204);
  });

  const test = createRoute({
    method: 'post',
    path: '/test',
    tags: ['Webhooks'],
    summary: 'Sends an event of type `test` to every endpoint.',
    responses: { 202: json(z.object({ sent: z.literal(true) }), 'On its way.') },
  });
  routes.openapi(test, async (context) => {
    const { tenant, client } = requireAdmin(await requireTenantContext(context, parts));
    const test = {
      id: crypto.randomUUID(),
      type: 'test',
      rows: { request_id: context.get('requestId') },
      occurred_at: new Date().toISOString(),
    };
    await queueDeliveries(parts, tenant.id, await endpointsOf(client), [test]);
    return context.json({ sent: true as const }, 202);
  });
  return routes;
}

/** @throws RequestError `forbidden` */
export function requireAdmin(asker: TenantContext): TenantContext {
  if (asker.role === 'owner' || asker.role === 'admin') return asker;
  throw new RequestError('forbidden', 'Only owners and admins manage connections.', {
    hint: 'Ask one of them.',
  });
}

function describe(row: RowOf<'user_integrations'>): z.infer<typeof Endpoint> {
  return {
    id: row.id,
    url: row.external_account_id ?? '',
    events: row.scopes,
    status: row.status,
    lastError: row.last_error,
    lastDelivery: row.last_sync_at,
  };
}
