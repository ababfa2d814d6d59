// `/api/integrations/{provider}/begin` and `/callback`: OAuth 2.0 with PKCE, from the settings to the provider and back.

import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { OF_WHOLE_COMPANY, saveConnection } from '@/lib/crm/delivery';
import { authorizationUrl, exchangeCode, newVerifier, registeredProvider } from '@/lib/crm/delivery/oauth';
import { MarqueeError } from '@/lib/failures';
import type { Environment } from '../../context';
import { RequestError } from '../../errors';
import { ADMINS, requireRole } from '../../require-role';
import { requireTenantContext } from '../../tenant-context';
import { type AnswerOf, createRouter, json, PUBLIC } from '../router';
import { type ApiDependencies, baseUrl, pageUrl } from '../services';

const ByProvider = z.object({ provider: z.enum(['google', 'quickbooks']) });
const Authorization = z.object({ url: z.url() });
export type Authorization = AnswerOf<typeof Authorization>;
export type OAuthProviderName = z.infer<typeof ByProvider>['provider'];

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
const STATE_PLACE = { owner: 'oauth', column: 'state' };

export function authorizationRoutes(parts: ApiDependencies) {
  const routes = createRouter(parts);
  const { secretBox } = parts.services;

  const redirectUrlOf = (context: Context<Environment>, provider: string) =>
    `${baseUrl(context, parts)}/api/integrations/${provider}/callback`;

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
    if (OF_WHOLE_COMPANY.has(name)) requireRole(caller, ADMINS);
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
      await saveConnection(parts, caller, name, tokens, {
        scopes,
        ...(realmId ? { external_account_id: realmId } : {}),
      });
      return settings(base, { connected: name });
    } catch (error) {
      // A browser is redirected to the settings, which show what failed; programs get problem+json.
      if (!(error instanceof MarqueeError) || !context.req.header('accept')?.includes('text/html'))
        throw error;
      return settings(base, { failed: error.code });
    }
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

/** Providers redirect to one address; the session is at the tenant's own. @returns that address, unless the request is there already */
function returnTo(context: Context<Environment>, base: string): string | undefined {
  const { pathname, search } = new URL(context.req.url);
  return pageUrl(context) === base ? undefined : `${base}${pathname}${search}`;
}

function stale(): RequestError {
  return new RequestError(
    'request_malformed',
    'This connection was started in another session, or too long ago.',
    {
      hint: 'Begin again under Settings, Integrations.',
    },
  );
}
