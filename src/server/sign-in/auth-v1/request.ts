// Reads requests to /auth/v1: tenant, user, body.
import type { Context } from 'hono';
import { z } from 'zod';
import type { Author, Tenant, User } from '@/lib/application';
import {
  type ApiKey,
  ApiKeys,
  accountKey,
  addressKey,
  IdentityError,
  type Leniency,
  LONGEST_PASSWORD,
  SHORTEST_PASSWORD,
} from '@/lib/identity';
import { authorOf, type Environment } from '../../context';
import type { ServerDependencies } from '../../dependencies';
import { refuseSupport, sessionOfToken } from '../../session';
import { refuseInactive, requireTenant } from '../../tenant-context';
import { MAILS_FROM_ADDRESS, MAILS_TO_ACCOUNT } from '../mailed-links';
import { AuthError, invalid, noAuthorization } from './errors';

export type AuthContext = Context<Environment>;

/** The tenant that the address names, or else the API key. @throws IdentityError `api_key_*` where they disagree */
export async function tenantOf(context: AuthContext, parts: ServerDependencies): Promise<Tenant> {
  return (await namedTenant(context, parts)) ?? requireTenant(undefined, parts);
}

/** The tenant that the address or the API key names, if one does. */
export async function namedTenant(
  context: AuthContext,
  parts: ServerDependencies,
): Promise<Tenant | undefined> {
  const { subdomain } = context.env;
  const addressed = subdomain === undefined ? undefined : await requireTenant(subdomain, parts);
  const key = context.req.header('apikey');
  if (!key || !ApiKeys.isKey(key)) return addressed;
  const { tenantId } = await parts.signIn.keys.recognize(key, context.env.address);
  if (addressed && addressed.id !== tenantId) {
    throw new IdentityError('api_key_invalid', 'This API key is of another company.', {
      hint: 'Use a key of the company at this address.',
    });
  }
  if (addressed) return addressed;
  const tenant = await parts.application.tenants.get(tenantId);
  refuseInactive(tenant);
  return tenant;
}

export interface SignedIn extends Awaited<ReturnType<typeof sessionOfToken>> {
  tenant: Tenant;
  sessionId: string;
}

/** The signed-in user of a tenant: never an operator, never of another tenant than address and key name. */
export async function requireUser(
  context: AuthContext,
  parts: ServerDependencies,
  leniency: Leniency = { mayHaveToChangePassword: true, mayLackSecondFactor: true },
): Promise<SignedIn> {
  const bearer = bearerOf(context);
  // The client sends its API key as bearer while no user is signed in.
  if (bearer === undefined || ApiKeys.isKey(bearer)) throw noAuthorization();
  const session = await sessionOfToken(context, parts, leniency);
  refuseSupport(session);
  const { user, sessionId } = session;
  const named = await namedTenant(context, parts);
  if (user.tenantId === null || sessionId === undefined || (named && named.id !== user.tenantId)) {
    throw new AuthError(403, 'bad_jwt', 'invalid JWT: it is for another company');
  }
  const tenant = named ?? (await parts.application.tenants.get(user.tenantId));
  refuseInactive(tenant);
  return { ...session, sessionId, tenant };
}

/** A service key of a tenant, and that tenant. */
export async function requireService(
  context: AuthContext,
  parts: ServerDependencies,
): Promise<{ tenant: Tenant; key: ApiKey; author: Author }> {
  const bearer = bearerOf(context);
  if (bearer === undefined) throw noAuthorization();
  if (!ApiKeys.isKey(bearer)) throw notAdmin();
  const key = await parts.signIn.keys.recognize(bearer, context.env.address);
  if (key.kind !== 'service') throw notAdmin();
  const named = await namedTenant(context, parts);
  if (named && named.id !== key.tenantId) throw notAdmin();
  const tenant = named ?? (await parts.application.tenants.get(key.tenantId));
  refuseInactive(tenant);
  return { tenant, key, author: authorOf(context, `key:${key.id}`) };
}

function notAdmin(): AuthError {
  return new AuthError(403, 'not_admin', 'User not allowed: this needs a service key');
}

function bearerOf(context: AuthContext): string | undefined {
  return /^Bearer (.+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
}

export function by(context: AuthContext, user: User): Author {
  return authorOf(context, `user:${user.id}`);
}

/** Where the session begins, shown in the user's list of sessions. */
export function placeOf(context: AuthContext) {
  return { userAgent: context.req.header('user-agent'), address: context.env.address };
}

/** Reads a JSON body; a member that is null counts as left out, since clients send it so. Its problems name fields, never their values. */
export async function readBody<T>(context: AuthContext, shape: z.ZodType<T>): Promise<T> {
  const text = await context.req.text();
  let body: unknown;
  try {
    body = text === '' ? {} : JSON.parse(text);
  } catch {
    throw new AuthError(400, 'bad_json', 'Could not parse request body as JSON');
  }
  const result = shape.safeParse(withoutNulls(body));
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
  throw invalid(`The body is not as expected: ${problems.join('; ')}`);
}

function withoutNulls(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}

export const Email = z.string().min(1).max(320);

/** @throws AuthError `weak_password` */
export function refuseWeak(password: string): void {
  if (password.length > LONGEST_PASSWORD)
    throw invalid(`Password cannot be longer than ${LONGEST_PASSWORD} characters`, 422);
  if (password.length >= SHORTEST_PASSWORD) return;
  throw new AuthError(422, 'weak_password', `Password should be at least ${SHORTEST_PASSWORD} characters`, {
    weak_password: { reasons: ['length'] },
  });
}

/** Counts a mail whether or not there is such an account. @throws AuthError `over_email_send_rate_limit` */
export async function countMailTo(
  context: AuthContext,
  parts: ServerDependencies,
  tenant: Tenant,
  email: string,
): Promise<void> {
  const account = accountKey(tenant.id, email);
  await parts.signIn.limits
    .count([
      { limit: MAILS_FROM_ADDRESS, of: addressKey(context.env.address) },
      { limit: MAILS_TO_ACCOUNT, of: account },
    ])
    .catch((error: unknown) => {
      if (!(error instanceof IdentityError) || error.code !== 'too_many_attempts') throw error;
      const seconds = error.retryAfterSeconds ?? 60;
      context.header('retry-after', String(seconds));
      const message = `For security purposes, you can only request this after ${seconds} seconds.`;
      throw new AuthError(429, 'over_email_send_rate_limit', message);
    });
}

/**
 * The target of a mailed link: `redirect_to`, if it is on this server or allowed by the operator. Otherwise undefined, and
 * the link opens Marquee's own page, so that tokens never reach an address that an attacker chose.
 */
export function redirectOf(context: AuthContext, parts: ServerDependencies): string | undefined {
  const asked = context.req.query('redirect_to');
  if (!asked || !URL.canParse(asked)) return undefined;
  const target = new URL(asked);
  // Credentials in an address only serve to disguise it.
  if (target.username || target.password) return undefined;
  const allowed = [...(context.env.origin ? [context.env.origin] : []), ...parts.allowedRedirects];
  return allowed.some((one) => covers(new URL(one), target)) ? target.href : undefined;
}

/** Same scheme and host, and a path below. */
function covers(allowed: URL, target: URL): boolean {
  if (allowed.protocol !== target.protocol || allowed.host !== target.host) return false;
  const base = allowed.pathname.replace(/\/$/, '');
  return target.pathname === base || target.pathname.startsWith(`${base}/`);
}
