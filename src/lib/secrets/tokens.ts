import { hkdfSync } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { SecretError } from './errors';

/** Whom an access token speaks for. */
export interface AccessTokenClaims {
  userId: string;
  /** Undefined for the operator, who has no tenant. */
  tenantId?: string;
  /** owner, admin, manager, sales, staff, viewer; operator. */
  userRole: string;
  /** The user's `token_version`: raising it revokes every token. */
  tokenVersion: number;
}

/** Signs and verifies Marquee's tokens (JWT, HS256). */
export interface Tokens {
  /** @param lifetime seconds */
  signAccessToken(claims: AccessTokenClaims, lifetime: number): Promise<string>;
  /** @throws SecretError `token_invalid`, `token_expired` */
  verifyAccessToken(token: string): Promise<AccessTokenClaims>;
  /** A tenant's key for its own servers (`service`) or for signing in (`anon`), as Supabase's keys: it does not expire. */
  signTenantKey(kind: TenantKeyKind, tenantId: string): Promise<string>;
  verifyTenantKey(token: string): Promise<{ kind: TenantKeyKind; tenantId: string }>;
  /** A token for one purpose (password reset, second factor), with text of the caller's. @param lifetime seconds */
  signPurpose(purpose: string, subject: string, lifetime: number): Promise<string>;
  /** @returns the subject */
  verifyPurpose(purpose: string, token: string): Promise<string>;
}

export type TenantKeyKind = 'anon' | 'service';

const ISSUER = 'marquee';
const AccessPayload = z.object({
  sub: z.string(),
  tenant_id: z.string().optional(),
  user_role: z.string(),
  token_version: z.number(),
});
const KeyPayload = z.object({ role: z.enum(['anon', 'tenant_service']), tenant_id: z.string() });

/** @param key `ENCRYPTION_KEY`: the signing key is derived from it and is another one */
export function createTokens(options: { key: string }): Tokens {
  const secret = new Uint8Array(hkdfSync('sha256', options.key, '', 'marquee tokens', 32));

  const sign = (payload: Record<string, unknown>, audience: string, lifetime?: number) => {
    const token = new SignJWT(payload)
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer(ISSUER)
      .setAudience(audience)
      .setIssuedAt();
    if (lifetime !== undefined) token.setExpirationTime(Math.floor(Date.now() / 1000) + lifetime);
    return token.sign(secret);
  };
  const verify = async <T>(token: string, audience: string, shape: z.ZodType<T>): Promise<T> => {
    try {
      const { payload } = await jwtVerify(token, secret, { issuer: ISSUER, audience, algorithms: ['HS256'] });
      return shape.parse(payload);
    } catch (cause) {
      const expired = cause instanceof errors.JWTExpired;
      throw new SecretError(
        expired ? 'token_expired' : 'token_invalid',
        expired ? 'The token has expired.' : 'The token is not valid.',
        {
          hint: 'Sign in again.',
          cause,
        },
      );
    }
  };

  return {
    signAccessToken: ({ userId, tenantId, userRole, tokenVersion }, lifetime) =>
      sign(
        // `role` is what Supabase clients look at; the product reads `user_role`.
        {
          sub: userId,
          role: 'authenticated',
          tenant_id: tenantId,
          user_role: userRole,
          token_version: tokenVersion,
        },
        'authenticated',
        lifetime,
      ),
    async verifyAccessToken(token) {
      const payload = await verify(token, 'authenticated', AccessPayload);
      return {
        userId: payload.sub,
        ...(payload.tenant_id ? { tenantId: payload.tenant_id } : {}),
        userRole: payload.user_role,
        tokenVersion: payload.token_version,
      };
    },
    signTenantKey: (kind, tenantId) =>
      sign({ role: kind === 'service' ? 'tenant_service' : 'anon', tenant_id: tenantId }, 'tenant-key'),
    async verifyTenantKey(token) {
      const payload = await verify(token, 'tenant-key', KeyPayload);
      return { kind: payload.role === 'anon' ? 'anon' : 'service', tenantId: payload.tenant_id };
    },
    signPurpose: (purpose, subject, lifetime) => sign({ sub: subject }, `purpose:${purpose}`, lifetime),
    verifyPurpose: async (purpose, token) =>
      (await verify(token, `purpose:${purpose}`, z.object({ sub: z.string() }))).sub,
  };
}
