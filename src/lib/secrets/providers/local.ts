import { seal, unseal } from '../aead';
import { deriveKey, keyFingerprint, readEncryptionKey } from '../encryption-key';
import { tampered } from '../errors';
import { contextBytes, type KeyProvider } from '../key-provider';

export interface LocalKeyProvider extends KeyProvider {
  readonly fingerprintKey: Uint8Array;
}

const IV_BYTES = 12;

/**
 * Wraps data keys in this process, with a key derived from ENCRYPTION_KEY.
 *
 * @param key 32 bytes, or 64 hexadecimal digits
 * @throws SecretError `encryption_key_invalid`
 */
export function localKeyProvider(key: string | Uint8Array): LocalKeyProvider {
  const encryptionKey = readEncryptionKey(key);
  return {
    ...wrapWith(deriveKey(encryptionKey, 'key encryption'), `local:${keyFingerprint(encryptionKey)}`),
    fingerprintKey: deriveKey(encryptionKey, 'fingerprint'),
  };
}

/** A provider from a key encryption key that is held in memory. Wrapped: IV, ciphertext, tag. */
export function wrapWith(keyEncryptionKey: Uint8Array, keyId: string): KeyProvider {
  return {
    keyId,
    async wrap(dataKey, context) {
      const { iv, sealed } = seal(keyEncryptionKey, dataKey, contextBytes(context, keyId));
      return Buffer.concat([iv, sealed]);
    },
    async unwrap(wrapped, context) {
      const iv = wrapped.subarray(0, IV_BYTES);
      const dataKey = unseal(keyEncryptionKey, iv, wrapped.subarray(IV_BYTES), contextBytes(context, keyId));
      if (!dataKey) throw tampered(context);
      return dataKey;
    },
  };
}
