import { createRoute, z } from '@hono/zod-openapi';
import { LONGEST_PASSWORD } from '@/lib/identity';
import { type AnswerOf, type BodyOf, createRouter, json, jsonBody } from '../api/router';
import type { ServerDependencies } from '../dependencies';
import { RequestError } from '../errors';
import { requireAccount } from './account-session';
import { PasskeyAnswer, PasskeyOptions, passkeyPage, signInAnswer } from './passkeys';

const WAYS = ['password', 'code', 'passkey', 'single-sign-on'] as const;
const Ways = z.object({
  ways: z.array(z.enum(WAYS)).openapi({
    description: '`code`: of the second factor. `single-sign-on`: by signing in there again.',
  }),
});
const Proof = z
  .object({
    password: z.string().min(1).max(LONGEST_PASSWORD),
    /** Six digits, or one of the recovery codes. */
    code: z.string().min(1).max(20),
    passkey: PasskeyAnswer,
  })
  .partial()
  .refine((proof) => Object.values(proof).filter((value) => value !== undefined).length === 1, {
    message: 'give one of password, code and passkey',
  });

export type ProofWays = AnswerOf<typeof Ways>;
export type Proof = BodyOf<typeof Proof>;

/** `/api/account/proof`: the caller proves once more who they are, before a dangerous action. */
export function proofRoutes(parts: ServerDependencies) {
  const routes = createRouter();
  const { authentication, passkeys } = parts.signIn;

  const ways = createRoute({
    method: 'get',
    path: '/',
    tags: ['Account'],
    summary: 'How the caller can prove who they are.',
    responses: { 200: json(Ways, 'At least one.') },
  });
  routes.openapi(ways, async (context) => {
    const { user, record } = await requireAccount(context, parts);
    const [known, hasPassword] = await Promise.all([passkeys.list(user), authentication.isPasswordSet(user)]);
    const offered: Record<(typeof WAYS)[number], boolean> = {
      passkey: known.length > 0,
      code: user.totpConfirmedAt !== null,
      // With a second factor, a password alone proves too little.
      password: hasPassword && user.totpConfirmedAt === null,
      'single-sign-on': record?.method === 'sso',
    };
    return context.json({ ways: WAYS.filter((way) => offered[way]) }, 200);
  });

  const options = createRoute({
    method: 'post',
    path: '/passkey-options',
    tags: ['Account'],
    summary: 'Begins a proof by passkey.',
    responses: { 200: json(PasskeyOptions, 'For `navigator.credentials.get`.') },
  });
  routes.openapi(options, async (context) => {
    const { user } = await requireAccount(context, parts);
    const request = await passkeys.proof(user, passkeyPage(context));
    return context.json({ ...request, options: { ...request.options } }, 200);
  });

  const prove = createRoute({
    method: 'post',
    path: '/',
    tags: ['Account'],
    summary:
      'Proves who the caller is, for a quarter of an hour. By a code or a passkey, where there is a second factor.',
    request: { body: jsonBody(Proof) },
    responses: { 204: { description: 'Proved.' } },
  });
  routes.openapi(prove, async (context) => {
    const { user, sessionId } = await requireAccount(context, parts);
    const { password, code, passkey } = context.req.valid('json');
    const { address } = context.env;
    if (passkey) await passkeys.prove(user, signInAnswer(passkey), { page: passkeyPage(context), address });
    else if (user.totpConfirmedAt && code) await authentication.checkCode(user, code, address);
    else if (!user.totpConfirmedAt && password) await authentication.confirmPassword(user, password, address);
    else {
      throw new RequestError('forbidden', 'This does not prove who you are.', {
        hint: user.totpConfirmedAt ? 'Enter a code of your authenticator.' : 'Enter your password.',
      });
    }
    if (sessionId !== undefined) await parts.signIn.prove(user, sessionId);
    return context.body(null, 204);
  });

  return routes;
}
