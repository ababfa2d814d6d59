import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { Tenant, User } from '@/lib/application';
import { createRouter, json, jsonBody, PUBLIC } from './api/router';
import {
  type Environment,
  refuseCrossSite,
  requireSession,
  requireTenant,
  SESSION_COOKIE,
  type ServerParts,
} from './context';
import { RequestError } from './errors';
import { SESSION_LIFETIME } from './sign-in';

const SignInBody = z.object({
  email: z.string().min(1).max(320),
  password: z.string().min(1).max(1000),
  /** The company's subdomain, where the address does not name it. */
  tenant: z.string().max(63).optional(),
  /** Six digits, or one of the recovery codes. */
  code: z.string().max(20).optional(),
});

const Session = z
  .object({
    user: z.object({
      id: z.string(),
      email: z.string(),
      displayName: z.string(),
      role: z.string(),
      locale: z.string().nullable(),
      timeZone: z.string().nullable(),
      secondFactor: z.boolean(),
    }),
    tenant: z
      .object({ id: z.string(), name: z.string(), subdomain: z.string() })
      .nullable()
      .openapi({ description: 'Null for the operator.' }),
  })
  .openapi('Session');

/** `/api/session`: sign in, who am I, sign out. */
export function sessionRoutes(parts: ServerParts) {
  const routes = createRouter();

  const signIn = createRoute({
    method: 'post',
    path: '/',
    tags: ['Session'],
    summary: 'Signs in with a password, and a second factor where there is one. Gives a cookie.',
    ...PUBLIC,
    request: { body: jsonBody(SignInBody) },
    responses: { 200: json(Session, 'Who is signed in.') },
  });
  routes.openapi(signIn, async (context) => {
    refuseCrossSite(context.req.raw);
    const body = context.req.valid('json');
    const subdomain = context.env.subdomain ?? body.tenant;
    const tenant = subdomain ? await requireTenant(subdomain, parts) : null;
    const { email, password, code } = body;
    const attempt = {
      tenantId: tenant?.id ?? null,
      email,
      password,
      address: context.env.address,
      ...(code ? { code } : {}),
    };
    const user = await parts.signIn.authenticate(attempt).catch((error: unknown) => {
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
    responses: { 200: json(Session.nullable(), 'Null where nobody is.') },
  });
  routes.openapi(whoAmI, async (context) => {
    // Asking who one is is no failure: a browser that has no session yet gets null, not an error in its console.
    if (!context.req.header('authorization') && !getCookie(context, SESSION_COOKIE))
      return context.json(null, 200);
    const { user } = await requireSession(context, parts);
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
    summary: 'Signs out here, or everywhere.',
    request: { query: z.object({ everywhere: z.enum(['true', 'false']).optional() }) },
    responses: { 204: { description: 'Signed out.' } },
  });
  routes.openapi(signOut, async (context) => {
    refuseCrossSite(context.req.raw);
    if (context.req.valid('query').everywhere === 'true') {
      const { user } = await requireSession(context, parts);
      await parts.signIn.revoke(user.id);
    }
    deleteCookie(context, SESSION_COOKIE, cookiePlace(context));
    return context.body(null, 204);
  });

  return routes;
}

/** Gives the browser a session of the user as they are now. */
export async function startSession(
  context: Context<Environment>,
  parts: ServerParts,
  user: User,
): Promise<void> {
  parts.signIn.forget(user.id);
  setCookie(context, SESSION_COOKIE, await parts.signIn.signSession(user), {
    ...cookiePlace(context),
    httpOnly: true,
    sameSite: 'Lax',
    maxAge: SESSION_LIFETIME,
  });
}

/** The cookie is for this host only; under `/t/a` for that path only, so that two companies do not share one. */
function cookiePlace(context: Context<Environment>): { path: string; secure: boolean } {
  const secure =
    new URL(context.req.url).protocol === 'https:' || context.req.header('x-forwarded-proto') === 'https';
  return { path: context.env.prefix || '/', secure };
}

function describe(user: User, tenant: Tenant | null) {
  const { id, email, displayName, role, locale, timeZone } = user;
  return {
    user: { id, email, displayName, role, locale, timeZone, secondFactor: user.totpConfirmedAt !== null },
    tenant: tenant && { id: tenant.id, name: tenant.name, subdomain: tenant.subdomain },
  };
}
