// Single sign-on: a company's own OpenID provider says who its people are (OpenID Connect, authorization code with PKCE).
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import * as openid from 'openid-client';
import type { ApplicationDatabase, SingleSignOn as Settings, Tenant, User } from '@/lib/application';
import { type AddressRule, isThisMachine } from '@/lib/network';
import type { Tokens } from '@/lib/secrets';
import { IdentityError } from './errors';
import { providerFetch } from './provider-fetch';
import { recordRefusal, recordSignIn } from './sign-in-record';
import { accountOf, type ProviderClaims } from './sign-on-account';
import type { UsedTokens } from './used-tokens';

/** Seconds from the redirect to the provider until its answer. */
export const SIGN_ON_LIFETIME = 600;
/** How long a provider's description and keys are used, ms. */
const KNOWN_MS = 10 * 60_000;
/** How old the provider's own sign-in may be where the user has to prove who they are, seconds. */
const FRESH_SECONDS = 60;
const PURPOSE = 'single-sign-on';

/** Where the browser was, and where the provider sends it. */
export interface SignOnRequest {
  /** Registered at the provider. */
  redirectUri: string;
  /** The page to return to. */
  from: string;
  /** The user has to sign in at the provider again, also where they are signed in there. */
  again: boolean;
}

export interface SignedOn {
  user: User;
  from: string;
  /** Whether the provider checked a second factor. */
  secondFactor: boolean;
  /** When the user proved who they are at the provider. */
  provedAt: Date;
}

export class SingleSignOn {
  readonly #known = new LRUCache<string, Promise<openid.Configuration>>({ max: 500, ttl: KNOWN_MS });

  constructor(
    private readonly application: ApplicationDatabase,
    private readonly parts: { tokens: Tokens; usedTokens: UsedTokens; rule: AddressRule },
  ) {}

  /** Finds the provider. @throws IdentityError `single_sign_on_invalid` */
  async check({ issuer, clientId }: Settings, secret: string | undefined): Promise<void> {
    await this.#discover(issuer, clientId, secret).catch((cause: unknown) => {
      throw new IdentityError('single_sign_on_invalid', `No identity provider was found at ${issuer}.`, {
        cause,
      });
    });
  }

  /**
   * Begins a sign-in.
   *
   * @returns the provider's page, and a token that the browser keeps until the answer
   * @throws IdentityError `single_sign_on_not_set_up`, `single_sign_on_failed`
   */
  async begin(tenant: Tenant, request: SignOnRequest): Promise<{ url: string; token: string }> {
    const { provider } = await this.#provider(tenant);
    const { redirectUri: redirect_uri, from, again } = request;
    const verifier = openid.randomPKCECodeVerifier();
    const [state, nonce] = [openid.randomState(), openid.randomNonce()];
    const url = openid.buildAuthorizationUrl(provider, {
      ...{ redirect_uri, scope: 'openid email profile', state, nonce },
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(again && { prompt: 'login', max_age: String(FRESH_SECONDS) }),
    });
    const data = { verifier, state, nonce, from, again };
    const token = await this.parts.tokens.signPurposeToken(PURPOSE, tenant.id, data, SIGN_ON_LIFETIME);
    return { url: url.href, token };
  }

  /**
   * The user of the provider's answer, with an account of the company, which may be a new one.
   *
   * @param answer the token of `begin`, and the address to which the provider sent the browser
   * @throws IdentityError `single_sign_on_not_set_up`, `single_sign_on_failed`, `single_sign_on_refused`
   */
  async finish(
    tenant: Tenant,
    answer: { token: string; redirectedTo: URL },
    address: string,
  ): Promise<SignedOn> {
    const { settings, provider } = await this.#provider(tenant);
    const begun = await this.#begun(tenant, answer.token);
    const claims = await claimsOf(provider, answer.redirectedTo, begun).catch((cause: unknown) => {
      throw failed(cause);
    });
    const account = await accountOf(this.application, tenant, settings, claims);
    if ('reason' in account) {
      const { reason, userId } = account;
      const attempt = { tenantId: tenant.id, email: claims.email ?? '', userId, address, reason };
      await recordRefusal(this.application, attempt);
      throw new IdentityError(
        'single_sign_on_refused',
        'You have no account here, and get none by signing in.',
      );
    }
    const user = await recordSignIn(this.application, account.user, { address, method: 'sso' });
    return {
      user,
      from: begun.from,
      secondFactor: claims.amr?.includes('mfa') ?? false,
      // A provider that does not say when may have asked long ago.
      provedAt: new Date((claims.auth_time ?? 0) * 1000),
    };
  }

  /** What the browser kept, which is used up. */
  async #begun(tenant: Tenant, token: string) {
    const begun = await this.parts.tokens.verifyPurposeToken(token, PURPOSE).catch((cause: unknown) => {
      throw failed(cause);
    });
    // Begun at another company, or answered already.
    if (begun.subject !== tenant.id || !(await this.parts.usedTokens.take(begun))) throw failed();
    return begun.data as { verifier: string; state: string; nonce: string; from: string; again: boolean };
  }

  async #provider(tenant: Tenant): Promise<{ settings: Settings; provider: openid.Configuration }> {
    const { singleSignOn } = this.application;
    const settings = await singleSignOn.find(tenant.id);
    if (!settings) {
      throw new IdentityError(
        'single_sign_on_not_set_up',
        'This company has no identity provider of its own.',
      );
    }
    const secret = await singleSignOn.secret(tenant.id);
    const key = createHash('sha256')
      .update(JSON.stringify([settings.issuer, settings.clientId, secret]))
      .digest('hex');
    let provider = this.#known.get(key);
    if (!provider) {
      provider = this.#discover(settings.issuer, settings.clientId, secret);
      this.#known.set(key, provider);
      provider.catch(() => this.#known.delete(key));
    }
    return { settings, provider: await provider.catch((cause: unknown) => Promise.reject(failed(cause))) };
  }

  #discover(issuer: string, clientId: string, secret: string | undefined): Promise<openid.Configuration> {
    const url = new URL(issuer);
    const isHere = url.protocol === 'http:' && isThisMachine(url.hostname);
    return openid.discovery(
      url,
      clientId,
      secret,
      secret === undefined ? openid.None() : openid.ClientSecretPost(secret),
      {
        [openid.customFetch]: providerFetch(this.parts.rule) as unknown as openid.CustomFetch,
        // Without encryption only on this machine, where the operator allows that at all.
        execute: isHere ? [openid.allowInsecureRequests] : [],
        timeout: 10,
      },
    );
  }
}

/** Exchanges the answer's code. Claims of the ID token stand above those of the user info. */
async function claimsOf(
  provider: openid.Configuration,
  redirectedTo: URL,
  { verifier, state, nonce, again }: { verifier: string; state: string; nonce: string; again: boolean },
): Promise<ProviderClaims> {
  const tokens = await openid.authorizationCodeGrant(provider, redirectedTo, {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
    ...(again && { maxAge: FRESH_SECONDS }),
  });
  const claims = tokens.claims();
  if (!claims) throw new Error('The provider gave no ID token.');
  const { userinfo_endpoint } = provider.serverMetadata();
  const more = userinfo_endpoint ? await openid.fetchUserInfo(provider, tokens.access_token, claims.sub) : {};
  return { ...more, ...claims } as ProviderClaims;
}

function failed(cause?: unknown): IdentityError {
  return new IdentityError('single_sign_on_failed', 'Your company’s sign-in did not work.', { cause });
}
