import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

/** A key pair of Ed25519 (RFC 8032). */
export interface Ed25519Key {
  privateKey: KeyObject;
  publicKey: KeyObject;
  /** The public key, 32 bytes. */
  raw: Buffer;
}

/** The bytes that precede the key itself in DER (RFC 8410). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

/** The key pair that follows from a seed. @param seed 32 bytes: fewer throw (an error of OpenSSL), further ones are ignored */
export function ed25519Key(seed: Uint8Array): Ed25519Key {
  const der = { format: 'der', type: 'pkcs8' } as const;
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), ...der });
  const publicKey = createPublicKey(privateKey);
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI_HEAD.length);
  return { privateKey, publicKey, raw };
}

/** A public key from its bytes. @param raw 32 bytes: fewer throw (an error of OpenSSL), further ones are ignored */
export function ed25519PublicKey(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_HEAD, raw]), format: 'der', type: 'spki' });
}
