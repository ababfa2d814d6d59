import { createRoute, z } from '@hono/zod-openapi';
import { LONGEST_PASSWORD } from '@/lib/identity';
import { type BodyOf, createRouter, json, jsonBody, PUBLIC } from '../api/router';
import type { ServerDependencies } from '../dependencies';
import { readCookie, removeCookie } from '../http/cookies';
import { refuseCrossSite, refuseSupport, requireSession } from '../session';
import {
  by,
  Company,
  counted,
  describeSession,
  SessionAnswer,
  startSession,
  tenantOf,
} from './browser-session';
import { mailedLinkRoutes } from './mailed-links';
import { PasskeyAnswer, PasskeyOptions, passkeyPage, signInAnswer } from './passkeys';

const SignInBody = z.object({
  email: z.string().min(1).max(320),
  password: z.string().min(1).max(LONGEST_PASSWORD),
  tenant: Company,
  /** Six digits, or one of the recovery codes. */
  code: z.string().max(20).optional(),
});
export type SignInBody = BodyOf<typeof SignInBody>;

/** `/api/session`: sign in, who am I, sign out; links from mails. */
export function sessionRoutes(parts: ServerDependencies) {
  const routes = createRouter();

  const signIn = createRoute({
    method: 'post',
    path: '/',
    tags: ['Session'],
    summary: 'Signs in with a password, and a second factor if the user has one. Sets the session cookie.',
    ...PUBLIC,
    request: { body: jsonBody(SignInBody) },
    responses: { 200: json(SessionAnswer, 'The signed-in user and their company.') },
  });
  routes.openapi(signIn, async (context) => {
    refuseCrossSite(context.req.raw);
    const { email, password, code, tenant: named } = context.req.valid('json');
    const tenant = await tenantOf(context, parts, named);
    const { address } = context.env;
    const device = readCookie(context, 'marquee_device');
    const credentials = { tenantId: tenant?.id ?? null, email, password, code, address, device };
    const user = await counted(parts, parts.signIn.authentication.authenticate(credentials));
    await startSession(context, parts, user);
    return context.json(describeSession(user, tenant), 200);
  });

  const passkeyOptions = createRoute({
    method: 'post',
    path: '/passkey-options',
    tags: ['Session'],
    summary: 'Begins a sign-in with a passkey.',
    ...PUBLIC,
    responses: { 200: json(PasskeyOptions, 'For `navigator.credentials.get`.') },
  });
  routes.openapi(passkeyOptions, async (context) => {
    refuseCrossSite(context.req.raw);
    const request = await parts.signIn.passkeys.signIn(passkeyPage(context));
    return context.json({ ...request, options: { ...request.options } }, 200);
  });

  const byPasskey = createRoute({
    method: 'post',
    path: '/passkey',
    tags: ['Session'],
    summary: 'Signs in with a passkey, which needs no other factor. Sets the session cookie.',
    ...PUBLIC,
    request: { body: jsonBody(PasskeyAnswer.extend({ tenant: Company })) },
    responses: { 200: json(SessionAnswer, 'The signed-in user and their company.') },
  });
  routes.openapi(byPasskey, async (context) => {
    refuseCrossSite(context.req.raw);
    const { tenant: named, ...answer } = context.req.valid('json');
    const tenant = await tenantOf(context, parts, named);
    const { address } = context.env;
    const from = { tenantId: tenant?.id ?? null, page: passkeyPage(context), address };
    const user = await counted(parts, parts.signIn.passkeys.authenticate(signInAnswer(answer), from));
    await startSession(context, parts, user, { method: 'passkey', secondFactor: true });
    return context.json(describeSession(user, tenant), 200);
  });

  const whoAmI = createRoute({
    method: 'get',
    path: '/',
    tags: ['Session'],
    summary: 'Returns the signed-in user and their company.',
    responses: { 200: json(SessionAnswer.nullable(), 'Null if there is no session.') },
  });
  routes.openapi(whoAmI, async (context) => {
    // A browser without a session gets null instead of an error, which would show in its console.
    if (!context.req.header('authorization') && !readCookie(context, 'marquee_session'))
      return context.json(null, 200);
    const { user, record } = await requireSession(context, parts, { mayHaveToChangePassword: true });
    const tenant = user.tenantId ? await parts.application.tenants.get(user.tenantId) : null;
    return context.json(describeSession(user, tenant, record), 200);
  });

  const signOut = createRoute({
    method: 'delete',
    path: '/',
    tags: ['Session'],
    summary: 'Ends this session, or all of the user’s sessions. Takes effect at once.',
    description: 'Support access ends its own session only: `everywhere` is refused there.',
    request: { query: z.object({ everywhere: z.enum(['true', 'false']).optional() }) },
    responses: { 204: { description: 'Signed out.' } },
  });
  routes.openapi(signOut, async (context) => {
    refuseCrossSite(context.req.raw);
    const everywhere = context.req.valid('query').everywhere === 'true';
    const session = requireSession(context, parts, { mayHaveToChangePassword: true });
    // Signing out without a session succeeds; signing out everywhere needs one.
    const { user, sessionId } = everywhere
      ? await session
      : await session.catch(() => ({ user: undefined, sessionId: undefined }));
    if (everywhere) refuseSupport(await session);
    if (user && everywhere) await parts.signIn.endAll(user, by(context, user));
    else if (user && sessionId) await parts.signIn.end(user, sessionId, 'signed_out', by(context, user));
    removeCookie(context, 'marquee_session');
    return context.body(null, 204);
  });

  routes.route('/', mailedLinkRoutes(parts));
  return routes;
}
