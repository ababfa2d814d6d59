// Who asks: Authorization header → role and claims.

import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { claimRefused, secretMissing, tokenRequired } from './errors';
import { readKeys, type VerificationKey } from './keys';
import { type ClaimPath, claimAt } from './role-claim';
import { type Claims, checkClaims, verifySignature } from './token';

export { AuthenticationError } from './errors';
export { parseClaimPath } from './role-claim';

export interface AuthenticationOptions {
  /** The bytes of `jwt-secret`, already read from its file and decoded; undefined where there is none. */
  secret: Uint8Array | undefined;
  anonymousRole: string | undefined;
  roleClaimPath: ClaimPath;
  audience: string | undefined;
  /** Verified tokens kept; 0 keeps none. */
  cacheEntries: number;
  /** Incremented by each lookup, if given. */
  cacheCounts?: TokenCacheCounts;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

export interface TokenCacheCounts {
  requests: number;
  hits: number;
  evictions: number;
}

export interface Identity {
  role: string;
  /** JSON of the claims with `role` set, for `request.jwt.claims`. */
  claims: string;
  /** Whether the role is other than the anonymous one: decides between 401 and 403. */
  authenticated: boolean;
}

export interface Authentication {
  /**
   * @param authorization the header; anything but a bearer token counts as none
   * @throws AuthenticationError PGRST300 to PGRST303
   */
  identify(authorization: string | undefined): Identity | Promise<Identity>;
}

/** @throws RestError `jwt_secret_invalid` */
export async function createAuthentication(options: AuthenticationOptions): Promise<Authentication> {
  const keys = options.secret && (await readKeys(options.secret));
  return new TokenAuthentication(options, keys);
}

class TokenAuthentication implements Authentication {
  readonly #anonymous: Identity | undefined;
  readonly #cache: LRUCache<string, { claims: Claims; identity: Identity }> | undefined;

  constructor(
    private readonly options: AuthenticationOptions,
    private readonly keys: readonly VerificationKey[] | undefined,
  ) {
    const role = options.anonymousRole;
    if (role !== undefined) this.#anonymous = this.#identity({}, role);
    const { cacheEntries, cacheCounts } = options;
    if (cacheEntries === 0) return;
    this.#cache = new LRUCache({
      max: cacheEntries,
      dispose(_entry, _digest, reason) {
        if (cacheCounts && reason === 'evict') cacheCounts.evictions += 1;
      },
    });
  }

  identify(authorization: string | undefined): Identity | Promise<Identity> {
    const token = bearerToken(authorization);
    if (token !== undefined) return this.#identifyToken(token);
    if (this.#anonymous) return this.#anonymous;
    throw tokenRequired();
  }

  async #identifyToken(token: string): Promise<Identity> {
    if (!this.keys) throw secretMissing();
    // The cache holds digests: a heap dump must not reveal tokens.
    const digest = this.#cache ? createHash('sha256').update(token).digest('base64') : '';
    const known = this.#cache?.get(digest);
    const { cacheCounts } = this.options;
    if (cacheCounts && digest) {
      cacheCounts.requests += 1;
      if (known) cacheCounts.hits += 1;
    }
    const claims = known?.claims ?? (await verifySignature(token, this.keys));
    const { audience } = this.options;
    const now = Math.floor((this.options.now?.() ?? Date.now()) / 1000);
    checkClaims(claims, now, audience === undefined ? undefined : (name) => name === audience);
    if (known) return known.identity;
    const claimed = claimAt(claims, this.options.roleClaimPath);
    const role = claimed === undefined ? this.options.anonymousRole : roleName(claimed);
    if (role === undefined) throw tokenRequired();
    const identity = this.#identity(claims, role);
    this.#cache?.set(digest, { claims, identity });
    return identity;
  }

  #identity(claims: Claims, role: string): Identity {
    return {
      role,
      claims: JSON.stringify({ ...claims, role }),
      authenticated: role !== this.options.anonymousRole,
    };
  }
}

function roleName(claimed: unknown): string {
  if (typeof claimed === 'string') return claimed;
  const text = JSON.stringify(claimed);
  if (text === undefined) throw claimRefused('Parsing claims failed');
  return text;
}

function bearerToken(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined;
  const space = authorization.indexOf(' ');
  const scheme = space < 0 ? authorization : authorization.slice(0, space);
  if (scheme.toLowerCase() !== 'bearer') return undefined;
  return space < 0 ? '' : authorization.slice(space + 1).trim();
}
