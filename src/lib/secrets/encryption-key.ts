import { createHmac, hkdfSync } from 'node:crypto';
import { SecretError } from './errors';

/**
 * Reads ENCRYPTION_KEY.
 *
 * @param key 32 bytes, or the same as 64 hexadecimal digits
 * @throws SecretError `encryption_key_invalid`; its message never contains the key
 */
export function readEncryptionKey(key: string | Uint8Array): Buffer {
  const bytes =
    typeof key !== 'string'
      ? Buffer.from(key)
      : /^[0-9a-f]{64}$/i.test(key)
        ? Buffer.from(key, 'hex')
        : Buffer.alloc(0);
  if (bytes.length === 32) return bytes;
  throw new SecretError('encryption_key_invalid', 'The encryption key is not 32 bytes.', {
    hint: 'Make one with: openssl rand -hex 32',
  });
}

/** A 32-byte key for one purpose, so that no key is used for two (HKDF-SHA-256, RFC 5869). */
export function deriveKey(key: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `marquee/${purpose}`, 32));
}

/** A short name for a key that reveals nothing about the key. */
export function keyFingerprint(key: Uint8Array): string {
  return createHmac('sha256', deriveKey(key, 'key id')).update('id').digest('hex').slice(0, 12);
}
