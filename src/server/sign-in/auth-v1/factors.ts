import { Hono } from 'hono';
import encodeQR from 'qr';
import { z } from 'zod';
import type { User } from '@/lib/application';
import { newTotp } from '@/lib/identity';
import type { Environment } from '../../context';
import type { ServerDependencies } from '../../dependencies';
import { requireRecentProof } from '../../session';
import { AuthError } from './errors';
import { by, readBody, requireUser } from './request';
import { sessionOf } from './user';

const CHALLENGE = 'mfa-challenge';
/** Seconds. */
const CHALLENGE_LIFETIME = 300;

const Enrolment = z.object({
  factor_type: z.string(),
  friendly_name: z.string().max(200).nullish(),
  issuer: z.string().max(200).nullish(),
});
const Shown = z.object({ challenge_id: z.string().max(4000), code: z.string().max(20) });

/** `/factors`: a user's second factor, which is one authenticator. */
export function factorRoutes(parts: ServerDependencies): Hono<Environment> {
  const routes = new Hono<Environment>();
  const { users } = parts.application;

  const requireFactor = async (user: User, id: string) => {
    if (id === user.id && (user.totpConfirmedAt || (await users.totpSecret(user.id)))) return;
    throw new AuthError(404, 'mfa_factor_not_found', 'Factor not found');
  };

  for (const path of ['/factors/recovery-codes', '/factors/recovery-codes/*'])
    routes.all(path, recoveryCodes);

  routes.post('/factors', async (context) => {
    const session = await requireUser(context, parts, {});
    requireRecentProof(session);
    const { user } = session;
    const { factor_type: type, friendly_name: name, issuer } = await readBody(context, Enrolment);
    if (type !== 'totp') {
      const code = ['phone', 'webauthn'].includes(type)
        ? `mfa_${type}_enroll_not_enabled`
        : 'validation_failed';
      throw new AuthError(422, code, 'The only factor is an authenticator: factorType "totp"');
    }
    const { secret, uri } = newTotp(user, issuer || undefined);
    if (!(await users.beginTotp(user.id, secret, by(context, user)))) {
      throw new AuthError(
        422,
        'too_many_enrolled_mfa_factors',
        'There is an authenticator already: unenroll it first',
      );
    }
    return context.json({
      id: user.id,
      type: 'totp',
      friendly_name: name ?? '',
      totp: { qr_code: encodeQR(uri, 'svg'), secret, uri },
    });
  });

  routes.post('/factors/:id/challenge', async (context) => {
    const { user, sessionId } = await requireUser(context, parts, { mayLackSecondFactor: true });
    await requireFactor(user, context.req.param('id'));
    const id = await parts.tokens.signPurposeToken(CHALLENGE, sessionId, {}, CHALLENGE_LIFETIME);
    return context.json({ id, type: 'totp', expires_at: Math.floor(Date.now() / 1000) + CHALLENGE_LIFETIME });
  });

  routes.post('/factors/:id/verify', async (context) => {
    const session = await requireUser(context, parts, { mayLackSecondFactor: true });
    const { user, sessionId } = session;
    await requireFactor(user, context.req.param('id'));
    // A first code puts the factor in force; later ones are a proof themselves.
    if (!user.totpConfirmedAt) requireRecentProof(session);
    const { challenge_id: challenge, code } = await readBody(context, Shown);
    const { subject } = await parts.tokens
      .verifyPurposeToken(challenge, CHALLENGE)
      .catch(() => ({ subject: undefined }));
    if (subject !== sessionId) {
      throw new AuthError(
        422,
        'mfa_challenge_expired',
        'MFA challenge has expired, verify against another challenge or create a new challenge.',
      );
    }
    const { signIn } = parts;
    const shown = user.totpConfirmedAt
      ? { user, tokens: await signIn.showSecondFactor(user, sessionId, code, context.env.address) }
      : await signIn.confirmSecondFactor(user, sessionId, code, by(context, user));
    return context.json(sessionOf(shown.user, shown.tokens));
  });

  routes.delete('/factors/:id', async (context) => {
    const session = await requireUser(context, parts, { mayLackSecondFactor: false });
    const { user, sessionId } = session;
    await requireFactor(user, context.req.param('id'));
    requireRecentProof(session);
    const without = await users.setTotpSecret(user.id, null, by(context, user));
    await parts.signIn.keepSession(without, sessionId, by(context, user));
    return context.json({ id: user.id });
  });

  return routes;
}

function recoveryCodes(): never {
  throw new AuthError(
    422,
    'mfa_recovery_codes_enroll_not_enabled',
    'Recovery codes are made in the application; mfa.verify takes one instead of six digits',
  );
}
