import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { deriveKey, keyFingerprint, readEncryptionKey } from './encryption-key';
import { SecretError } from './errors';

/** Makes and unwraps data keys. The key encryption keys never leave the provider. */
export interface KeyProvider {
  /** Id of the key that wraps new data keys; letters, digits, `-`, `_`, `:`, `/`. */
  readonly keyId: string;
  /** Prefixes of the ids of all keys that the provider can unwrap with. */
  readonly opens: readonly string[];
  /**
   * A new data key of 32 bytes, in the clear and wrapped.
   *
   * @param context associated data: unwrapping with another context fails
   * @throws SecretError `key_provider_*`
   */
  newDataKey(context: string): Promise<{ dataKey: Buffer; wrapped: Buffer }>;
  /** @throws SecretError `envelope_unknown_key`, `envelope_tampered`, `key_provider_*` */
  unwrap(keyId: string, wrapped: Buffer, context: string): Promise<Buffer>;
  /** The version of the key that wrapped a data key; empty for keys without versions. */
  versionOf?(keyId: string, wrapped: Buffer): string;
  /**
   * Wraps the data key with the latest version of its key.
   *
   * @returns undefined if the data key is already wrapped with that version
   * @throws SecretError as `unwrap`
   */
  rewrap?(keyId: string, wrapped: Buffer, context: string): Promise<Buffer | undefined>;
}

/** Prefix of the ids of keys that this process holds itself. */
export const LOCAL_KEY_PREFIX: string = 'local:';

const DATA_KEY_BYTES = 32;
const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts with AES-256-GCM. @returns iv, tag, ciphertext */
export function seal(key: Buffer, plain: Buffer, context: string): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv).setAAD(Buffer.from(context));
  const text = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), text]);
}

/** The inverse of `seal`. @throws SecretError `envelope_tampered` */
export function unseal(key: Buffer, sealed: Buffer, context: string): Buffer {
  try {
    const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, IV_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(context)).setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
  } catch {
    throw new SecretError(
      'envelope_tampered',
      'The secret was changed, or belongs to another tenant, column or key.',
      {
        hint: 'Restore the row from a backup, or enter the secret again.',
      },
    );
  }
}

/**
 * A provider of keys that this process holds itself, from `ENCRYPTION_KEY`.
 *
 * @param current hex of the key that wraps new secrets
 * @param former hex of keys that older secrets may still be wrapped with, during a rotation
 * @throws SecretError `encryption_key_invalid`
 */
export function createLocalKeyProvider(current: string, former: readonly string[] = []): KeyProvider {
  const entries = [...former, current].map((hex) => {
    const key = readEncryptionKey(hex);
    return [`${LOCAL_KEY_PREFIX}${keyFingerprint(key)}`, deriveKey(key, 'key encryption')] as const;
  });
  const keys = new Map(entries);
  const keyId = entries.at(-1)?.[0] ?? '';
  const keyFor = (id: string) => {
    const key = keys.get(id);
    if (key) return key;
    throw new SecretError(
      'envelope_unknown_key',
      `The secret was encrypted with key ${id}, which is not here.`,
      {
        hint: 'Set ENCRYPTION_KEY as it was, or list the old key in PREVIOUS_ENCRYPTION_KEYS.',
      },
    );
  };
  return {
    keyId,
    opens: [...keys.keys()],
    async newDataKey(context) {
      const dataKey = randomBytes(DATA_KEY_BYTES);
      return { dataKey, wrapped: seal(keyFor(keyId), dataKey, context) };
    },
    unwrap: async (id, wrapped, context) => unseal(keyFor(id), wrapped, context),
  };
}
