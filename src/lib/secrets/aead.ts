import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM under a fresh random IV. Returns IV and ciphertext with its tag appended. */
export function seal(
  key: Uint8Array,
  text: Uint8Array,
  associatedData: Uint8Array,
): { iv: Buffer; sealed: Buffer } {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(associatedData);
  return { iv, sealed: Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]) };
}

/** The text, or undefined when key, IV, ciphertext or associated data are not those it was sealed with. */
export function unseal(
  key: Uint8Array,
  iv: Uint8Array,
  sealed: Uint8Array,
  associatedData: Uint8Array,
): Buffer | undefined {
  if (iv.length !== IV_BYTES || sealed.length < TAG_BYTES || key.length !== 32) return undefined;
  const cipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(associatedData);
  cipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([cipher.update(sealed.subarray(0, -TAG_BYTES)), cipher.final()]);
  } catch {
    return undefined;
  }
}
