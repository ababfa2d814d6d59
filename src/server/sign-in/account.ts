import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { TOTP } from 'otpauth';
import type { Author, User } from '@/lib/application';
import { hashPassword, LONGEST_PASSWORD, newRecoveryCodes } from '@/lib/identity';
import { type AnswerOf, type BodyOf, createRouter, Id, json, jsonBody } from '../api/router';
import { type Environment, requireSession, type ServerParts } from '../context';
import { RequestError } from '../errors';
import { NewPassword, startSession } from './session';

const ISSUER = 'Marquee';
/** Seconds between asking for a second factor and showing its first code. */
const ENROLMENT_LIFETIME = 900;
const ENROLMENT = 'second-factor';

const Password = z.string().min(1).max(LONGEST_PASSWORD);
const PasswordChange = z.object({ current: Password, password: NewPassword });
const Confirmation = z.object({ token: z.string().max(4000), code: z.string().max(10), current: Password });
const Removal = z.object({ current: Password });
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
export type Confirmation = BodyOf<typeof Confirmation>;
export type Removal = BodyOf<typeof Removal>;

/**
 * `/api/account`: the caller's own password, second factor and sessions. Changing password or second factor needs the
 * password again, since a session may have been left open, and ends all other sessions.
 */
export function accountRoutes(parts: ServerParts) {
  const routes = createRouter();
  const { users } = parts.application;

  const changePassword = createRoute({
    method: 'post',
    path: '/password',
    tags: ['Account'],
    summary: 'Changes the password. Other sessions end.',
    request: { body: jsonBody(PasswordChange) },
    responses: { 204: { description: 'Changed.' } },
  });
  routes.openapi(changePassword, async (context) => {
    const { user } = await requireSession(context, parts, { mayHaveToChangePassword: true });
    const { current, password } = context.req.valid('json');
    if (current === password) {
      throw new RequestError('password_unchanged', 'This is already your password.', {
        hint: 'Choose another one.',
      });
    }
    await parts.signIn.authentication.confirmPassword(user, current, context.env.address);
    const renewed = await users.setPassword(user.id, await hashPassword(password), by(context, user));
    await startSession(context, parts, renewed);
    return context.body(null, 204);
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
    const { user } = await requireSession(context, parts);
    const totp = new TOTP({ issuer: ISSUER, label: user.email });
    const secret = totp.secret.base32;
    const token = await parts.tokens.signPurposeToken(ENROLMENT, user.id, { secret }, ENROLMENT_LIFETIME);
    return context.json({ secret, uri: totp.toString(), token }, 201);
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
    const { user } = await requireSession(context, parts);
    const { token, code, current } = context.req.valid('json');
    await parts.signIn.authentication.confirmPassword(user, current, context.env.address);
    const { subject, data } = await parts.tokens.verifyPurposeToken(token, ENROLMENT);
    const secret = String(data.secret);
    if (subject !== user.id || new TOTP({ secret }).validate({ token: code, window: 1 }) === null) {
      throw new RequestError('code_wrong', 'The code is not right.', {
        hint: 'Codes change every 30 seconds.',
      });
    }
    const { codes, digests } = newRecoveryCodes();
    await users.setTotpSecret(user.id, secret, by(context, user));
    const renewedUser = await users.confirmTotp(user.id, digests, by(context, user));
    await startSession(context, parts, renewedUser);
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
    const { user } = await requireSession(context, parts);
    const { current } = context.req.valid('json');
    await parts.signIn.authentication.confirmPassword(user, current, context.env.address);
    await startSession(context, parts, await users.setTotpSecret(user.id, null, by(context, user)));
    return context.body(null, 204);
  });

  const sessions = createRoute({
    method: 'get',
    path: '/sessions',
    tags: ['Account'],
    summary: 'The caller’s open sessions, the last used first.',
    responses: { 200: json(OpenSessions, 'Sessions that go on.') },
  });
  routes.openapi(sessions, async (context) => {
    const { user, sessionId } = await requireSession(context, parts);
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
    const { user } = await requireSession(context, parts);
    if (await parts.signIn.end(user.id, context.req.valid('param').id, 'revoked'))
      return context.body(null, 204);
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
    const { user, sessionId } = await requireSession(context, parts);
    await parts.signIn.endAll(user.id, sessionId);
    return context.body(null, 204);
  });

  return routes;
}

function by(context: Context<Environment>, user: User): Author {
  return { actor: `user:${user.id}`, requestId: context.get('requestId') };
}
