// A certified OpenID provider (oidc-provider) on this machine, whose sign-in page lets the named account in at once.
import { createServer } from 'node:http';
import { after } from 'node:test';
import { type AccountClaims, Provider } from 'oidc-provider';

export interface Person extends Record<string, unknown> {
  email?: string;
  email_verified?: boolean;
  name?: string;
  groups?: string[];
}

export const CLIENT = { client_id: 'marquee', client_secret: 'secret of the client, 32 characters' };

export interface IdentityProvider {
  issuer: string;
  /** By subject. Claims may be changed between sign-ins. */
  people: Record<string, Person>;
  /** Who is at its sign-in page, and by which factors it lets them in. */
  next: { subject: string; amr: string[] };
  /** What was asked for at its authorization endpoint. */
  requests: URLSearchParams[];
}

/** Ended after the test file. */
export async function startIdentityProvider(redirectUris: string[]): Promise<IdentityProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  const issuer = `http://127.0.0.1:${port}`;
  const state: IdentityProvider = { issuer, people: {}, next: { subject: '', amr: ['pwd'] }, requests: [] };
  const provider = new Provider(issuer, {
    clients: [{ ...CLIENT, redirect_uris: redirectUris, token_endpoint_auth_method: 'client_secret_post' }],
    claims: {
      ...{ acr: null, amr: null, auth_time: null, iss: null, sid: null },
      ...{ openid: ['sub', 'groups', 'amr'], email: ['email', 'email_verified'], profile: ['name'] },
    },
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ['of the test'] },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: async () => ({ sub, ...state.people[sub] }) as AccountClaims,
    }),
    async loadExistingGrant({ oidc }) {
      const grant = new provider.Grant({
        clientId: oidc.client?.clientId ?? '',
        accountId: oidc.session?.accountId ?? '',
      });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  server.on('request', (request, response) => {
    const url = new URL(request.url ?? '/', issuer);
    if (url.pathname === '/auth') state.requests.push(url.searchParams);
    if (!url.pathname.startsWith('/interaction/')) return answer(request, response);
    const { subject, amr } = state.next;
    return provider.interactionFinished(
      request,
      response,
      { login: { accountId: subject, amr, remember: false } },
      { mergeWithLastSubmission: false },
    );
  });
  return state;
}
