import { createRoute, z } from '@hono/zod-openapi';
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import type { Context } from 'hono';
import type { PasskeyPage } from '@/lib/identity';
import { type AnswerOf, type BodyOf, createRouter, json, jsonBody, SignedToken } from '../api/router';
import { pageUrl } from '../api/services';
import { authorOf, type Environment } from '../context';
import type { ServerDependencies } from '../dependencies';
import { RequestError } from '../errors';
import { requireRecentProof } from '../session';
import { requireAccount } from './account-session';

const Text = z.string().max(20_000);
/** What a browser's WebAuthn API gives; see the types of SimpleWebAuthn. */
const Credential = z.looseObject({
  id: Text,
  rawId: Text,
  type: z.literal('public-key'),
  response: z.looseObject({ clientDataJSON: Text, userHandle: Text.optional() }),
  clientExtensionResults: z.looseObject({}).default({}),
});
export const PasskeyAnswer = z.object({ token: SignedToken, response: Credential });
const NewPasskey = PasskeyAnswer.extend({ name: z.string().trim().min(1).max(100) });
/** For `navigator.credentials`, in its JSON form. */
export const PasskeyOptions = z.object({ options: z.record(z.string(), z.unknown()), token: z.string() });
const Passkey = z
  .object({ id: z.string(), name: z.string(), createdAt: z.string(), lastUsedAt: z.string().nullable() })
  .openapi('Passkey');
const Passkeys = z.object({ passkeys: z.array(Passkey) });

export type PasskeyOptions = AnswerOf<typeof PasskeyOptions>;
export type Passkeys = AnswerOf<typeof Passkeys>;
export type NewPasskey = BodyOf<typeof NewPasskey>;

/** A checked answer as the library takes it: it checks the rest. */
export function signInAnswer(answer: z.infer<typeof PasskeyAnswer>) {
  return answer as { token: string; response: AuthenticationResponseJSON & typeof answer.response };
}

/** The page of a request. @throws RequestError `public_url_unknown` */
export function passkeyPage(context: Context<Environment>): PasskeyPage {
  return { origin: new URL(pageUrl(context)).origin };
}

/** `/api/account/passkeys`: the caller's passkeys. Adding and removing one needs a recent proof. */
export function passkeyRoutes(parts: ServerDependencies) {
  const routes = createRouter();
  const { passkeys } = parts.signIn;

  const list = createRoute({
    method: 'get',
    path: '/',
    tags: ['Account'],
    summary: 'The caller’s passkeys.',
    responses: { 200: json(Passkeys, 'The oldest first.') },
  });
  routes.openapi(list, async (context) => {
    const { user } = await requireAccount(context, parts);
    const all = (await passkeys.list(user)).map(({ id, name, createdAt, lastUsedAt }) => ({
      ...{ id, name, createdAt, lastUsedAt },
    }));
    return context.json({ passkeys: all }, 200);
  });

  const begin = createRoute({
    method: 'post',
    path: '/options',
    tags: ['Account'],
    summary: 'Begins to add a passkey.',
    responses: { 200: json(PasskeyOptions, 'For `navigator.credentials.create`.') },
  });
  routes.openapi(begin, async (context) => {
    const session = await requireAccount(context, parts);
    requireRecentProof(session);
    const request = await passkeys.creation(session.user, passkeyPage(context));
    return context.json({ ...request, options: { ...request.options } }, 200);
  });

  const add = createRoute({
    method: 'post',
    path: '/',
    tags: ['Account'],
    summary: 'Adds a passkey.',
    request: { body: jsonBody(NewPasskey) },
    responses: { 204: { description: 'Added.' } },
  });
  routes.openapi(add, async (context) => {
    const session = await requireAccount(context, parts);
    requireRecentProof(session);
    const { token, response, name } = context.req.valid('json');
    const { user } = session;
    const answer = { token, response: response as unknown as RegistrationResponseJSON };
    const by = authorOf(context, `user:${user.id}`);
    await passkeys.create(user, answer, { page: passkeyPage(context), name, by });
    return context.body(null, 204);
  });

  const remove = createRoute({
    method: 'delete',
    path: '/{id}',
    tags: ['Account'],
    summary: 'Removes a passkey. Other sessions end.',
    request: { params: z.object({ id: z.string().regex(/^[\w-]{1,2000}$/) }) },
    responses: { 204: { description: 'Removed.' } },
  });
  routes.openapi(remove, async (context) => {
    const session = await requireAccount(context, parts);
    requireRecentProof(session);
    const { user, sessionId } = session;
    const by = authorOf(context, `user:${user.id}`);
    if (!(await passkeys.remove(user, context.req.valid('param').id, by))) {
      throw new RequestError('not_found', 'You have no such passkey.');
    }
    await parts.signIn.endAll(user, by, sessionId);
    return context.body(null, 204);
  });

  return routes;
}
