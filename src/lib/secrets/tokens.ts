import { randomUUID } from 'node:crypto';
import {
  type CryptoKey,
  type JWTPayload,
  type JWTVerifyGetKey,
  errors as joseErrors,
  jwtVerify,
  SignJWT,
} from 'jose';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { deriveKey, readEncryptionKey } from './encryption-key';
import { SecretError } from './errors';
import { deriveSigningKey, type PublicKey } from './signing-key';

/** Whom an access token speaks for. */
export interface AccessClaims {
  userId: string;
  /** Null for the operator, who has no tenant. */
  tenantId: string | null;
  /** `owner`, `admin`, `manager`, `sales`, `staff`, `viewer` or `operator`. */
  role: string;
  /** The user's `token_version` when it was signed: a later one in `users` revokes it. */
  tokenVersion: number;
  /** The session it belongs to; undefined for what trusted code signs for itself for a moment. */
  sessionId?: string | undefined;
  /** How the user signed in; left out where that is not known. */
  assurance?: Assurance | undefined;
}

/** In the words of Supabase's clients: `aal2` is a password, or a link, and a second factor. */
export interface Assurance {
  level: 'aal1' | 'aal2';
  /** Where the user has a second factor that this session has not shown: the token opens nothing but `/auth/v1`. */
  wanted?: 'aal2' | undefined;
  /** `password`, `otp`, `totp`. */
  methods: readonly string[];
  email: string;
}

/** Signs and verifies Marquee's tokens: JWTs, access tokens with ES256, those for one purpose with HS256. */
export interface Tokens {
  /** What verifies access tokens, as a JSON Web Key Set: the key in force and the previous ones. */
  publicKeys(): Promise<{ keys: PublicKey[] }>;
  /** A user's session, for `ttlSeconds` from now. */
  signAccessToken(claims: AccessClaims, ttlSeconds: number): Promise<string>;
  /** @throws SecretError `token_invalid`, `token_expired`, `token_wrong_purpose` */
  verifyAccessToken(token: string): Promise<AccessClaims>;
  /**
   * A token good for one thing, such as a link in a mail. Each has an id, by which the receiver may use it once.
   *
   * @param purpose e.g. `reset-password`; a token of one purpose is refused for another
   * @param data anything of JSON, not secret: who holds the token can read it
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

export interface PurposeToken {
  id: string;
  subject: string;
  data: Record<string, unknown>;
  expiresAt: Date;
}

const ISSUER = 'marquee';
/** Tokens of one process that were verified a moment ago. Each is about 1 KB. */
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
 * Tokens signed with keys derived from ENCRYPTION_KEY.
 *
 * @param options.key signs and verifies: ENCRYPTION_KEY, 32 bytes or 64 hexadecimal digits
 * @param options.previousKeys verify only, until the tokens signed with them have expired
 * @throws SecretError `encryption_key_invalid`
 */
export function createTokens(options: {
  key: string | Uint8Array;
  previousKeys?: readonly (string | Uint8Array)[];
}): Tokens {
  const keys = [options.key, ...(options.previousKeys ?? [])].map(readEncryptionKey);
  const secrets = keys.map((key) => deriveKey(key, 'tokens'));
  // Made when they are first needed: deriving one takes a millisecond.
  let pairs: Promise<Awaited<ReturnType<typeof deriveSigningKey>>[]> | undefined;
  const signingKeys = () => (pairs ??= Promise.all(keys.map(deriveSigningKey)));
  const verified = new LRUCache<string, { claims: AccessClaims; expiresAt: number }>({ max: REMEMBERED });

  const publicKeyOf: JWTVerifyGetKey = async ({ kid }) => {
    const all = await signingKeys();
    // One that is not ours fails by its signature.
    return (all.find((one) => one.kid === kid) ?? all[0])?.publicKey as CryptoKey;
  };

  return {
    async publicKeys() {
      return { keys: (await signingKeys()).map(({ jwk }) => jwk) };
    },
    async signAccessToken({ userId, tenantId, role, tokenVersion, sessionId, assurance }, ttlSeconds) {
      const [key] = await signingKeys();
      if (!key) throw new Error('There is no signing key.');
      const now = Math.floor(Date.now() / 1000);
      // `role` is what Supabase's clients look at; the product reads `user_role`.
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
        .setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid: key.kid })
        .sign(key.privateKey);
    },
    async verifyAccessToken(token) {
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
    signPurposeToken(purpose, subject, data, ttlSeconds) {
      const payload = { sub: subject, jti: randomUUID(), data };
      return issue(payload, `purpose:${purpose}`, ttlSeconds)
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .sign(secrets[0] as Buffer);
    },
    async verifyPurposeToken(token, purpose) {
      const audience = `purpose:${purpose}`;
      const { jti, sub, exp, data } = parse(PurposePayload, await verifyWithAny(secrets, audience, token));
      return { id: jti, subject: sub, data, expiresAt: new Date(exp * 1000) };
    },
  };
}

function issue(
  payload: JWTPayload,
  audience: string,
  ttlSeconds: number,
  now = Math.floor(Date.now() / 1000),
) {
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

async function verifyWithAny(
  [key, ...others]: readonly Buffer[],
  audience: string,
  token: string,
): Promise<JWTPayload> {
  try {
    return await verify(token, () => key as Buffer, 'HS256', audience);
  } catch (error) {
    // Any other failure means that this key did sign it.
    const isForeign = (error as SecretError).cause instanceof joseErrors.JWSSignatureVerificationFailed;
    if (!isForeign || others.length === 0) throw error;
    return verifyWithAny(others, audience, token);
  }
}

function refusal(cause: unknown): SecretError {
  const hint = 'Sign in again.';
  if (cause instanceof joseErrors.JWTExpired) {
    return new SecretError('token_expired', 'The token has expired.', { hint, cause });
  }
  if (cause instanceof joseErrors.JWTClaimValidationFailed && cause.claim === 'aud') {
    return new SecretError('token_wrong_purpose', 'The token is for another purpose.', { hint, cause });
  }
  return new SecretError('token_invalid', 'The token is not valid.', { hint, cause });
}
