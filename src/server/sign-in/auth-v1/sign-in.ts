import { createHash, timingSafeEqual } from 'node:crypto';
import { Hono } from 'hono';
import { z } from 'zod';
import type { Environment } from '../../context';
import type { ServerDependencies } from '../../dependencies';
import { counted } from '../browser-session';
import { AuthError, invalid } from './errors';
import { redeem } from './redeem';
import {
  type AuthContext,
  by,
  Email,
  namedTenant,
  placeOf,
  readBody,
  requireUser,
  tenantOf,
} from './request';
import { sessionOf } from './user';

const Password = z.object({ email: Email.optional(), phone: z.string().optional(), password: z.string() });
const Refresh = z.object({ refresh_token: z.string() });
const Exchange = z.object({ auth_code: z.string(), code_verifier: z.string() });
const SignUp = z.object({ email: z.string().nullish(), phone: z.string().nullish() });

/** `/token`, `/logout`, and refusals of sign-in methods that are not offered. */
export function signInRoutes(parts: ServerDependencies): Hono<Environment> {
  const routes = new Hono<Environment>();

  routes.post('/token', (context) => {
    const grant = context.req.query('grant_type');
    switch (grant) {
      case 'password':
        return byPassword(context, parts);
      case 'refresh_token':
        return byRefreshToken(context, parts);
      case 'pkce':
        return byCode(context, parts);
      case 'id_token':
      case 'web3':
        throw new AuthError(400, 'provider_disabled', 'This way to sign in is not offered');
    }
    throw invalid('grant_type must be password, refresh_token or pkce');
  });

  routes.post('/logout', async (context) => {
    const { user, sessionId } = await requireUser(context, parts);
    const scope = context.req.query('scope') ?? 'global';
    const author = by(context, user);
    if (scope === 'global') await parts.signIn.endAll(user, author);
    else if (scope === 'others') await parts.signIn.endAll(user, author, sessionId);
    else if (scope === 'local') await parts.signIn.end(user, sessionId, 'signed_out', author);
    else throw invalid(`Unsupported logout scope ${JSON.stringify(scope)}`);
    return context.body(null, 204);
  });

  routes.all('/signup', async (context) => {
    const { email, phone } = await readBody(context, SignUp);
    if (phone) throw phoneDisabled('Phone signups are disabled');
    if (!email) throw new AuthError(422, 'anonymous_provider_disabled', 'Anonymous sign-ins are disabled');
    throw new AuthError(422, 'signup_disabled', 'Signups not allowed for this instance: people are invited');
  });
  routes.all('/authorize', () => {
    throw invalid('Unsupported provider: provider is not enabled');
  });
  routes.all('/sso', () => {
    throw new AuthError(422, 'saml_provider_disabled', 'SAML 2.0 is disabled');
  });
  for (const path of ['/passkeys', '/passkeys/*']) {
    routes.all(path, () => {
      throw new AuthError(422, 'provider_disabled', 'Passkeys are not offered');
    });
  }
  routes.all('/user/identities/*', () => {
    throw new AuthError(422, 'manual_linking_disabled', 'Manual linking is disabled');
  });
  return routes;
}

export function phoneDisabled(message: string): AuthError {
  return new AuthError(422, 'phone_provider_disabled', message);
}

async function byPassword(context: AuthContext, parts: ServerDependencies): Promise<Response> {
  const { email, password } = await readBody(context, Password);
  if (email === undefined) throw phoneDisabled('Phone logins are disabled');
  const { id: tenantId } = await tenantOf(context, parts);
  const { address } = context.env;
  const credentials = { tenantId, email, password, address };
  const user = await counted(
    parts,
    parts.signIn.authentication.authenticate(credentials, { secondFactorLater: true }),
  );
  return context.json(sessionOf(user, await parts.signIn.beginClientSession(user, placeOf(context))));
}

async function byRefreshToken(context: AuthContext, parts: ServerDependencies): Promise<Response> {
  const { refresh_token: token } = await readBody(context, Refresh);
  const named = await namedTenant(context, parts);
  const { user, tokens } = await parts.signIn
    .refresh(token, context.env.address, named?.id)
    .catch((error: { code?: string }) => {
      const isUnknown = error.code === 'not_signed_in' || error.code?.startsWith('token_');
      if (!isUnknown) throw error;
      throw new AuthError(400, 'refresh_token_not_found', 'Invalid Refresh Token: Refresh Token Not Found');
    });
  return context.json(sessionOf(user, tokens));
}

/** Exchanges the code of a link that a client requested (RFC 7636). */
async function byCode(context: AuthContext, parts: ServerDependencies): Promise<Response> {
  const { auth_code: code, code_verifier: verifier } = await readBody(context, Exchange);
  const taken = await parts.signIn.codes.takeToken(['pkce'], code);
  const challenge = taken?.data.challenge;
  if (!taken || !challenge) {
    throw new AuthError(404, 'flow_state_not_found', 'invalid flow state, no valid flow state found');
  }
  const hash = (text: string) => createHash('sha256').update(text).digest();
  const shown = challenge.method === 's256' ? hash(verifier).toString('base64url') : verifier;
  if (!timingSafeEqual(hash(shown), hash(challenge.text))) {
    throw new AuthError(
      400,
      'bad_code_verifier',
      'code challenge does not match previously saved code verifier',
    );
  }
  return context.json(await redeem(context, parts, taken));
}
