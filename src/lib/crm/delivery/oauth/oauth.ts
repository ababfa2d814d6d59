import * as oauth from 'oauth4webapi';
import { OAuthError } from './errors';

/** A provider's authorization server (RFC 6749 with PKCE, RFC 7636), and what its tokens are for. */
export interface OAuthProvider {
  name: string;
  server: oauth.AuthorizationServer &
    Required<
      Pick<oauth.AuthorizationServer, 'authorization_endpoint' | 'token_endpoint' | 'revocation_endpoint'>
    >;
  /** How a client authenticates: in the form, or in the header. */
  authentication: 'post' | 'basic';
  /** How tokens are given back: as a form (RFC 7009) or as JSON. */
  revokeAs: 'form' | 'json';
  /** The API's base address. */
  apiUrl: string;
  scopes: string[];
  /** Further parameters of the authorization request. */
  parameters?: Record<string, string>;
}

/** From the vendors' documentation. */
export const PROVIDERS = {
  google: {
    name: 'google',
    server: {
      issuer: 'https://accounts.google.com',
      authorization_endpoint: 'https://accounts.google.com/o/oauth2/v2/auth',
      token_endpoint: 'https://oauth2.googleapis.com/token',
      revocation_endpoint: 'https://oauth2.googleapis.com/revoke',
    },
    authentication: 'post',
    revokeAs: 'form',
    apiUrl: 'https://www.googleapis.com/calendar/v3',
    scopes: ['https://www.googleapis.com/auth/calendar.events'],
    parameters: { access_type: 'offline', prompt: 'consent' },
  },
  quickbooks: {
    name: 'quickbooks',
    server: {
      issuer: 'https://oauth.platform.intuit.com/op/v1',
      authorization_endpoint: 'https://appcenter.intuit.com/connect/oauth2',
      token_endpoint: 'https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer',
      revocation_endpoint: 'https://developer.api.intuit.com/v2/oauth2/tokens/revoke',
    },
    authentication: 'basic',
    revokeAs: 'json',
    apiUrl: 'https://quickbooks.api.intuit.com/v3',
    scopes: ['com.intuit.quickbooks.accounting'],
  },
} as const satisfies Record<string, OAuthProvider>;

/** What the provider knows Marquee by. */
type Registration = Pick<OAuthClient, 'clientId' | 'clientSecret'>;

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

const TIMEOUT_MS = 15_000;
/** Where the provider does not say how long a token is good. */
const DEFAULT_LIFETIME_SECONDS = 3600;

/** Proves at the exchange of the code that it is the same client that began; kept with the state until then. */
export const newVerifier = oauth.generateRandomCodeVerifier;

/** Where to send the person to connect. @param state comes back with them */
export async function authorizationUrl(
  { server, scopes, parameters }: OAuthProvider,
  { clientId, redirectUrl }: Pick<OAuthClient, 'clientId' | 'redirectUrl'>,
  { state, verifier }: { state: string; verifier: string },
): Promise<string> {
  const url = new URL(server.authorization_endpoint);
  url.search = new URLSearchParams({
    ...parameters,
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUrl,
    scope: scopes.join(' '),
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }).toString();
  return url.toString();
}

/**
 * Exchanges the code that the person came back with. The caller has checked the state.
 *
 * @throws OAuthError `oauth_refused`, `oauth_unreachable`
 */
export function exchangeCode(
  provider: OAuthProvider,
  client: OAuthClient,
  code: string,
  verifier: string,
): Promise<OAuthTokens> {
  const redirect_uri = client.redirectUrl;
  return requestTokens(provider, client, 'authorization_code', {
    code,
    redirect_uri,
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
  client: Registration,
  { refreshToken }: OAuthTokens,
): Promise<OAuthTokens> {
  if (!refreshToken) throw refused(provider);
  const fresh = await requestTokens(provider, client, 'refresh_token', { refresh_token: refreshToken });
  return { refreshToken, ...fresh };
}

/** Revokes tokens at the provider. Resolves also if it does not answer: they are deleted here in any case. */
export async function revokeTokens(
  provider: OAuthProvider,
  client: Registration,
  { accessToken, refreshToken }: OAuthTokens,
): Promise<void> {
  const options = provider.revokeAs === 'json' ? { [oauth.customFetch]: sendJson } : {};
  await oauth
    .revocationRequest(...contextOf(provider, client), refreshToken ?? accessToken, {
      ...optionsFor(provider),
      ...options,
    })
    .catch(() => {});
}

async function requestTokens(
  provider: OAuthProvider,
  client: Registration,
  grant: string,
  parameters: Record<string, string>,
): Promise<OAuthTokens> {
  const [server, id, authentication] = contextOf(provider, client);
  const response = await oauth
    .genericTokenEndpointRequest(server, id, authentication, grant, parameters, optionsFor(provider))
    .catch((cause) => {
      throw unreachable(`${provider.name} does not answer.`, cause);
    });
  if (response.status === 400 || response.status === 401) throw refused(provider);
  const tokens = await oauth.processGenericTokenEndpointResponse(server, id, response).catch((cause) => {
    throw unreachable(`${provider.name} answered ${response.status} without tokens.`, cause);
  });
  const seconds = tokens.expires_in ?? DEFAULT_LIFETIME_SECONDS;
  return {
    accessToken: tokens.access_token,
    ...(tokens.refresh_token ? { refreshToken: tokens.refresh_token } : {}),
    expiresAt: Date.now() + seconds * 1000,
    scopes: tokens.scope?.split(' ').filter(Boolean) ?? [],
  };
}

function contextOf({ server, authentication }: OAuthProvider, { clientId, clientSecret }: Registration) {
  const authenticate = { post: oauth.ClientSecretPost, basic: oauth.ClientSecretBasic }[authentication];
  return [server, { client_id: clientId }, authenticate(clientSecret)] as const;
}

/** Only tests have providers without TLS. */
function optionsFor({ server }: OAuthProvider) {
  return {
    signal: () => AbortSignal.timeout(TIMEOUT_MS),
    [oauth.allowInsecureRequests]: server.token_endpoint.startsWith('http:'),
  };
}

function sendJson(
  url: string,
  options: oauth.CustomFetchOptions<'POST', URLSearchParams>,
): Promise<Response> {
  const { method, headers, body, redirect, signal = null } = options;
  return fetch(url, {
    ...{ method, redirect, signal },
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(Object.fromEntries(body)),
  });
}

function unreachable(message: string, cause: unknown): OAuthError {
  return new OAuthError('oauth_unreachable', message, { hint: 'Try again in a minute.', cause });
}

function refused(provider: OAuthProvider): OAuthError {
  return new OAuthError('oauth_refused', `${provider.name} no longer accepts this connection.`, {
    hint: 'Connect it again under Settings, Integrations.',
  });
}
