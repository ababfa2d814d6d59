import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { ApplicationError, type Author, type User } from '@/lib/application';
import {
  accountKey,
  addressKey,
  LONGEST_PASSWORD,
  newRecoveryCodes,
  newTotp,
  type Session,
  takeDigits,
} from '@/lib/identity';
import { type AnswerOf, type BodyOf, createRouter, Id, json, jsonBody } from '../api/router';
import { authorOf, type Environment } from '../context';
import type { ServerDependencies } from '../dependencies';
import { RequestError } from '../errors';
import { requireRecentProof } from '../session';
import { requireAccount } from './account-session';
import { startSession } from './browser-session';
import { hashChosenPassword } from './chosen-password';
import { accountMail, MAILS_FROM_ADDRESS, MAILS_TO_ACCOUNT, NewPassword, tenantPage } from './mailed-links';
import { passkeyRoutes } from './passkeys';
import { proofRoutes } from './proof';

/** Seconds between asking for a second factor and showing its first code. */
const ENROLMENT_LIFETIME = 900;
const ENROLMENT = 'second-factor';

const Password = z.string().min(1).max(LONGEST_PASSWORD);
/** Left out by a user who has none. */
const CurrentPassword = Password.optional();
const PasswordChange = z.object({ current: Password, password: NewPassword });
const EmailChange = z.object({ email: z.email().max(320) });
const Confirmation = z.object({
  token: z.string().max(4000),
  code: z.string().max(10),
  current: CurrentPassword,
});
const Removal = z.object({ current: CurrentPassword });
const OpenSession = z
  .object({
    id: Id,
    kind: z.enum(['browser', 'client']).openapi({ description: '`client`: a program that holds tokens.' }),
    current: z.boolean().openapi({ description: 'The session of this request.' }),
    userAgent: z.string().nullable(),
    address: z.string().nullable(),
    createdAt: z.date(),
    lastUsedAt: z.date(),
    expiresAt: z.date(),
  })
  .openapi('OpenSession');

const OpenSessions = z.object({ sessions: z.array(OpenSession) });
const Enrolment = z.object({
  secret: z.string().openapi({ description: 'Base32, for typing it in.' }),
  uri: z.string().openapi({ description: 'For a QR code.' }),
  token: z.string().openapi({ description: 'For confirming, for a quarter of an hour.' }),
});
const RecoveryCodes = z.object({ recoveryCodes: z.array(z.string()) });
export type OpenSession = AnswerOf<typeof OpenSession>;
export type OpenSessions = AnswerOf<typeof OpenSessions>;
export type Enrolment = AnswerOf<typeof Enrolment>;
export type RecoveryCodes = AnswerOf<typeof RecoveryCodes>;
export type PasswordChange = BodyOf<typeof PasswordChange>;
export type EmailChange = BodyOf<typeof EmailChange>;
export type Confirmation = BodyOf<typeof Confirmation>;
export type Removal = BodyOf<typeof Removal>;

/**
 * `/api/account`: the caller's own password, second factor and sessions. Changing password or second factor needs the
 * password again, since a session may have been left open, and ends all other sessions.
 */
