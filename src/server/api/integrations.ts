import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { clearCalendar, queueWhole, sealCredentials } from '@/lib/crm/delivery';
import {
  authorizationUrl,
  exchangeCode,
  freshTokens,
  keptTokens,
  newVerifier,
  registeredProvider,
  revokeTokens,
} from '@/lib/crm/delivery/oauth';
import { ENDPOINT_PREFIX } from '@/lib/crm/delivery/webhooks';
import { MarqueeError } from '@/lib/failures';
import { GenericRepository, type InsertOf, type RowOf } from '@/lib/repositories';
import { type Environment, requireTenantContext, type TenantContext } from '../context';
import { RequestError } from '../errors';
import {
  type AnswerOf,
  type BodyOf,
  createRouter,
  Id,
  IdempotencyHeader,
  json,
  jsonBody,
  PUBLIC,
} from './router';
import { type ApiParts, baseUrl, pageUrl } from './services';
import { requireAdmin } from './webhooks';

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
/** To enter where Marquee is registered with a provider. */
const RedirectUrls = z.object({ google: z.url(), quickbooks: z.url() });

const Integrations = z.object({
  integrations: z.array(Integration),
  available: z
    .array(z.string())
    .openapi({ description: 'Providers with which the operator registered Marquee.' }),
  redirectUrls: RedirectUrls,
  stripeWebhookUrl: z.url(),
});
const Authorization = z.object({ url: z.url() });
export type Integration = AnswerOf<typeof Integration>;
export type Integrations = AnswerOf<typeof Integrations>;
export type Authorization = AnswerOf<typeof Authorization>;
export type OAuthProviderName = z.infer<typeof ByProvider>['provider'];
export type StripeKeys = BodyOf<typeof StripeKeys>;

const ByProvider = z.object({ provider: z.enum(['google', 'quickbooks']) });
const StripeKeys = z.object({
  secretKey: z.string().regex(/^(sk|rk)_(test|live)_\w+$/, 'must be a secret key of Stripe'),
  webhookSecret: z.string().regex(/^whsec_\S+$/, 'must be a signing secret of Stripe'),
});
/** The OAuth `state`: sent to the provider and returned by it, encrypted because it holds the PKCE verifier. */
const State = z.object({
  verifier: z.string(),
  provider: z.string(),
  tenantId: z.string(),
  userId: z.string(),
  base: z.string(),
  /** The session that began the authorization: only it may finish. */
  sessionId: z.string().optional(),
  redirectUrl: z.string(),
  until: z.number(),
});

/** How long an authorization may take. */
const AUTHORIZATION_MS = 10 * 60_000;
/** Books are the company's; a calendar is a person's. */
const OF_WHOLE_COMPANY = new Set(['quickbooks', 'stripe']);
const STATE_PLACE = { owner: 'oauth', column: 'state' };

