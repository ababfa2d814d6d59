import { randomUUID } from 'node:crypto';
import {
  decodeJwt,
  type JWTPayload,
  type JWTVerifyGetKey,
  errors as joseErrors,
  jwtVerify,
  SignJWT,
} from 'jose';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { MarqueeError } from '@/lib/failures';
import { SecretError } from './errors';
import type { PublicKey } from './signing-key';
import { KeyRing, type OpenTokenKey, type TokenKeys } from './token-keys';

/** The user that an access token authenticates. */
export interface AccessClaims {
  userId: string;
  /** Null for the operator, who has no tenant. */
  tenantId: string | null;
  /** `owner`, `admin`, `manager`, `sales`, `staff`, `viewer` or `operator`. */
  role: string;
  /** The user's `token_version` when the token was signed. A later version in `users` revokes the token. */
  tokenVersion: number;
  /** The session that the token belongs to; undefined for a short-lived token that trusted code signs for itself. */
  sessionId?: string | undefined;
  /** How the user signed in; undefined if unknown. */
  assurance?: Assurance | undefined;
}

/** In the words of Supabase's clients: `aal2` is a password, or a link, and a second factor. */
export interface Assurance {
  level: 'aal1' | 'aal2';
  /** Set if the user has a second factor that this session has not shown. The token is then accepted by `/auth/v1` only. */
  wanted?: 'aal2' | undefined;
  /** `password`, `otp`, `totp`. */
  methods: readonly string[];
  email: string;
}

/** Signs and verifies Marquee's tokens, which are JWTs: access tokens use ES256, purpose tokens HS256. */
export interface Tokens {
  /** The public keys that verify access tokens, as a JSON Web Key Set: of the current, the former and the next signing key. */
  publicKeys(): Promise<{ keys: PublicKey[] }>;
  /** Signs an access token that expires in `ttlSeconds`. */
  signAccessToken(claims: AccessClaims, ttlSeconds: number): Promise<string>;
  /** @throws SecretError `token_invalid`, `token_expired`, `token_wrong_purpose` */
  verifyAccessToken(token: string): Promise<AccessClaims>;
  /**
   * Signs a token for one purpose, such as a link in a mail. Its id lets the receiver accept it only once.
   *
   * @param purpose e.g. `reset-password`; a token for one purpose is refused for another
   * @param data any JSON, but no secrets: the holder of the token can read it
   */
  signPurposeToken(
    purpose: string,
    subject: string,
    data: Record<string, unknown>,
    ttlSeconds: number,
  ): Promise<string>;
  /** @throws SecretError `token_invalid`, `token_expired`, `token_wrong_purpose` */
  verifyPurposeToken(token: string, purpose: string): Promise<PurposeToken>;
}

/** The content of a verified purpose token. */
export interface PurposeToken {
  /** Unique, so that the receiver can refuse a second use. */
  id: string;
  subject: string;
  data: Record<string, unknown>;
  expiresAt: Date;
}

const ISSUER = 'marquee';
/** Number of verified tokens that a process remembers. Each takes about 1 KB. */
const REMEMBERED = 10_000;

const AccessPayload = z.object({
  sub: z.string(),
  tenant_id: z.string().nullish(),
  user_role: z.string(),
  token_version: z.number().int(),
  session_id: z.string().optional(),
  email: z.string().optional(),
  aal: z.enum(['aal1', 'aal2']).optional(),
  next_aal: z.literal('aal2').optional(),
  amr: z.array(z.object({ method: z.string() })).optional(),
  exp: z.number(),
});
const PurposePayload = z.object({
  jti: z.string(),
  sub: z.string(),
  exp: z.number(),
  data: z.record(z.string(), z.unknown()),
});

/**
 * Signs and verifies tokens with stored keys. A token names its key (`kid`), so that the tokens of both keys verify while one replaces
 * the other.
 *
 * @param options.knownMs how long keys are used before they are read again, ms. Default 10,000
 */
