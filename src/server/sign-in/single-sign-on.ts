import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { lacksSecondFactor, SIGN_ON_LIFETIME } from '@/lib/identity';
import { type AnswerOf, createRouter, json, jsonBody, PUBLIC } from '../api/router';
import { pageUrl } from '../api/services';
import type { Environment } from '../context';
import type { ServerDependencies } from '../dependencies';
import { problem, RequestError } from '../errors';
import { readCookie, removeCookie, writeCookie } from '../http/cookies';
import { refuseCrossSite } from '../session';
import { requireTenant } from '../tenant-context';
import { requireAccount } from './account-session';
import { counted, describeSession, SessionAnswer, startSession } from './browser-session';

const Begin = z.object({
  from: z
    .string()
    .max(2000)
    .optional()
    .openapi({ description: 'The page to return to: a path of this site.' }),
  again: z.enum(['true', 'false']).optional().openapi({
    description: 'Sign in at the provider again, also where one is signed in there: a proof of who acts.',
  }),
});
const Ways = z.object({
  singleSignOn: z
    .object({ label: z.string(), required: z.boolean() })
    .nullable()
    .openapi({ description: 'The company’s own identity provider.' }),
});
const Code = z.object({
  /** Six digits, or one of the recovery codes. */
  code: z.string().min(1).max(20),
});
export type SignInWays = AnswerOf<typeof Ways>;

/** `/api/session/…`: signing in at a company's own identity provider. Answers of the provider are pages, not JSON. */
export function singleSignOnRoutes(parts: ServerDependencies) {
  const routes = createRouter();

  const ways = createRoute({
    method: 'get',
    path: '/ways',
    tags: ['Session'],
    summary: 'How people of the company sign in besides a password.',
    ...PUBLIC,
    responses: { 200: json(Ways, 'Nothing where the address names no company.') },
  });
  routes.openapi(ways, async (context) => {
    const { subdomain } = context.env;
    const tenant = subdomain ? await parts.application.tenants.findBySubdomain(subdomain) : undefined;
    const settings = tenant && (await parts.application.singleSignOn.find(tenant.id));
    const { label = '', required = false } = settings ?? {};
    return context.json({ singleSignOn: settings ? { label, required } : null }, 200);
  });

  const begin = createRoute({
    method: 'get',
    path: '/single-sign-on',
    tags: ['Session'],
    summary: 'Redirects to the company’s identity provider.',
    ...PUBLIC,
    request: { query: Begin },
    responses: { 303: { description: 'The provider’s page; or the sign-in page, with the reason.' } },
  });
  routes.openapi(begin, (context) =>
    orSignInPage(context, async () => {
      const tenant = await requireTenant(context.env.subdomain, parts);
      const { from, again } = context.req.valid('query');
      const { url, token } = await parts.signIn.singleSignOn.begin(tenant, {
        redirectUri: redirectUri(context),
        from: ownPath(context, from),
        again: again === 'true',
      });
      writeCookie(context, 'marquee_sign_on', token, SIGN_ON_LIFETIME);
      return url;
    }),
  );

  const callback = createRoute({
    method: 'get',
    path: '/single-sign-on/callback',
    tags: ['Session'],
    summary: 'The identity provider sends the browser here. Sets the session cookie.',
    ...PUBLIC,
    responses: { 303: { description: 'The page to return to; or the sign-in page, with the reason.' } },
  });
  routes.openapi(callback, (context) =>
    orSignInPage(context, async () => {
      const tenant = await requireTenant(context.env.subdomain, parts);
      const token = readCookie(context, 'marquee_sign_on') ?? '';
      removeCookie(context, 'marquee_sign_on');
      const redirectedTo = new URL(redirectUri(context));
      redirectedTo.search = new URL(context.req.url).search;
      const { address } = context.env;
      const finishing = parts.signIn.singleSignOn.finish(tenant, { token, redirectedTo }, address);
      await counted(
        parts,
        finishing.then(({ user }) => user),
      );
      const { user, from, secondFactor, provedAt } = await finishing;
      await parts.people.copy(tenant.id);
      await startSession(context, parts, user, { method: 'sso', secondFactor, provedAt });
      // A second factor of this account is asked for, unless the provider has checked one.
      const lacksCode = user.totpConfirmedAt !== null && !secondFactor;
      return lacksCode ? signInPage(context, { as: 'code', from }) : `${pageUrl(context)}${from}`;
    }),
  );

  const code = createRoute({
    method: 'post',
    path: '/code',
    tags: ['Session'],
    summary: 'Shows the second factor in a session that single sign-on began.',
    request: { body: jsonBody(Code) },
    responses: { 200: json(SessionAnswer, 'The signed-in user and their company.') },
  });
  routes.openapi(code, async (context) => {
    refuseCrossSite(context.req.raw);
    const { user, record } = await requireAccount(context, parts, { mayLackSecondFactor: true });
    if (!record || !lacksSecondFactor(user, record)) {
      throw new RequestError('forbidden', 'This session asks for no code.');
    }
    const { code } = context.req.valid('json');
    await parts.signIn.authentication.checkCode(user, code, context.env.address);
    await startSession(context, parts, user, { method: record.method, secondFactor: true });
    const tenant = user.tenantId ? await parts.application.tenants.get(user.tenantId) : null;
    return context.json(describeSession(user, tenant), 200);
  });

  return routes;
}

/** Where the provider sends the browser; a company registers it there. @throws RequestError `public_url_unknown` */
export function redirectUri(context: Context<Environment>): string {
  return `${pageUrl(context)}/api/session/single-sign-on/callback`;
}

/** A path of the company's own pages: another site's address, in any disguise, becomes the start page. */
function ownPath(context: Context<Environment>, from = '/'): string {
  const { origin } = new URL(pageUrl(context));
  const { prefix } = context.env;
  // As browsers read it: `//evil.example`, `/\evil.example` and `/<tab>/evil.example` are other sites.
  const target = from.startsWith('/') ? URL.parse(from, origin) : null;
  if (target?.origin !== origin || !/^[\x21-\x7e]*$/.test(from)) return '/';
  const path = target.pathname.startsWith(`${prefix}/`)
    ? target.pathname.slice(prefix.length)
    : target.pathname;
  // Written after the tenant's prefix or origin, so it begins with one slash.
  return `/${path.replace(/^\/+/, '')}${target.search}`;
}

/** Redirects; a person at a browser reads a refusal on the sign-in page. */
async function orSignInPage(context: Context<Environment>, work: () => Promise<string>): Promise<Response> {
  try {
    return context.redirect(await work(), 303);
  } catch (error) {
    const { status, body } = problem(error, context.get('requestId'));
    if (error instanceof RequestError && body.code === 'public_url_unknown') throw error;
    if (status >= 500) context.set('failure', error);
    return context.redirect(signInPage(context, { failed: body.code }), 303);
  }
}

function signInPage(context: Context<Environment>, search: Record<string, string>): string {
  return `${pageUrl(context)}/sign-in?${new URLSearchParams(search)}`;
}
