// The session of a browser: its cookies, and how the API describes it.
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { TENANT_ROLES, type Tenant, type User } from '@/lib/application';
import { DEVICE_LIFETIME, type SessionRecord } from '@/lib/identity';
import type { AnswerOf } from '../api/router';
import { authorOf, type Environment } from '../context';
import type { ServerDependencies } from '../dependencies';
import { readCookie, writeCookie } from '../http/cookies';
import { requireTenant } from '../tenant-context';

export const Company = z.string().max(63).optional().openapi({
  description: 'The company’s subdomain; needed if the request’s host and path do not name it.',
});

export const SessionAnswer = z
  .object({
    user: z.object({
      id: z.string(),
      email: z.string(),
      displayName: z.string(),
      role: z.enum([...TENANT_ROLES, 'operator']),
      locale: z.string().nullable(),
      timeZone: z.string().nullable(),
      secondFactor: z.boolean(),
      recoveryCodes: z.number().int().openapi({ description: 'Unused ones.' }),
      mustChangePassword: z
        .boolean()
        .openapi({ description: 'The user must choose a new password before anything else.' }),
    }),
    tenant: z
      .object({ id: z.string(), name: z.string(), subdomain: z.string() })
      .nullable()
      .openapi({ description: 'Null for the operator.' }),
    support: z.object({ until: z.date() }).nullable().openapi({
      description: 'Of a support session, which an operator has: when it ends.',
    }),
  })
  .openapi('Session');

export type SessionAnswer = AnswerOf<typeof SessionAnswer>;

/** Counts a sign-in by its outcome. */
export async function counted(
  { metrics }: Pick<ServerDependencies, 'metrics'>,
  signIn: Promise<User>,
): Promise<User> {
  try {
    const user = await signIn;
    metrics.signIns.inc({ outcome: 'accepted' });
    return user;
  } catch (error) {
    metrics.signIns.inc({ outcome: 'refused' });
    throw error;
  }
}

/** The tenant in the address, else the one that the body names; null for operators. @throws RequestError as `requireTenant` */
export async function tenantOf(
  context: Context<Environment>,
  parts: ServerDependencies,
  named: string | undefined,
): Promise<Tenant | null> {
  const subdomain = context.env.subdomain ?? named;
  return subdomain ? requireTenant(subdomain, parts) : null;
}

/**
 * Begins a browser session and sets its cookie; the browser's previous session ends.
 *
 * @param how by password, and with the second factor of every user who has one, unless it says otherwise
 */
export async function startSession(
  context: Context<Environment>,
  parts: ServerDependencies,
  user: User,
  how: Parameters<ServerDependencies['signIn']['beginBrowserSession']>[1] = {},
): Promise<SessionRecord> {
  const before = readCookie(context, 'marquee_session');
  if (before) await endSessionOf(context, parts, before);
  const { token, lifetime, session } = await parts.signIn.beginBrowserSession(user, {
    userAgent: context.req.header('user-agent'),
    address: context.env.address,
    ...how,
  });
  writeCookie(context, 'marquee_session', token, lifetime);
  const device = await parts.signIn.authentication.deviceToken(user);
  writeCookie(context, 'marquee_device', device, DEVICE_LIFETIME);
  return session;
}

async function endSessionOf(
  context: Context<Environment>,
  parts: ServerDependencies,
  token: string,
): Promise<void> {
  const claims = await parts.tokens.verifyAccessToken(token).catch(() => undefined);
  if (!claims?.sessionId) return;
  const user = { id: claims.userId, tenantId: claims.tenantId };
  await parts.signIn.end(user, claims.sessionId, 'signed_out', by(context, user));
}

/** The user as the author of a change, for the audit log. */
export function by(context: Context<Environment>, user: Pick<User, 'id'>) {
  return authorOf(context, `user:${user.id}`);
}

/** @param record of a session that may be a support session */
export function describeSession(
  user: User,
  tenant: Tenant | null,
  record?: Pick<SessionRecord, 'method' | 'expiresAt'>,
) {
  const { id, email, displayName, role, locale, timeZone, recoveryCodes, mustChangePassword } = user;
  const secondFactor = user.totpConfirmedAt !== null;
  const factors = { secondFactor, recoveryCodes, mustChangePassword };
  return {
    user: { id, email, displayName, role, locale, timeZone, ...factors },
    tenant: tenant && { id: tenant.id, name: tenant.name, subdomain: tenant.subdomain },
    support: record?.method === 'support' ? { until: record.expiresAt } : null,
  };
}
