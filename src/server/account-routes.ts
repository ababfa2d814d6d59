import { createHash, randomBytes } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import { hash } from '@node-rs/argon2';
import type { Context } from 'hono';
import { TOTP } from 'otpauth';
import type { Author, User } from '@/lib/application';
import { createRouter, json, jsonBody } from './api/router';
import { type Environment, requireSession, type ServerParts } from './context';
import { RequestError } from './errors';
import { startSession } from './session-routes';
import { normalRecoveryCode } from './sign-in';

const ISSUER = 'Marquee';
const RECOVERY_CODES = 10;
/** Seconds between asking for a second factor and showing its first code. */
const ENROLMENT_LIFETIME = 900;
const ENROLMENT = 'second-factor';

const Password = z.string().min(1).max(1000);
const NewPassword = z.object({ current: Password, password: z.string().min(10).max(1000) });
const Confirmation = z.object({ token: z.string().max(4000), code: z.string().max(10), current: Password });
const Removal = z.object({ current: Password });

/**
 * `/api/account`: one's own password and second factor. Each change asks for the password again, since a session may have been
 * left open, and ends every other session.
 */
export function accountRoutes(parts: ServerParts) {
  const routes = createRouter();
  const { users } = parts.application;

  const changePassword = createRoute({
    method: 'post',
    path: '/password',
    tags: ['Account'],
    summary: 'Changes one’s password. Other sessions end.',
    request: { body: jsonBody(NewPassword) },
    responses: { 204: { description: 'Changed.' } },
  });
  routes.openapi(changePassword, async (context) => {
    const { user } = await requireSession(context, parts);
    const { current, password } = context.req.valid('json');
    await parts.signIn.confirmPassword(user, current, context.env.address);
    const renewed = await users.setPassword(user.id, await hash(password), by(context, user));
    await startSession(context, parts, renewed);
    return context.body(null, 204);
  });

  // Nothing is kept before the first code has been shown: whoever stops here signs in as before.
  const enrol = createRoute({
    method: 'post',
    path: '/second-factor',
    tags: ['Account'],
    summary: 'Begins to set up a second factor.',
    responses: {
      201: json(
        z.object({
          secret: z.string(),
          uri: z.string().openapi({ description: 'For a QR code.' }),
          token: z.string().openapi({ description: 'For confirming, for a quarter of an hour.' }),
        }),
        'Nothing is kept before it is confirmed.',
      ),
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
      200: json(z.object({ recoveryCodes: z.array(z.string()) }), 'Codes for a lost phone: shown once.'),
    },
  });
  routes.openapi(confirm, async (context) => {
    const { user } = await requireSession(context, parts);
    const { token, code, current } = context.req.valid('json');
    await parts.signIn.confirmPassword(user, current, context.env.address);
    const { subject, data } = await parts.tokens.verifyPurposeToken(token, ENROLMENT);
    const secret = String(data.secret);
    if (subject !== user.id || new TOTP({ secret }).validate({ token: code, window: 1 }) === null) {
      throw new RequestError('code_wrong', 'The code is not right.', {
        hint: 'Codes change every 30 seconds.',
      });
    }
    const codes = Array.from({ length: RECOVERY_CODES }, recoveryCode);
    await users.setTotpSecret(user.id, secret, by(context, user));
    const hashes = codes.map((one) => createHash('sha256').update(normalRecoveryCode(one)).digest('hex'));
    const renewedUser = await users.confirmTotp(user.id, hashes, by(context, user));
    await startSession(context, parts, renewedUser);
    // Shown once: only their hashes are kept.
    return context.json({ recoveryCodes: codes }, 200);
  });

  const remove = createRoute({
    method: 'post',
    path: '/second-factor/remove',
    tags: ['Account'],
    summary: 'Takes the second factor away. Other sessions end.',
    request: { body: jsonBody(Removal) },
    responses: { 204: { description: 'Taken away.' } },
  });
  routes.openapi(remove, async (context) => {
    const { user } = await requireSession(context, parts);
    const { current } = context.req.valid('json');
    await parts.signIn.confirmPassword(user, current, context.env.address);
    await startSession(context, parts, await users.setTotpSecret(user.id, null, by(context, user)));
    return context.body(null, 204);
  });

  return routes;
}

function by(context: Context<Environment>, user: User): Author {
  return { actor: `user:${user.id}`, requestId: context.get('requestId') };
}

/** 50 bits, as people write them down: `ab3d5-efgh7`. */
function recoveryCode(): string {
  // 32 of them, so that each byte's rest is as likely as any other; none that look alike.
  const letters = 'abcdefghijkmnpqrstuvwxyz23456789';
  const text = Array.from(randomBytes(10), (byte) => letters[byte % letters.length]).join('');
  return `${text.slice(0, 5)}-${text.slice(5)}`;
}
