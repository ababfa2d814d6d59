// Links in mails about accounts: a forgotten password, and an invitation.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Tenant, User } from '@/lib/application';
import {
  accountKey,
  addressKey,
  IdentityError,
  type Limit,
  type LinkPurpose,
  LONGEST_PASSWORD,
  linkExpired,
  openLink,
  recordSignIn,
  requireAllowedMethod,
  SHORTEST_PASSWORD,
} from '@/lib/identity';
import { type BodyOf, createRouter, json, jsonBody, PUBLIC, SignedToken } from '../api/router';
import { pageUrl } from '../api/services';
import type { Environment } from '../context';
import type { ServerDependencies } from '../dependencies';
import { RequestError } from '../errors';
import { refuseCrossSite } from '../session';
import { refuseInactive } from '../tenant-context';
import { by, Company, describeSession, SessionAnswer, startSession, tenantOf } from './browser-session';
import { hashChosenPassword } from './chosen-password';

/** Mails that can be requested without sign-in, such as for a forgotten password: from one address, and to one account. */
export const MAILS_FROM_ADDRESS: Limit = { name: 'reset-address', attempts: 20, seconds: 3600 };
export const MAILS_TO_ACCOUNT: Limit = { name: 'reset-account', attempts: 3, seconds: 900 };

export const NewPassword = z.string().min(SHORTEST_PASSWORD).max(LONGEST_PASSWORD);
const ForgottenBody = z.object({ email: z.string().min(1).max(320), tenant: Company });
const ResetBody = z.object({ token: SignedToken, password: NewPassword });
const InvitationBody = ResetBody.extend({ displayName: z.string().trim().min(1).max(200).optional() });

export type ForgottenBody = BodyOf<typeof ForgottenBody>;
export type ResetBody = BodyOf<typeof ResetBody>;
export type InvitationBody = BodyOf<typeof InvitationBody>;

export function mailedLinkRoutes(parts: ServerDependencies) {
  const routes = createRouter();
  const { users } = parts.application;

  const forgotten = createRoute({
    method: 'post',
    path: '/forgotten-password',
    tags: ['Session'],
    summary: 'Sends a link to choose a new password, if the account exists.',
    description: 'The response is the same whether or not the address has an account.',
    ...PUBLIC,
    request: { body: jsonBody(ForgottenBody) },
    responses: { 202: { description: 'If the account exists, an email has been queued.' } },
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
    summary: 'Sets a new password with the token from an emailed link. Ends all of the user’s sessions.',
    ...PUBLIC,
    request: { body: jsonBody(ResetBody) },
    responses: { 204: { description: 'The password is set: sign in with it.' } },
  });
  routes.openapi(reset, async (context) => {
    refuseCrossSite(context.req.raw);
    const { token, password } = context.req.valid('json');
    const { user } = await userOfLink(context, parts, 'reset-password', token);
    const hash = await hashChosenPassword(parts, user, password);
    if (!(await users.setPasswordOnce(user, hash, by(context, user)))) throw linkExpired();
    await parts.signIn.endAll(user, by(context, user));
    return context.body(null, 204);
  });

  const accept = createRoute({
    method: 'post',
    path: '/accept-invitation',
    tags: ['Session'],
    summary: 'Accepts an invitation with its token: sets a password and signs in.',
    ...PUBLIC,
    request: { body: jsonBody(InvitationBody) },
    responses: { 200: json(SessionAnswer, 'The signed-in user and their company.') },
  });
  routes.openapi(accept, async (context) => {
    refuseCrossSite(context.req.raw);
    const { token, password, displayName } = context.req.valid('json');
    const { user: invited, tenant } = await userOfLink(context, parts, 'invitation', token);
    if (tenant) refuseInactive(tenant);
    await requireAllowedMethod(parts.application, invited, 'password');
    const hash = await hashChosenPassword(parts, invited, password);
    const author = by(context, invited);
    const { address } = context.env;
    const accepted = await users.setPasswordOnce(invited, hash, author);
    if (!accepted) throw linkExpired();
    if (displayName) await users.update(invited.id, { displayName }, author);
    const user = await recordSignIn(parts.application, accepted, { address, method: 'password' });
    await startSession(context, parts, user);
    return context.json(describeSession(user, tenant), 200);
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
  parts: ServerDependencies,
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
export function accountMail(parts: ServerDependencies) {
  const mail = parts.services?.accountMail;
  if (mail) return mail;
  throw new RequestError('mail_not_set_up', 'This server cannot send email.', {
    hint: 'Ask the operator of the service: marquee user reset gives you a new password.',
  });
}

/** The base address of a tenant's pages, without a slash at the end, on the requested host. */
export function tenantPage(context: Context<Environment>, tenant: Pick<Tenant, 'subdomain'> | null): string {
  const here = pageUrl(context);
  return tenant && context.env.subdomain === undefined ? `${here}/t/${tenant.subdomain}` : here;
}

/** A link opens nothing at another company's address. @throws IdentityError `link_expired` */
async function userOfLink(
  context: Context<Environment>,
  parts: ServerDependencies,
  purpose: LinkPurpose,
  token: string,
): Promise<{ user: User; tenant: Tenant | null }> {
  const { users, tenants } = parts.application;
  const user = await openLink({ tokens: parts.tokens, users }, purpose, token);
  const tenant = user.tenantId ? await tenants.get(user.tenantId) : null;
  const { subdomain } = context.env;
  if (subdomain === undefined || subdomain === tenant?.subdomain) return { user, tenant };
  throw new IdentityError('link_expired', 'This link is for another company.');
}
