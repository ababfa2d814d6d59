import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { clearCalendar, queueWhole, saveConnection } from '@/lib/crm/delivery';
import { freshTokens, registeredProvider, revokeTokens, storedTokens } from '@/lib/crm/delivery/oauth';
import { ENDPOINT_PREFIX } from '@/lib/crm/delivery/webhooks';
import { paymentProvider, STRIPE_EVENTS } from '@/lib/crm/payments';
import { GenericRepository, type RowOf } from '@/lib/repositories';
import type { Environment } from '../../context';
import { ADMINS, requireRole } from '../../require-role';
import { requireTenantContext } from '../../tenant-context';
import { type AnswerOf, type BodyOf, createRouter, Id, IdempotencyHeader, json, jsonBody } from '../router';
import { type ApiDependencies, baseUrl } from '../services';
import { authorizationRoutes } from './authorization';

const Integration = z
  .object({
    id: Id,
    provider: z.string(),
    ofWholeCompany: z.boolean(),
    userId: Id.nullable().openapi({ description: 'The user it belongs to; null: the whole company.' }),
    status: z.enum(['connected', 'expired', 'revoked', 'error']),
    scopes: z.array(z.string()),
    lastError: z.string().nullable(),
    lastSync: z.string().nullable(),
    connectedAt: z.string(),
  })
  .openapi('Integration');
const WebhookEvents = z
  .array(z.string())
  .openapi({ description: 'Which events the endpoint at Stripe must send.' });
const Integrations = z.object({
  integrations: z.array(Integration),
  available: z
    .array(z.string())
    .openapi({ description: 'Providers with which the operator registered Marquee.' }),
  sendsMail: z.boolean().openapi({ description: 'Whether this service delivers mail to its receivers.' }),
  stripeWebhookUrl: z.url(),
  stripeWebhookEvents: WebhookEvents,
});
const StripeWebhook = z
  .object({
    state: z.enum(['reports', 'key_refused', 'no_endpoint', 'endpoint_off', 'events_missing', 'unknown']),
    missingEvents: z.array(z.string()).openapi({
      description: 'Of `events_missing`: what the endpoint at Stripe must send and does not.',
    }),
  })
  .openapi('StripeWebhook');
export type StripeWebhook = AnswerOf<typeof StripeWebhook>;
export type Integration = AnswerOf<typeof Integration>;
export type Integrations = AnswerOf<typeof Integrations>;
export type StripeKeys = BodyOf<typeof StripeKeys>;

const StripeKeys = z.object({
  secretKey: z.string().regex(/^(sk|rk)_(test|live)_\w+$/, 'must be a secret key of Stripe'),
  webhookSecret: z.string().regex(/^whsec_\S+$/, 'must be a signing secret of Stripe'),
});

