import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { TENANT_ROLES, type Tenant, type User } from '@/lib/application';
import {
  accountKey,
  addressKey,
  DEVICE_LIFETIME,
  hashPassword,
  type Limit,
  LONGEST_PASSWORD,
  openLink,
  SHORTEST_PASSWORD,
} from '@/lib/identity';
import { type AnswerOf, type BodyOf, createRouter, json, jsonBody, PUBLIC } from '../api/router';
import { pageUrl } from '../api/services';
import {
  type Environment,
  refuseCrossSite,
  refuseInactive,
  requireSession,
  requireTenant,
  SESSION_COOKIE,
  type ServerParts,
} from '../context';
import { RequestError } from '../errors';

/** Remembers that a user has signed in on this device before; see `Authentication.deviceToken`. */
const DEVICE_COOKIE = 'marquee_device';

/** Mails that can be requested without sign-in, such as for a forgotten password: from one address, and to one account. */
export const MAILS_FROM_ADDRESS: Limit = { name: 'reset-address', attempts: 20, seconds: 3600 };
export const MAILS_TO_ACCOUNT: Limit = { name: 'reset-account', attempts: 3, seconds: 900 };

export const NewPassword = z.string().min(SHORTEST_PASSWORD).max(LONGEST_PASSWORD);
const Company = z.string().max(63).optional().openapi({
  description: 'The company’s subdomain, where the address does not name it.',
});

const SignInBody = z.object({
  email: z.string().min(1).max(320),
  password: z.string().min(1).max(LONGEST_PASSWORD),
  tenant: Company,
  /** Six digits, or one of the recovery codes. */
  code: z.string().max(20).optional(),
});
const ForgottenBody = z.object({ email: z.string().min(1).max(320), tenant: Company });
const LinkToken = z.string().min(20).max(4000);
const ResetBody = z.object({ token: LinkToken, password: NewPassword });
const InvitationBody = ResetBody.extend({ displayName: z.string().trim().min(1).max(200).optional() });

const SessionAnswer = z
  .object({
    user: z.object({
      id: z.string(),
      email: z.string(),
      displayName: z.string(),
      role: z.enum([...TENANT_ROLES, 'operator']),
      locale: z.string().nullable(),
      timeZone: z.string().nullable(),
      secondFactor: z.boolean(),
      mustChangePassword: z
        .boolean()
        .openapi({ description: 'The user has to choose a new password first.' }),
    }),
    tenant: z
      .object({ id: z.string(), name: z.string(), subdomain: z.string() })
      .nullable()
      .openapi({ description: 'Null for the operator.' }),
  })
  .openapi('Session');

export type SessionAnswer = AnswerOf<typeof SessionAnswer>;
export type SignInBody = BodyOf<typeof SignInBody>;
export type ForgottenBody = BodyOf<typeof ForgottenBody>;
export type ResetBody = BodyOf<typeof ResetBody>;
export type InvitationBody = BodyOf<typeof InvitationBody>;

