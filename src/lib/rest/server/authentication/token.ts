// A token's signature and the registered claims.
import { compactVerify, decodeProtectedHeader, errors } from 'jose';
import { claimRefused, notDecodable } from './errors';
import type { VerificationKey } from './keys';

export type Claims = Record<string, unknown>;

/** Clocks may differ by this much, in seconds. */
const ALLOWED_SKEW = 30;
const ALGORITHMS: Record<string, RegExp> = {
  oct: /^HS(256|384|512)$/,
  RSA: /^(RS|PS)(256|384|512)$/,
  EC: /^ES(256|384|512)$/,
  OKP: /^(EdDSA|Ed25519)$/,
};

/**
 * The claims of a token whose signature one of the keys verifies.
 *
 * @throws AuthenticationError PGRST301, or PGRST303 where the claims are no JSON object
 */
export async function verifySignature(token: string, keys: readonly VerificationKey[]): Promise<Claims> {
  if (token === '') throw notDecodable('Empty JWT is sent in Authorization header');
  const parts = token.split('.').length;
  if (parts !== 3) throw notDecodable(`Expected 3 parts in JWT; got ${parts}`);
  const { algorithm, keyId } = readHeader(token);
  const suitable = keys.filter((key) => {
    if (keyId !== undefined && key.id !== undefined && key.id !== keyId) return false;
    return key.algorithm ? key.algorithm === algorithm : ALGORITHMS[key.type]?.test(algorithm);
  });
  for (const key of suitable) {
    const payload = await tryKey(token, key, algorithm);
    if (payload) return parseClaims(payload);
  }
  throw notDecodable('No suitable key or wrong key type', 'None of the keys was able to decode the JWT');
}

function readHeader(token: string): { algorithm: string; keyId: string | undefined } {
  let header: ReturnType<typeof decodeProtectedHeader>;
  try {
    header = decodeProtectedHeader(token);
  } catch {
    throw notDecodable('JWT cryptographic operation failed');
  }
  const algorithm = header.alg ?? '';
  if (algorithm === 'none') {
    throw notDecodable(
      'Wrong or unsupported encoding algorithm',
      "JWT is unsecured but expected 'alg' was not 'none'",
    );
  }
  return { algorithm, keyId: header.kid };
}

async function tryKey(
  token: string,
  key: VerificationKey,
  algorithm: string,
): Promise<Uint8Array | undefined> {
  try {
    return (await compactVerify(token, key.key, { algorithms: [algorithm] })).payload;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function parseClaims(payload: Uint8Array): Claims {
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload).toString('utf8'));
    if (typeof claims === 'object' && claims !== null && !Array.isArray(claims)) return claims as Claims;
  } catch {
    // not JSON: refused below
  }
  throw claimRefused('Parsing claims failed');
}

/**
 * Refuses claims that may not be used now, or by us.
 *
 * @param now seconds since the epoch
 * @param audience whom `aud` must name; undefined accepts any
 * @throws AuthenticationError PGRST303
 */
export function checkClaims(
  claims: Claims,
  now: number,
  audience: ((name: string) => boolean) | undefined,
): void {
  const expires = numericClaim(claims, 'exp');
  if (expires !== undefined && now - ALLOWED_SKEW > expires) throw claimRefused('JWT expired');
  const notBefore = numericClaim(claims, 'nbf');
  if (notBefore !== undefined && now + ALLOWED_SKEW < notBefore) throw claimRefused('JWT not yet valid');
  const issuedAt = numericClaim(claims, 'iat');
  if (issuedAt !== undefined && now + ALLOWED_SKEW < issuedAt) throw claimRefused('JWT issued at future');
  const audiences = audienceClaim(claims);
  if (audiences && audience && audiences.length > 0 && !audiences.some(audience)) {
    throw claimRefused('JWT not in audience');
  }
}

function numericClaim(claims: Claims, name: 'exp' | 'nbf' | 'iat'): number | undefined {
  const value = claims[name] ?? undefined;
  if (value === undefined || typeof value === 'number') return value;
  throw claimRefused(`The JWT '${name}' claim must be a number`);
}

function audienceClaim(claims: Claims): string[] | undefined {
  const value = claims.aud ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value === 'string') return [value];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw claimRefused("The JWT 'aud' claim must be a string or an array of strings");
}
