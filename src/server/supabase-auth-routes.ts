import { type Context, Hono } from 'hono';
import { z } from 'zod';
import type { User } from '@/lib/application';
import type { ClientTokens } from '@/lib/identity';
import { type Environment, refuseInactive, requireSession, requireTenant, type ServerParts } from './context';
import { problem, RequestError } from './errors';

/**
 * As much of Supabase Auth's HTTP interface as its clients need to sign in with a password and stay signed in:
 * `signInWithPassword`, `refreshSession`, `getUser`, `signOut`. Errors have that interface's shape.
 */
export function supabaseAuthRoutes(parts: ServerParts): Hono<Environment> {
  const routes = new Hono<Environment>();

  routes.onError((error, context) => {
    context.set('failure', error);
    const { status, body } = problem(error, context.get('requestId'));
    return context.json({ code: status, error_code: body.code, msg: body.title }, status);
  });

  routes.post('/token', async (context) => {
    if (context.req.query('grant_type') === 'refresh_token') {
      const { refresh_token: token } = await readBody(context, z.object({ refresh_token: z.string() }));
      const { user, tokens } = await parts.signIn.refresh(token);
      return context.json(sessionOf(user, tokens));
    }
    const { email, password } = await readBody(
      context,
      z.object({ email: z.string(), password: z.string() }),
    );
    const tenantId = await tenantOf(context, parts);
    const user = await parts.signIn.authenticate({ tenantId, email, password, address: context.env.address });
    const tokens = await parts.signIn.beginClientSession(user, {
      userAgent: context.req.header('user-agent'),
      address: context.env.address,
    });
    return context.json(sessionOf(user, tokens));
  });

  routes.get('/user', async (context) => {
    const { user } = await requireSession(context, parts);
    return context.json(describe(user));
  });

  routes.post('/logout', async (context) => {
    const { user, sessionId } = await requireSession(context, parts, { mayHaveToChangePassword: true });
    const scope = context.req.query('scope') ?? 'global';
    if (scope === 'global') await parts.signIn.endAll(user.id);
    else if (scope === 'others') await parts.signIn.endAll(user.id, sessionId);
    else if (sessionId) await parts.signIn.end(user.id, sessionId, 'signed_out');
    return context.body(null, 204);
  });

  return routes;
}

/** The address names the tenant, or else the anon key does. */
async function tenantOf(context: Context<Environment>, parts: ServerParts): Promise<string> {
  const { subdomain } = context.env;
  if (subdomain === undefined) {
    const key = context.req.header('apikey');
    if (key) {
      const tenant = await parts.application.tenants.get((await parts.signIn.keys.recognise(key)).tenantId);
      refuseInactive(tenant);
      return tenant.id;
    }
  }
  return (await requireTenant(subdomain, parts)).id;
}

function sessionOf(user: User, { accessToken, refreshToken, expiresIn }: ClientTokens) {
  return {
    access_token: accessToken,
    token_type: 'bearer',
    expires_in: expiresIn,
    expires_at: Math.floor(Date.now() / 1000) + expiresIn,
    refresh_token: refreshToken,
    user: describe(user),
  };
}

function describe(user: User) {
  return {
    id: user.id,
    aud: 'authenticated',
    role: 'authenticated',
    email: user.email,
    // Old clients keep no session of an address that is not confirmed.
    email_confirmed_at: user.createdAt.toISOString(),
    phone: '',
    app_metadata: { provider: 'email', tenant_id: user.tenantId, user_role: user.role },
    user_metadata: { name: user.displayName },
    identities: [],
    created_at: user.createdAt.toISOString(),
    updated_at: user.updatedAt.toISOString(),
  };
}

/** Reads a JSON body. @throws RequestError `request_malformed` naming the fields, never their values */
async function readBody<T>(context: Context, shape: z.ZodType<T>): Promise<T> {
  const body = await context.req.json().catch(() => {
    throw new RequestError('request_malformed', 'The body is not JSON.', { hint: 'Send application/json.' });
  });
  const result = shape.safeParse(body);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
  throw new RequestError('request_malformed', `The body is not as expected: ${problems.join('; ')}`);
}
