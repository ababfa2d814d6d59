// The key pair that signs access tokens: P-256, derived from the seed of a token key, so every process has the same pair.
import { createECDH, hkdfSync } from 'node:crypto';
import { type CryptoKey, calculateJwkThumbprint, importJWK } from 'jose';

/** The public key that other programs verify access tokens with (RFC 7517). */
export interface PublicKey {
  kty: 'EC';
  crv: 'P-256';
  x: string;
  y: string;
  alg: 'ES256';
  use: 'sig';
  key_ops: ['verify'];
  kid: string;
}

export interface SigningKey {
  /** The key's thumbprint (RFC 7638). */
  kid: string;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
  jwk: PublicKey;
}

/** The order of the curve's group. */
const ORDER = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');

export async function deriveSigningKey(seed: Uint8Array): Promise<SigningKey> {
  // The number has 64 bits more than the order, so that the remainder is practically uniform (FIPS 186-5, A.2.1).
  const bytes = Buffer.from(hkdfSync('sha256', seed, Buffer.alloc(0), 'marquee/access tokens ES256', 40));
  const scalar = (BigInt(`0x${bytes.toString('hex')}`) % (ORDER - 1n)) + 1n;
  const secret = Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex');
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(secret);
  const point = curve.getPublicKey();
  const [x, y] = [point.subarray(1, 33).toString('base64url'), point.subarray(33).toString('base64url')];
  const shared = { kty: 'EC', crv: 'P-256', x, y } as const;
  const kid = await calculateJwkThumbprint(shared);
  const [privateKey, publicKey] = await Promise.all([
    importJWK({ ...shared, d: secret.toString('base64url') }, 'ES256'),
    importJWK(shared, 'ES256'),
  ]);
  return {
    kid,
    privateKey: privateKey as CryptoKey,
    publicKey: publicKey as CryptoKey,
    jwk: { ...shared, alg: 'ES256', use: 'sig', key_ops: ['verify'], kid },
  };
}