/** `/api/session`: sign in, who am I, sign out; a forgotten password, and an invitation. */
export function sessionRoutes(parts: ServerParts) {
  const routes = createRouter();
  const { users } = parts.application;

  const signIn = createRoute({
    method: 'post',
    path: '/',
    tags: ['Session'],
    summary: 'Signs in with a password, and a second factor where there is one. Gives a cookie.',
    ...PUBLIC,
    request: { body: jsonBody(SignInBody) },
    responses: { 200: json(SessionAnswer, 'Who is signed in.') },
  });
  routes.openapi(signIn, async (context) => {
    refuseCrossSite(context.req.raw);
    const { email, password, code, tenant: named } = context.req.valid('json');
    const tenant = await tenantOf(context, parts, named);
    const { address } = context.env;
    const device = getCookie(context, DEVICE_COOKIE);
    const user = await parts.signIn.authentication
      .authenticate({ tenantId: tenant?.id ?? null, email, password, code, address, device })
      .catch((error: unknown) => {
        parts.metrics.signIns.inc({ outcome: 'refused' });
        throw error;
      });
    parts.metrics.signIns.inc({ outcome: 'accepted' });
    await startSession(context, parts, user);
    return context.json(describe(user, tenant), 200);
  });

  const whoAmI = createRoute({
    method: 'get',
    path: '/',
    tags: ['Session'],
    summary: 'Who is signed in.',
    responses: { 200: json(SessionAnswer.nullable(), 'Null without a session.') },
  });
  routes.openapi(whoAmI, async (context) => {
    // A browser without a session gets null instead of an error, which would show in its console.
    if (!context.req.header('authorization') && !getCookie(context, SESSION_COOKIE))
      return context.json(null, 200);
    const { user } = await requireSession(context, parts, { mayHaveToChangePassword: true });
    const tenant = user.tenantId ? await parts.application.tenants.get(user.tenantId) : null;
    if (context.env.subdomain !== undefined && context.env.subdomain !== tenant?.subdomain) {
      throw new RequestError('not_signed_in', 'You are signed in to another company.', {
        hint: 'Sign in here.',
      });
    }
    return context.json(describe(user, tenant), 200);
  });

  const signOut = createRoute({
    method: 'delete',
    path: '/',
    tags: ['Session'],
    summary: 'Signs out here, or everywhere. The session ends at once.',
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
    if (user && everywhere) await parts.signIn.endAll(user.id);
    else if (user && sessionId) await parts.signIn.end(user.id, sessionId, 'signed_out');
    deleteCookie(context, SESSION_COOKIE, cookiePlace(context));
    return context.body(null, 204);
  });

  const forgotten = createRoute({
    method: 'post',
    path: '/forgotten-password',
    tags: ['Session'],
    summary: 'Sends a link to choose a new password, where there is such an account.',
    description: 'The answer is the same whether or not there is an account of this address.',
    ...PUBLIC,
    request: { body: jsonBody(ForgottenBody) },
    responses: { 202: { description: 'Where there is an account, a mail is on its way.' } },
  });
  routes.openapi(forgotten, async (context) => {
    refuseCrossSite(context.req.raw);
    const { email, tenant: named } = context.req.valid('json');
    const tenant = await tenantOf(context, parts, named);
    await sendResetLink(context, parts, tenant, email);
    return context.body(null, 202);
  });

  const reset = createRoute({
    method: 'post',
    path: '/reset-password',
    tags: ['Session'],
    summary: 'Chooses a new password by a mailed link. Every session ends.',
    ...PUBLIC,
    request: { body: jsonBody(ResetBody) },
    responses: { 204: { description: 'Chosen: sign in with it.' } },
  });
  routes.openapi(reset, async (context) => {
    refuseCrossSite(context.req.raw);
    const { token, password } = context.req.valid('json');
    const user = await openLink({ tokens: parts.tokens, users }, 'reset-password', token);
    await users.setPassword(user.id, await hashPassword(password), by(context, user));
    await parts.signIn.endAll(user.id);
    return context.body(null, 204);
  });

  const accept = createRoute({
    method: 'post',
    path: '/accept-invitation',
    tags: ['Session'],
    summary: 'Accepts an invitation by its link: chooses a password, and is signed in.',
    ...PUBLIC,
    request: { body: jsonBody(InvitationBody) },
    responses: { 200: json(SessionAnswer, 'Who is signed in.') },
  });
  routes.openapi(accept, async (context) => {
    refuseCrossSite(context.req.raw);
    const { token, password, displayName } = context.req.valid('json');
    const invited = await openLink({ tokens: parts.tokens, users }, 'invitation', token);
    const tenant = invited.tenantId ? await parts.application.tenants.get(invited.tenantId) : null;
    if (tenant) refuseInactive(tenant);
    const author = by(context, invited);
    if (displayName) await users.update(invited.id, { displayName }, author);
    const user = await users.setPassword(invited.id, await hashPassword(password), author);
    await startSession(context, parts, user);
    return context.json(describe(user, tenant), 200);
  });

  return routes;
}

