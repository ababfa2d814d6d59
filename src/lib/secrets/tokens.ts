import { randomUUID } from 'node:crypto';
import { type JWTPayload, errors as joseErrors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { deriveKey, readEncryptionKey } from './encryption-key';
import { SecretError } from './errors';

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
}

/** Signs and verifies Marquee's tokens (JWT, HS256). */
export interface Tokens {
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

const AccessPayload = z.object({
  sub: z.string(),
  tenant_id: z.string().nullish(),
  user_role: z.string(),
  token_version: z.number().int(),
  session_id: z.string().optional(),
});
const PurposePayload = z.object({
  jti: z.string(),
  sub: z.string(),
  exp: z.number(),
  data: z.record(z.string(), z.unknown()),
});

/**
 * Tokens signed with a key derived from ENCRYPTION_KEY.
 *
 * @param options.key signs and verifies: ENCRYPTION_KEY, 32 bytes or 64 hexadecimal digits
 * @param options.previousKeys verify only, until the tokens signed with them have expired
 * @throws SecretError `encryption_key_invalid`
 */
export function createTokens(options: {
  key: string | Uint8Array;
  previousKeys?: readonly (string | Uint8Array)[];
}): Tokens {
  const derive = (key: string | Uint8Array) => deriveKey(readEncryptionKey(key), 'tokens');
  const signingKey = derive(options.key);
  const keys = [signingKey, ...(options.previousKeys ?? []).map(derive)];

  const sign = (audience: string, payload: JWTPayload, ttlSeconds: number) => {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ ...payload, iss: ISSUER, aud: audience, iat: now, exp: now + ttlSeconds })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .sign(signingKey);
  };

  async function verify<T>(audience: string, schema: z.ZodType<T>, token: string): Promise<T> {
    const payload = await verifyWithAny(keys, audience, token);
    const result = schema.safeParse(payload);
    if (result.success) return result.data;
    throw new SecretError('token_invalid', 'The token lacks claims it must have.', {
      hint: 'Sign in again.',
    });
  }

  return {
    signAccessToken({ userId, tenantId, role, tokenVersion, sessionId }, ttlSeconds) {
      // `role` is what Supabase's clients look at; the product reads `user_role`.
      const payload = {
        sub: userId,
        role: 'authenticated',
        user_role: role,
        token_version: tokenVersion,
        ...(tenantId === null ? {} : { tenant_id: tenantId }),
        ...(sessionId === undefined ? {} : { session_id: sessionId }),
      };
      return sign('authenticated', payload, ttlSeconds);
    },
    async verifyAccessToken(token) {
      const payload = await verify('authenticated', AccessPayload, token);
      return {
        userId: payload.sub,
        tenantId: payload.tenant_id ?? null,
        role: payload.user_role,
        tokenVersion: payload.token_version,
        ...(payload.session_id === undefined ? {} : { sessionId: payload.session_id }),
      };
    },
    signPurposeToken: (purpose, subject, data, ttlSeconds) =>
      sign(`purpose:${purpose}`, { sub: subject, jti: randomUUID(), data }, ttlSeconds),
    async verifyPurposeToken(token, purpose) {
      const { jti, sub, exp, data } = await verify(`purpose:${purpose}`, PurposePayload, token);
      return { id: jti, subject: sub, data, expiresAt: new Date(exp * 1000) };
    },
  };
}

async function verifyWithAny(keys: readonly Buffer[], audience: string, token: string): Promise<JWTPayload> {
  let failure: unknown;
  for (const key of keys) {
    try {
      const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'], issuer: ISSUER, audience });
      return payload;
    } catch (error) {
      failure = error;
      // Any other failure means that this key did sign it.
      if (!(error instanceof joseErrors.JWSSignatureVerificationFailed)) break;
    }
  }
  throw refusal(failure);
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