/** `/api/integrations`: connections to other services. Their tokens are encrypted, and no user ever reads them. */
export function integrationRoutes(parts: ApiParts) {
  const routes = createRouter(parts);
  const { secretBox, oauthClients } = parts.services;

  const keep = async (
    { tenant, user }: TenantContext,
    provider: string,
    credentials: object,
    more: Pick<InsertOf<'user_integrations'>, 'scopes' | 'external_account_id'> = {},
  ): Promise<RowOf<'user_integrations'>> => {
    const rows = new GenericRepository(
      await parts.manager.getClientForTenant(tenant.id, true),
      'user_integrations',
    );
    const user_id = OF_WHOLE_COMPANY.has(provider) ? null : user.id;
    const sealed = await sealCredentials(parts, tenant.id, credentials);
    const values: InsertOf<'user_integrations'> = {
      ...sealed,
      provider,
      user_id,
      ...more,
      status: 'connected',
      last_error: null,
    };
    const existing = await rows.findOne({ provider, user_id });
    const row = existing ? await rows.update(existing.id, values) : await rows.create(values);
    if (provider !== 'stripe') {
      await parts.operations.connectedTenants.add(tenant.id);
      await queueWhole(parts, tenant.id, row);
    }
    return row;
  };

  const redirectUrlOf = (context: Context<Environment>, provider: string) =>
    `${baseUrl(context, parts)}/api/integrations/${provider}/callback`;
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
    const redirectUrls = {
      google: redirectUrlOf(context, 'google'),
      quickbooks: redirectUrlOf(context, 'quickbooks'),
    };
    const stripeWebhookUrl = stripeUrl(context, tenant.id);
    return context.json({ integrations, available, redirectUrls, stripeWebhookUrl }, 200);
  });

  const stripe = createRoute({
    method: 'put',
    path: '/stripe',
    tags: ['Integrations'],
    summary: 'Connects the company’s Stripe account. For owners and admins.',
    request: { headers: IdempotencyHeader, body: jsonBody(StripeKeys) },
    responses: {
      200: json(
        Integration.extend({ webhookUrl: z.string() }),
        'Enter `webhookUrl` as an endpoint at Stripe.',
      ),
    },
  });
  routes.openapi(stripe, async (context) => {
    const caller = requireAdmin(await requireTenantContext(context, parts));
    const row = await keep(caller, 'stripe', context.req.valid('json'));
    return context.json({ ...describe(row), webhookUrl: stripeUrl(context, caller.tenant.id) }, 200);
  });

  const begin = createRoute({
    method: 'post',
    path: '/{provider}/begin',
    tags: ['Integrations'],
    summary: 'Begins an authorization: open `url` in the browser.',
    request: { params: ByProvider },
    responses: { 200: json(Authorization, 'The provider’s page.') },
  });
  routes.openapi(begin, async (context) => {
    const caller = await requireTenantContext(context, parts);
    const { provider: name } = context.req.valid('param');
    if (OF_WHOLE_COMPANY.has(name)) requireAdmin(caller);
    const [provider, registration] = registeredProvider(parts, name);
    const redirectUrl = redirectUrlOf(context, name);
    const verifier = newVerifier();
    const state = await secretBox.encrypt(
      JSON.stringify({
        verifier,
        provider: name,
        tenantId: caller.tenant.id,
        userId: caller.user.id,
        base: pageUrl(context),
        sessionId: caller.sessionId,
        redirectUrl,
        until: Date.now() + AUTHORIZATION_MS,
      } satisfies z.infer<typeof State>),
      STATE_PLACE,
    );
    const url = await authorizationUrl(provider, { ...registration, redirectUrl }, { state, verifier });
    return context.json({ url }, 200);
  });

  const callback = createRoute({
    method: 'get',
    path: '/{provider}/callback',
    tags: ['Integrations'],
    summary: 'The redirect from the provider.',
    ...PUBLIC,
    request: {
      params: ByProvider,
      query: z.object({
        state: z.string().max(8000),
        code: z.string().max(4000).optional(),
        error: z.string().max(200).optional(),
        realmId: z.string().max(60).optional().openapi({ description: 'QuickBooks: which company.' }),
      }),
    },
    responses: { 303: { description: 'Back to the settings.' } },
  });
  routes.openapi(callback, async (context) => {
    const settings = (base: string, more: Record<string, string>) =>
      context.redirect(`${base}/settings?${new URLSearchParams({ tab: 'integrations', ...more })}`, 303);
    let base = pageUrl(context);
    try {
      const { provider: name } = context.req.valid('param');
      const { state: sealed, code, realmId } = context.req.valid('query');
      const state = await readState(sealed, name);
      const elsewhere = returnTo(context, state.base);
      if (elsewhere) return context.redirect(elsewhere, 303);
      base = state.base;
      const caller = await requireTenantContext(context, parts);
      // The authorization must have begun in this session: otherwise an attacker's link could connect the victim's account.
      if (
        caller.user.id !== state.userId ||
        caller.tenant.id !== state.tenantId ||
        caller.sessionId !== state.sessionId
      ) {
        throw stale();
      }
      if (!code) return settings(base, { refused: name });
      if (name === 'quickbooks' && !realmId) throw stale();
      const [provider, registration] = registeredProvider(parts, name);
      const client = { ...registration, redirectUrl: state.redirectUrl };
      const tokens = await exchangeCode(provider, client, code, state.verifier);
      const { scopes } = tokens;
      await keep(caller, name, tokens, { scopes, ...(realmId ? { external_account_id: realmId } : {}) });
      return settings(base, { connected: name });
    } catch (error) {
      // A browser is redirected to the settings, which show what failed; programs get problem+json.
      if (!(error instanceof MarqueeError) || !context.req.header('accept')?.includes('text/html'))
        throw error;
      return settings(base, { failed: error.code });
    }
  });

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
    const tokens = provider === 'stripe' ? undefined : await keptTokens(parts, tenant.id, id);
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
    request: { params: z.object({ id: Id }) },
    responses: { 202: json(Integration, 'On its way.') },
  });
  routes.openapi(sync, async (context) => {
    const { client, tenant } = await requireTenantContext(context, parts);
    const row = await new GenericRepository(client, 'user_integrations').get(context.req.valid('param').id);
    registeredProvider(parts, row.provider);
    await queueWhole(parts, tenant.id, row);
    return context.json(describe(row), 202);
  });

  const readState = async (sealed: string, provider: string) => {
    const text = await secretBox.decrypt(sealed, STATE_PLACE).catch(() => {
      throw stale();
    });
    const state = State.parse(JSON.parse(text));
    if (state.provider !== provider || state.until < Date.now()) throw stale();
    return state;
  };

  return routes;
}

/** Providers redirect to one address; the session is at the tenant's own. @returns where to go on, if elsewhere */
function returnTo(context: Context<Environment>, base: string): string | undefined {
  const { pathname, search } = new URL(context.req.url);
  return pageUrl(context) === base ? undefined : `${base}${pathname}${search}`;
}

function stale(): RequestError {
  return new RequestError('request_malformed', 'This connection was begun elsewhere, or too long ago.', {
    hint: 'Begin again under Settings, Integrations.',
  });
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