export function accountRoutes(parts: ServerDependencies) {
  const routes = createRouter();
  const { users } = parts.application;
  routes.route('/passkeys', passkeyRoutes(parts));
  routes.route('/proof', proofRoutes(parts));

  const changePassword = createRoute({
    method: 'post',
    path: '/password',
    tags: ['Account'],
    summary: 'Changes the password. Other sessions end.',
    request: { body: jsonBody(PasswordChange) },
    responses: { 204: { description: 'Changed.' } },
  });
  routes.openapi(changePassword, async (context) => {
    const session = await requireAccount(context, parts, { mayHaveToChangePassword: true });
    const { user } = session;
    const { current, password } = context.req.valid('json');
    if (current === password) {
      throw new RequestError('password_unchanged', 'This is already your password.', {
        hint: 'Choose another one.',
      });
    }
    await parts.signIn.authentication.confirmPassword(user, current, context.env.address);
    const hash = await hashChosenPassword(parts, user, password);
    await keepOnly(context, parts, session, await users.setPassword(user.id, hash, by(context, user)));
    return context.body(null, 204);
  });

  const changeEmail = createRoute({
    method: 'post',
    path: '/email',
    tags: ['Account'],
    summary:
      'Mails a link to a new address, which opens with it once the link is opened. Needs a recent proof.',
    request: { body: jsonBody(EmailChange) },
    responses: { 202: { description: 'On its way. All sessions end when the link is opened.' } },
  });
  routes.openapi(changeEmail, async (context) => {
    const session = await requireAccount(context, parts);
    requireRecentProof(session);
    const { user } = session;
    const newEmail = context.req.valid('json').email.trim().toLowerCase();
    if (user.tenantId === null)
      throw new RequestError('not_found', 'An operator’s address is changed by the command line.');
    if (await users.findByEmail(user.tenantId, newEmail))
      throw new ApplicationError('email_taken', 'This email address belongs to an account of your company.');
    const mail = accountMail(parts);
    await parts.signIn.limits.count([
      { limit: MAILS_FROM_ADDRESS, of: addressKey(context.env.address) },
      { limit: MAILS_TO_ACCOUNT, of: accountKey(user.tenantId, newEmail) },
    ]);
    const tenant = await parts.application.tenants.get(user.tenantId);
    await mail.queue('email-change', user, tenantPage(context, tenant), { client: { newEmail } });
    return context.body(null, 202);
  });

  // Nothing is stored before the first code is confirmed: an abandoned enrolment changes nothing.
  const enrol = createRoute({
    method: 'post',
    path: '/second-factor',
    tags: ['Account'],
    summary: 'Begins to set up a second factor.',
    responses: {
      201: json(Enrolment, 'Stored once it is confirmed.'),
    },
  });
  routes.openapi(enrol, async (context) => {
    const { user } = await requireAccount(context, parts);
    const { secret, uri } = newTotp(user);
    const token = await parts.tokens.signPurposeToken(ENROLMENT, user.id, { secret }, ENROLMENT_LIFETIME);
    return context.json({ secret, uri, token }, 201);
  });

  const confirm = createRoute({
    method: 'post',
    path: '/second-factor/confirm',
    tags: ['Account'],
    summary: 'Sets up the second factor by its first code. Other sessions end.',
    request: { body: jsonBody(Confirmation) },
    responses: {
      200: json(RecoveryCodes, 'Codes for a lost phone: shown once.'),
    },
  });
  routes.openapi(confirm, async (context) => {
    const session = await requireAccount(context, parts);
    requireRecentProof(session);
    const { user } = session;
    const { token, code, current } = context.req.valid('json');
    await parts.signIn.authentication.confirmPassword(user, current, context.env.address);
    const { subject, data } = await parts.tokens.verifyPurposeToken(token, ENROLMENT);
    const secret = String(data.secret);
    if (subject !== user.id || !(await takeDigits(users, user, secret, code))) {
      throw new RequestError('code_wrong', 'The code is not right.', {
        hint: 'Codes change every 30 seconds.',
      });
    }
    const { codes, hashes } = await newRecoveryCodes(user);
    await users.setTotpSecret(user.id, secret, by(context, user));
    const confirmed = await users.confirmTotp(user.id, hashes, by(context, user));
    await keepOnly(context, parts, { ...session, showed: true }, confirmed);
    // Shown once: only their hashes are kept.
    return context.json({ recoveryCodes: codes }, 200);
  });

  const remove = createRoute({
    method: 'post',
    path: '/second-factor/remove',
    tags: ['Account'],
    summary: 'Removes the second factor. Other sessions end.',
    request: { body: jsonBody(Removal) },
    responses: { 204: { description: 'Removed.' } },
  });
  routes.openapi(remove, async (context) => {
    const session = await requireAccount(context, parts);
    requireRecentProof(session);
    const { user } = session;
    const { current } = context.req.valid('json');
    await parts.signIn.authentication.confirmPassword(user, current, context.env.address);
    expectSecondFactor(user);
    await keepOnly(context, parts, session, await users.setTotpSecret(user.id, null, by(context, user)));
    return context.body(null, 204);
  });

  const recoveryCodes = createRoute({
    method: 'post',
    path: '/recovery-codes',
    tags: ['Account'],
    summary: 'Makes new recovery codes; earlier ones are no longer valid. Needs a recent proof.',
    responses: { 200: json(RecoveryCodes, 'Shown once.') },
  });
  routes.openapi(recoveryCodes, async (context) => {
    const session = await requireAccount(context, parts);
    requireRecentProof(session);
    const { user } = session;
    expectSecondFactor(user);
    const { codes, hashes } = await newRecoveryCodes(user);
    await users.setRecoveryCodes(user.id, hashes, by(context, user));
    return context.json({ recoveryCodes: codes }, 200);
  });

  const sessions = createRoute({
    method: 'get',
    path: '/sessions',
    tags: ['Account'],
    summary: 'The caller’s open sessions, the last used first.',
    responses: { 200: json(OpenSessions, 'Sessions that go on.') },
  });
  routes.openapi(sessions, async (context) => {
    const { user, sessionId } = await requireAccount(context, parts);
    const open = (await parts.signIn.sessions.list(user)).map(
      ({ id, kind, userAgent, address, createdAt, lastUsedAt, expiresAt }) => ({
        ...{ id, kind, userAgent, address, createdAt, lastUsedAt, expiresAt },
        current: id === sessionId,
      }),
    );
    return context.json({ sessions: open }, 200);
  });

  const endSession = createRoute({
    method: 'delete',
    path: '/sessions/{id}',
    tags: ['Account'],
    summary: 'Ends one session, at once.',
    request: { params: z.object({ id: Id }) },
    responses: { 204: { description: 'Ended.' } },
  });
  routes.openapi(endSession, async (context) => {
    const { user } = await requireAccount(context, parts);
    const { id } = context.req.valid('param');
    if (await parts.signIn.end(user, id, 'revoked', by(context, user))) return context.body(null, 204);
    throw new RequestError('not_found', 'You have no such session, or it has ended.');
  });

  const endOthers = createRoute({
    method: 'delete',
    path: '/sessions',
    tags: ['Account'],
    summary: 'Ends every session but this one.',
    responses: { 204: { description: 'Ended.' } },
  });
  routes.openapi(endOthers, async (context) => {
    const { user, sessionId } = await requireAccount(context, parts);
    await parts.signIn.endAll(user, by(context, user), sessionId);
    return context.body(null, 204);
  });

  return routes;
}

/** Ends the user's other sessions, and goes on in a new one instead of this, which has shown what this has. */
async function keepOnly(
  context: Context<Environment>,
  parts: ServerDependencies,
  { record, sessionId, showed = false }: Session & { showed?: boolean },
  user: User,
): Promise<void> {
  await parts.signIn.keepSession(user, sessionId, by(context, user));
  await startSession(context, parts, user, {
    method: record?.method,
    secondFactor: showed || record?.secondFactor,
    provedAt: record?.provedAt,
  });
}

function by(context: Context<Environment>, user: User): Author {
  return authorOf(context, `user:${user.id}`);
}

/** @throws RequestError `not_found` */
function expectSecondFactor({ totpConfirmedAt }: User): void {
  if (totpConfirmedAt) return;
  throw new RequestError('not_found', 'You have no second factor.', { hint: 'Set it up first.' });
}