/**
 * Sends a link to choose a new password, if there is such an account. The attempt is counted in any case.
 *
 * @throws IdentityError `too_many_attempts`; RequestError `mail_not_set_up`
 */
export async function sendResetLink(
  context: Context<Environment>,
  parts: ServerParts,
  tenant: Tenant | null,
  email: string,
): Promise<void> {
  const account = accountKey(tenant?.id ?? null, email);
  await parts.signIn.limits.count([
    { limit: MAILS_FROM_ADDRESS, of: addressKey(context.env.address) },
    { limit: MAILS_TO_ACCOUNT, of: account },
  ]);
  const mail = accountMail(parts);
  const user = await parts.application.users.findByEmail(tenant?.id ?? null, email);
  if (user && user.status !== 'disabled') {
    await mail.queue(
      user.status === 'invited' ? 'invitation' : 'reset-password',
      user,
      tenantPage(context, tenant),
    );
  }
}

/** @throws RequestError `mail_not_set_up` */
export function accountMail(parts: ServerParts) {
  const mail = parts.services?.accountMail;
  if (mail) return mail;
  throw new RequestError('mail_not_set_up', 'This server sends no mail.', {
    hint: 'Ask the operator of the service: marquee user reset gives you a new password.',
  });
}

/** The base address of a tenant's pages, without a slash at the end, on the requested host. */
export function tenantPage(context: Context<Environment>, tenant: Pick<Tenant, 'subdomain'> | null): string {
  const here = pageUrl(context);
  return tenant && context.env.subdomain === undefined ? `${here}/t/${tenant.subdomain}` : here;
}

async function tenantOf(
  context: Context<Environment>,
  parts: ServerParts,
  named: string | undefined,
): Promise<Tenant | null> {
  const subdomain = context.env.subdomain ?? named;
  return subdomain ? requireTenant(subdomain, parts) : null;
}

/** Begins a browser session and sets its cookie; the browser's previous session ends. */
export async function startSession(
  context: Context<Environment>,
  parts: ServerParts,
  user: User,
): Promise<void> {
  const before = getCookie(context, SESSION_COOKIE);
  if (before) await endSessionOf(parts, before);
  const { token, lifetime } = await parts.signIn.beginBrowserSession(user, {
    userAgent: context.req.header('user-agent'),
    address: context.env.address,
  });
  const place = { ...cookiePlace(context), httpOnly: true, sameSite: 'Lax' } as const;
  setCookie(context, SESSION_COOKIE, token, { ...place, maxAge: lifetime });
  const device = await parts.signIn.authentication.deviceToken(user);
  setCookie(context, DEVICE_COOKIE, device, { ...place, maxAge: DEVICE_LIFETIME });
}

async function endSessionOf(parts: ServerParts, token: string): Promise<void> {
  const claims = await parts.tokens.verifyAccessToken(token).catch(() => undefined);
  if (claims?.sessionId) await parts.signIn.end(claims.userId, claims.sessionId, 'signed_out');
}

/** Cookies are for this host only, and below `/t/a` for that path only, so that two tenants share none. */
function cookiePlace({ env }: Context<Environment>): { path: string; secure: boolean } {
  return { path: env.prefix || '/', secure: env.secure };
}

function by(context: Context<Environment>, user: User) {
  return { actor: `user:${user.id}`, requestId: context.get('requestId') };
}

function describe(user: User, tenant: Tenant | null) {
  const { id, email, displayName, role, locale, timeZone, mustChangePassword } = user;
  const secondFactor = user.totpConfirmedAt !== null;
  return {
    user: { id, email, displayName, role, locale, timeZone, secondFactor, mustChangePassword },
    tenant: tenant && { id: tenant.id, name: tenant.name, subdomain: tenant.subdomain },
  };
}