/** `/api/integrations`: connections to other services. Their tokens are encrypted, and no user ever reads them. */
export function integrationRoutes(parts: ApiDependencies) {
  const routes = createRouter(parts);
  const { oauthClients } = parts.services;

  const stripeUrl = (context: Context<Environment>, tenantId: string) =>
    `${baseUrl(context, parts)}/api/payments/stripe/webhook/${tenantId}`;

  const list = createRoute({
    method: 'get',
    path: '/',
    tags: ['Integrations'],
    summary: 'Connections, and providers that can be connected.',
    responses: {
      200: json(Integrations, 'Connections.'),
    },
  });
  routes.openapi(list, async (context) => {
    const { client, tenant } = await requireTenantContext(context, parts);
    const { rows } = await new GenericRepository(client, 'user_integrations').list({ limit: 200 });
    const integrations = rows.filter(({ provider }) => !provider.startsWith(ENDPOINT_PREFIX)).map(describe);
    const available = ['stripe', ...Object.keys(oauthClients)];
    const stripeWebhookUrl = stripeUrl(context, tenant.id);
    return context.json(
      {
        integrations,
        available,
        sendsMail: parts.services.sendsMail ?? false,
        stripeWebhookUrl,
        stripeWebhookEvents: [...STRIPE_EVENTS],
      },
      200,
    );
  });

  const stripe = createRoute({
    method: 'put',
    path: '/stripe',
    tags: ['Integrations'],
    summary: 'Connects the company’s Stripe account. For owners and admins.',
    request: { headers: IdempotencyHeader, body: jsonBody(StripeKeys) },
    responses: {
      200: json(
        Integration.extend({ webhookUrl: z.string(), webhookEvents: WebhookEvents }),
        'Enter `webhookUrl` as an endpoint at Stripe, with the events `webhookEvents`.',
      ),
    },
  });
  routes.openapi(stripe, async (context) => {
    const caller = requireRole(await requireTenantContext(context, parts), ADMINS);
    const row = await saveConnection(parts, caller, 'stripe', context.req.valid('json'));
    const webhookUrl = stripeUrl(context, caller.tenant.id);
    return context.json({ ...describe(row), webhookUrl, webhookEvents: [...STRIPE_EVENTS] }, 200);
  });

  const webhook = createRoute({
    method: 'get',
    path: '/stripe/webhook',
    tags: ['Integrations'],
    summary: 'Asks Stripe whether it accepts the company’s key and reports payments. For owners and admins.',
    responses: { 200: json(StripeWebhook, '`unknown`: Stripe does not say, such as to a restricted key.') },
  });
  routes.openapi(webhook, async (context) => {
    const { tenant } = requireRole(await requireTenantContext(context, parts), ADMINS);
    const provider = await paymentProvider(parts, tenant.id, baseUrl(context, parts), 'stripe');
    const answer = await provider.webhookState?.(stripeUrl(context, tenant.id));
    return context.json(answer ?? { state: 'unknown' as const, missingEvents: [] }, 200);
  });

  routes.route('/', authorizationRoutes(parts));

  const disconnect = createRoute({
    method: 'delete',
    path: '/{id}',
    tags: ['Integrations'],
    summary: 'Disconnects: removes upcoming entries from a calendar, revokes the tokens, and deletes them.',
    request: { params: z.object({ id: Id }) },
    responses: { 204: { description: 'Disconnected.' } },
  });
  routes.openapi(disconnect, async (context) => {
    const { client, tenant } = await requireTenantContext(context, parts);
    const rows = new GenericRepository(client, 'user_integrations');
    const { id, provider } = await rows.get(context.req.valid('param').id);
    const tokens = provider === 'stripe' ? undefined : await storedTokens(parts, tenant.id, id);
    await rows.delete(id);
    if (tokens && oauthClients[provider]) {
      const late = (err: unknown) =>
        parts.logger.warn({ err, tenantId: tenant.id }, 'a disconnected calendar was not cleared');
      const current = provider === 'google' ? await clearCalendar(parts, tenant.id, tokens, late) : tokens;
      await revokeTokens(...registeredProvider(parts, provider), current);
    }
    return context.body(null, 204);
  });

  const check = createRoute({
    method: 'post',
    path: '/{id}/check',
    tags: ['Integrations'],
    summary: 'Checks a connection by renewing its tokens.',
    request: { params: z.object({ id: Id }) },
    responses: { 200: json(Integration, 'As it is now.') },
  });
  routes.openapi(check, async (context) => {
    const { client, tenant } = await requireTenantContext(context, parts);
    const rows = new GenericRepository(client, 'user_integrations');
    const { id, provider } = await rows.get(context.req.valid('param').id);
    const [oauth, registration] = registeredProvider(parts, provider);
    await freshTokens(parts, tenant.id, id, oauth, registration, { renew: true });
    return context.json(describe(await rows.get(id)), 200);
  });

  const sync = createRoute({
    method: 'post',
    path: '/{id}/sync',
    tags: ['Integrations'],
    summary: 'Sends everything to the connected service that it lacks.',
    description:
      'Changes are sent by themselves. Google Calendar gets the user’s own shifts; QuickBooks gets clients, invoices and payments from the day it was connected.',
    request: { params: z.object({ id: Id }), headers: IdempotencyHeader },
    responses: { 202: json(Integration, 'On its way.') },
  });
  routes.openapi(sync, async (context) => {
    const { client, tenant } = await requireTenantContext(context, parts);
    const row = await new GenericRepository(client, 'user_integrations').get(context.req.valid('param').id);
    registeredProvider(parts, row.provider);
    await queueWhole(parts, tenant.id, row);
    return context.json(describe(row), 202);
  });

  return routes;
}

function describe(row: RowOf<'user_integrations'>): z.infer<typeof Integration> {
  const { id, provider, scopes } = row;
  return {
    id,
    provider,
    ofWholeCompany: row.user_id === null,
    userId: row.user_id,
    status: row.status as z.infer<typeof Integration>['status'],
    scopes,
    lastError: row.last_error,
    lastSync: row.last_sync_at,
    connectedAt: row.created_at,
  };
}