export function createTokens(stored: TokenKeys, { knownMs = 10_000 }: { knownMs?: number } = {}): Tokens {
  const verified = new LRUCache<string, { claims: AccessClaims; expiresAt: number }>({ max: REMEMBERED });
  const ring = new KeyRing(stored, knownMs, () => verified.clear());

  /** The key that a token names; only stored keys count. */
  const keyOf =
    (part: (key: OpenTokenKey) => CryptoKey | Buffer): JWTVerifyGetKey =>
    async ({ kid }) => {
      const key = await ring.find(kid);
      if (!key) throw new joseErrors.JWKSNoMatchingKey();
      return part(key);
    };
  const publicKeyOf = keyOf(({ pair }) => pair.publicKey);
  const secretOf = keyOf(({ secret }) => secret);

  return {
    async publicKeys() {
      return { keys: (await ring.all()).map(({ pair }) => pair.jwk) };
    },
    async signAccessToken({ userId, tenantId, role, tokenVersion, sessionId, assurance }, ttlSeconds) {
      const now = Math.floor(Date.now() / 1000);
      const { id: kid, pair } = await ring.signing((now + ttlSeconds) * 1000);
      // Supabase's clients read `role`; Marquee reads `user_role`.
      const payload = {
        sub: userId,
        role: 'authenticated',
        user_role: role,
        token_version: tokenVersion,
        ...(tenantId === null ? {} : { tenant_id: tenantId }),
        ...(sessionId === undefined ? {} : { session_id: sessionId }),
        ...(assurance && {
          email: assurance.email,
          aal: assurance.level,
          ...(assurance.wanted && { next_aal: assurance.wanted }),
          amr: assurance.methods.map((method) => ({ method, timestamp: now })),
        }),
      };
      return issue(payload, 'authenticated', ttlSeconds, now)
        .setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid })
        .sign(pair.privateKey);
    },
    async verifyAccessToken(token) {
      // Forgets the tokens of a key that was revoked meanwhile.
      const refreshing = ring.refresh();
      if (refreshing) await refreshing;
      const known = verified.get(token);
      if (known && known.expiresAt > Date.now()) return known.claims;
      const payload = parse(AccessPayload, await verify(token, publicKeyOf, 'ES256', 'authenticated'));
      const { aal, next_aal: wanted, amr = [], email = '', session_id: sessionId } = payload;
      const claims: AccessClaims = {
        userId: payload.sub,
        tenantId: payload.tenant_id ?? null,
        role: payload.user_role,
        tokenVersion: payload.token_version,
        ...(sessionId === undefined ? {} : { sessionId }),
        ...(aal && {
          assurance: { level: aal, wanted, methods: amr.map(({ method }) => method), email },
        }),
      };
      verified.set(token, { claims, expiresAt: payload.exp * 1000 });
      return claims;
    },
    async signPurposeToken(purpose, subject, data, ttlSeconds) {
      const payload = { sub: subject, jti: randomUUID(), data };
      const now = Math.floor(Date.now() / 1000);
      const { id: kid, secret } = await ring.signing((now + ttlSeconds) * 1000);
      return issue(payload, `purpose:${purpose}`, ttlSeconds, now)
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid })
        .sign(secret);
    },
    async verifyPurposeToken(token, purpose) {
      const audience = `purpose:${purpose}`;
      const { jti, sub, exp, data } = parse(PurposePayload, await verify(token, secretOf, 'HS256', audience));
      return { id: jti, subject: sub, data, expiresAt: new Date(exp * 1000) };
    },
  };
}

/** Whether a token or an API key claims to be issued by Marquee, valid or not. It must not be sent to any other service. */
export function isIssuedHere(token: string): boolean {
  if (token.startsWith('mq_')) return true;
  try {
    return decodeJwt(token).iss === ISSUER;
  } catch {
    return false;
  }
}

function issue(payload: JWTPayload, audience: string, ttlSeconds: number, now: number) {
  return new SignJWT({ ...payload, iss: ISSUER, aud: audience, iat: now, exp: now + ttlSeconds });
}

function parse<T>(schema: z.ZodType<T>, payload: JWTPayload): T {
  const result = schema.safeParse(payload);
  if (result.success) return result.data;
  throw new SecretError('token_invalid', 'The token lacks claims it must have.', { hint: 'Sign in again.' });
}

async function verify(
  token: string,
  key: JWTVerifyGetKey,
  algorithm: string,
  audience: string,
): Promise<JWTPayload> {
  const options = { algorithms: [algorithm], issuer: ISSUER, audience };
  return jwtVerify(token, key, options).then(
    ({ payload }) => payload,
    (failure: unknown) => {
      throw refusal(failure);
    },
  );
}

function refusal(cause: unknown): unknown {
  const hint = 'Sign in again.';
  if (cause instanceof joseErrors.JWTExpired) {
    return new SecretError('token_expired', 'The token has expired.', { hint, cause });
  }
  if (cause instanceof joseErrors.JWTClaimValidationFailed && cause.claim === 'aud') {
    return new SecretError('token_wrong_purpose', 'The token is for another purpose.', { hint, cause });
  }
  // If the keys cannot be read, the token may still be valid.
  if (cause instanceof MarqueeError) return cause;
  return new SecretError('token_invalid', 'The token is not valid.', { hint, cause });
}
