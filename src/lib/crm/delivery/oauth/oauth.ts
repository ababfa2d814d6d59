import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { OAuthError } from './errors';

/** Where a provider's OAuth 2.0 (RFC 6749 with PKCE, RFC 7636) lives. */
export interface OAuthProvider {
  name: string;
  authorizeUrl: string;
  tokenUrl: string;
  /** Where tokens are given back (RFC 7009), as a form or as JSON. */
  revokeUrl: string;
  revokeAs: 'form' | 'json';
  /** What the tokens open. */
  apiUrl: string;
  scopes: string[];
  /** Further parameters of the authorisation request. */
  parameters?: Record<string, string>;
}

/** From the vendors' documentation. */
export const PROVIDERS = {
  google: {
    name: 'google',
    authorizeUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
    tokenUrl: 'https://oauth2.googleapis.com/token',
    revokeUrl: 'https://oauth2.googleapis.com/revoke',
    revokeAs: 'form',
    apiUrl: 'https://www.googleapis.com/calendar/v3',
    scopes: ['https://www.googleapis.com/auth/calendar.events'],
    parameters: { access_type: 'offline', prompt: 'consent' },
  },
  quickbooks: {
    name: 'quickbooks',
    authorizeUrl: 'https://appcenter.intuit.com/connect/oauth2',
    tokenUrl: 'https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer',
    revokeUrl: 'https://developer.api.intuit.com/v2/oauth2/tokens/revoke',
    revokeAs: 'json',
    apiUrl: 'https://quickbooks.api.intuit.com/v3',
    scopes: ['com.intuit.quickbooks.accounting'],
  },
} as const satisfies Record<string, OAuthProvider>;

export interface OAuthClient {
  clientId: string;
  clientSecret: string;
  redirectUrl: string;
}

export interface OAuthTokens {
  accessToken: string;
  refreshToken?: string;
  /** Unix milliseconds. */
  expiresAt: number;
  scopes: string[];
}

export { OAuthError };

const TokenAnswer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().optional(),
  expires_in: z.number().positive().default(3600),
  scope: z.string().default(''),
});

/** Begins a connection: where to send the person, and what to keep (in their session) until they come back. */
export function beginAuthorization(
  provider: OAuthProvider,
  client: OAuthClient,
): { url: string; state: string; verifier: string } {
  const state = randomBytes(24).toString('base64url');
  const verifier = randomBytes(32).toString('base64url');
  const url = new URL(provider.authorizeUrl);
  url.search = new URLSearchParams({
    ...provider.parameters,
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: client.redirectUrl,
    scope: provider.scopes.join(' '),
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  return { url: url.toString(), state, verifier };
}

/** Ends a connection with the code the person came back with. @throws OAuthError `oauth_refused`, `oauth_unreachable` */
export function exchangeCode(
  provider: OAuthProvider,
  client: OAuthClient,
  code: string,
  verifier: string,
): Promise<OAuthTokens> {
  return askTokens(provider, client, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: client.redirectUrl,
    code_verifier: verifier,
  });
}

/**
 * New tokens for old. A provider may send a new refresh token, which then replaces the old one.
 *
 * @throws OAuthError `oauth_refused`: the person has to connect again; `oauth_unreachable`: try again later
 */
export async function refreshTokens(
  provider: OAuthProvider,
  client: OAuthClient,
  tokens: OAuthTokens,
): Promise<OAuthTokens> {
  const { refreshToken } = tokens;
  if (!refreshToken) throw refused(provider);
  const fresh = await askTokens(provider, client, {
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
  });
  return { ...fresh, refreshToken: fresh.refreshToken ?? refreshToken };
}

/** Gives tokens back to the provider. Resolves also where it does not answer: we forget them all the same. */
export async function revokeTokens(
  provider: OAuthProvider,
  client: Pick<OAuthClient, 'clientId' | 'clientSecret'>,
  tokens: OAuthTokens,
): Promise<void> {
  const token = tokens.refreshToken ?? tokens.accessToken;
  const isJson = provider.revokeAs === 'json';
  await fetch(provider.revokeUrl, {
    method: 'POST',
    body: isJson ? JSON.stringify({ token }) : new URLSearchParams({ token }),
    headers: {
      authorization: basicAuthorization(client),
      ...(isJson ? { 'content-type': 'application/json' } : {}),
    },
    signal: AbortSignal.timeout(15_000),
  }).catch(() => {});
}

function basicAuthorization({ clientId, clientSecret }: Pick<OAuthClient, 'clientId' | 'clientSecret'>) {
  const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

async function askTokens(
  provider: OAuthProvider,
  client: OAuthClient,
  form: Record<string, string>,
): Promise<OAuthTokens> {
  const response = await fetch(provider.tokenUrl, {
    method: 'POST',
    body: new URLSearchParams(form),
    headers: { authorization: basicAuthorization(client), accept: 'application/json' },
    signal: AbortSignal.timeout(15_000),
  }).catch((cause) => {
    throw new OAuthError('oauth_unreachable', `${provider.name} does not answer.`, {
      hint: 'Try again in a minute.',
      cause,
    });
  });
  if (response.status === 400 || response.status === 401) throw refused(provider);
  const answer = TokenAnswer.safeParse(await response.json().catch(() => undefined));
  if (!response.ok || !answer.success) {
    throw new OAuthError('oauth_unreachable', `${provider.name} answered ${response.status} without tokens.`);
  }
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds, scope } = answer.data;
  const scopes = scope.split(' ').filter(Boolean);
  return {
    accessToken,
    ...(refreshToken ? { refreshToken } : {}),
    expiresAt: Date.now() + seconds * 1000,
    scopes,
  };
}

function refused(provider: OAuthProvider): OAuthError {
  return new OAuthError('oauth_refused', `${provider.name} no longer accepts this connection.`, {
    hint: 'Connect it again under Settings, Integrations.',
  });
}
