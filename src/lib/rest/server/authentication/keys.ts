// Keys to verify signatures with: a secret, one JSON Web Key, or a set of them.
import { createSecretKey, type KeyObject } from 'node:crypto';
import { type CryptoKey, importJWK, type JWK } from 'jose';
import { RestError } from '../../errors';

export interface VerificationKey {
  /** Key id, to be chosen by a token's header. */
  id: string | undefined;
  /** The only algorithm to be used with the key; undefined where its type allows several. */
  algorithm: string | undefined;
  /** `oct`, `RSA`, `EC` or `OKP`. */
  type: string;
  key: CryptoKey | KeyObject | Uint8Array;
}

const ALGORITHM_OF_TYPE: Record<string, string> = { oct: 'HS256', RSA: 'RS256', EC: 'ES256', OKP: 'EdDSA' };

/**
 * Reads `jwt-secret`: a JWKS, a JWK, or the bytes of a secret for HS256.
 *
 * @throws RestError `jwt_secret_invalid`
 */
export async function readKeys(secret: Uint8Array): Promise<VerificationKey[]> {
  const keys = jsonWebKeys(secret);
  if (keys) return Promise.all(keys.map(importKey));
  if (secret.length < 32) {
    throw new RestError('jwt_secret_invalid', 'The JWT secret must be at least 32 characters long.', {
      hint: 'Make one with: openssl rand -base64 32',
    });
  }
  return [{ id: undefined, algorithm: 'HS256', type: 'oct', key: createSecretKey(secret) }];
}

function jsonWebKeys(secret: Uint8Array): JWK[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(secret).toString('utf8'));
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  if ('keys' in parsed && Array.isArray(parsed.keys)) return parsed.keys;
  return 'kty' in parsed ? [parsed as JWK] : undefined;
}

async function importKey(jwk: JWK): Promise<VerificationKey> {
  const type = jwk.kty ?? '';
  try {
    const curve: Record<string, string> = { 'P-384': 'ES384', 'P-521': 'ES512' };
    const usual = (jwk.crv && curve[jwk.crv]) ?? ALGORITHM_OF_TYPE[type];
    // A verification key needs no permissions but its own; what else the JWK says of its use would be refused.
    const { key_ops: _operations, use: _use, ...material } = jwk;
    return {
      id: jwk.kid,
      algorithm: jwk.alg,
      type,
      key: await importJWK(material, jwk.alg ?? usual),
    };
  } catch (cause) {
    throw new RestError(
      'jwt_secret_invalid',
      `A JSON Web Key of type "${type}" in the JWT secret cannot be used.`,
      {
        hint: 'Give public keys (or a symmetric "oct" key) as RFC 7517 describes.',
        cause,
      },
    );
  }
}
