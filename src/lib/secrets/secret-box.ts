import { createHmac, randomBytes } from 'node:crypto';
import { seal, unseal } from './aead';
import { ENVELOPE_VERSION, readEnvelope, writeEnvelope } from './envelope';
import { SecretError, tampered } from './errors';
import { contextBytes, type KeyProvider, type SecretContext } from './key-provider';

export interface SecretBoxOptions {
  /** Whose key encrypts from now on. */
  provider: KeyProvider;
  /** Keys that secrets may still be encrypted under; `rewrap` brings them to `provider`'s. */
  previousProviders?: readonly KeyProvider[];
  /** 32 bytes; the local provider brings its own. */
  fingerprintKey?: Uint8Array;
}

/** Encrypts and decrypts secrets that stand in a database column. */
export interface SecretBox {
  /**
   * @param text the secret, any string
   * @param context whose it is and which column will hold it
   * @returns the envelope to store
   * @throws SecretError `secret_provider_failed`
   */
  encrypt(text: string, context: SecretContext): Promise<string>;
  /**
   * @throws SecretError `secret_malformed`, `secret_key_unknown` (encrypted under a key that is not configured),
   *   `secret_tampered` (changed, or moved from another row or column), `secret_provider_failed`
   */
  decrypt(envelope: string, context: SecretContext): Promise<string>;
  /**
   * The secret under the current key: a new envelope, or the same one where it is under that key already.
   *
   * @throws SecretError as `decrypt`
   */
  rewrap(envelope: string, context: SecretContext): Promise<string>;
  /** 16 hexadecimal digits that are equal for equal secrets under one ENCRYPTION_KEY; for logs and audit. */
  fingerprint(text: string): string;
}

/**
 * Envelope encryption: each secret has a data key of its own (AES-256-GCM), which the provider's key encryption key
 * wraps. Version, key id, fingerprint, owner and column are bound in as associated data.
 *
 * @throws SecretError `encryption_key_invalid` without a fingerprint key
 */
export function createSecretBox(
  options: SecretBoxOptions & { provider: { fingerprintKey?: Uint8Array } },
): SecretBox {
  const { provider, previousProviders = [] } = options;
  const fingerprintKey = options.fingerprintKey ?? provider.fingerprintKey;
  if (!fingerprintKey) {
    throw new SecretError(
      'encryption_key_invalid',
      `The key provider ${provider.keyId} has no fingerprint key.`,
      {
        hint: 'Pass fingerprintKey, as openSecrets does.',
      },
    );
  }
  const providers = new Map([...previousProviders, provider].map((each) => [each.keyId, each]));

  const fingerprint = (text: string) =>
    createHmac('sha256', fingerprintKey).update(text).digest('hex').slice(0, 16);

  const box: SecretBox = {
    fingerprint,

    async encrypt(text, context) {
      const dataKey = randomBytes(32);
      const header = { keyId: provider.keyId, fingerprint: fingerprint(text) };
      const wrappedKey = Buffer.from(await provider.wrap(dataKey, context));
      const sealed = seal(dataKey, Buffer.from(text), associatedData(header, context));
      dataKey.fill(0);
      return writeEnvelope({ ...header, wrappedKey, ...sealed });
    },

    async decrypt(envelope, context) {
      const { wrappedKey, iv, sealed, ...header } = readEnvelope(envelope);
      const keeper = providers.get(header.keyId);
      if (!keeper) {
        throw new SecretError(
          'secret_key_unknown',
          `The secret in ${context.column} of ${context.owner} is encrypted under key ${header.keyId}, which is not configured.`,
          { hint: 'Set ENCRYPTION_KEY as it was, or list the old key in PREVIOUS_ENCRYPTION_KEYS.' },
        );
      }
      const dataKey = Buffer.from(await keeper.unwrap(wrappedKey, context));
      const text = unseal(dataKey, iv, sealed, associatedData(header, context));
      dataKey.fill(0);
      if (!text) throw tampered(context);
      return text.toString();
    },

    async rewrap(envelope, context) {
      if (readEnvelope(envelope).keyId === provider.keyId) return envelope;
      return box.encrypt(await box.decrypt(envelope, context), context);
    },
  };
  return box;
}

function associatedData(header: { keyId: string; fingerprint: string }, context: SecretContext): Buffer {
  return contextBytes(context, ENVELOPE_VERSION, header.keyId, header.fingerprint);
}
