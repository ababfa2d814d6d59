import { createHmac } from 'node:crypto';
import { deriveKey, readEncryptionKey } from './encryption-key';
import { SecretError } from './errors';
import { type KeyProvider, seal, unseal } from './key-provider';

/** The row and column that a secret belongs to. An envelope that is copied to another row or column cannot be decrypted there. */
export interface SecretPlace {
  /** The tenant's or the data source's id. */
  owner: string;
  /** `data_source_url`, `admin_url`, … */
  column: string;
}

/** Encrypts and decrypts secrets that are stored in a database. */
export interface SecretBox {
  /**
   * @returns the envelope: `mq1.<key id>.<fingerprint>.<wrapped data key>.<iv tag ciphertext>`
   * @throws SecretError `key_provider_*`
   */
  encrypt(text: string, place: SecretPlace): Promise<string>;
  /** @throws SecretError `envelope_malformed`, `envelope_unknown_key`, `envelope_tampered`, `key_provider_*` */
  decrypt(envelope: string, place: SecretPlace): Promise<string>;
  /**
   * Encrypts the secret with the latest version of the provider's current key and keeps its fingerprint.
   *
   * @returns the new envelope, or undefined if the secret is already encrypted with that version
   * @throws SecretError as `decrypt`
   */
  rewrap(envelope: string, place: SecretPlace): Promise<string | undefined>;
  /**
   * The key that an envelope is encrypted with, and its version if the key has versions: `local:1f…`, `vault:marquee:v2`.
   *
   * @throws SecretError `envelope_malformed`
   */
  keyOf(envelope: string): string;
  /** The id of the key that encrypts, and the prefixes of the ids of the keys that can decrypt. */
  readonly keys: { wraps: string; opens: readonly string[] };
  /** Twelve hexadecimal digits: equal for equal secrets, and revealing nothing else about them. */
  fingerprint(text: string): string;
}

const VERSION = 'mq1';

/**
 * Envelope encryption: every secret has a data key of its own, wrapped by the provider's key encryption key. Version, owner, column, key
 * id and fingerprint are bound to the secret (AES-256-GCM with associated data) and to the wrapped data key.
 *
 * @param options.fingerprintKey 32 bytes or 64 hexadecimal digits (ENCRYPTION_KEY); fingerprints are HMACs with a key
 *   derived from it and comparable only under the same one
 * @throws SecretError `encryption_key_invalid`
 */
export function createSecretBox(options: {
  provider: KeyProvider;
  fingerprintKey: string | Uint8Array;
}): SecretBox {
  const { provider } = options;
  const macKey = deriveKey(readEncryptionKey(options.fingerprintKey), 'fingerprint');
  const fingerprint = (text: string) => createHmac('sha256', macKey).update(text).digest('hex').slice(0, 12);

  const encryptAs = async (text: string, place: SecretPlace, mark: string) => {
    const { keyId } = provider;
    const context = associatedData(place, keyId, mark);
    const { dataKey, wrapped } = await provider.newDataKey(context);
    const sealed = seal(dataKey, Buffer.from(text), context);
    dataKey.fill(0);
    return written({ keyId, mark, wrapped, sealed });
  };
  const decrypt = async (envelope: string, place: SecretPlace) => {
    const { keyId, mark, wrapped, sealed } = parse(envelope);
    const context = associatedData(place, keyId, mark);
    const dataKey = await provider.unwrap(keyId, wrapped, context);
    try {
      return unseal(dataKey, sealed, context).toString();
    } finally {
      dataKey.fill(0);
    }
  };
  return {
    fingerprint,
    keys: { wraps: provider.keyId, opens: provider.opens },
    encrypt: (text, place) => encryptAs(text, place, fingerprint(text)),
    decrypt,
    async rewrap(envelope, place) {
      const parts = parse(envelope);
      const { keyId, mark } = parts;
      if (keyId !== provider.keyId) return encryptAs(await decrypt(envelope, place), place, mark);
      const wrapped = await provider.rewrap?.(keyId, parts.wrapped, associatedData(place, keyId, mark));
      return wrapped && written({ ...parts, wrapped });
    },
    keyOf(envelope) {
      const { keyId, wrapped } = parse(envelope);
      const version = provider.versionOf?.(keyId, wrapped);
      return version ? `${keyId}:${version}` : keyId;
    },
  };
}

interface Envelope {
  keyId: string;
  mark: string;
  wrapped: Buffer;
  sealed: Buffer;
}

function written({ keyId, mark, wrapped, sealed }: Envelope): string {
  const base64url = (bytes: Buffer) => bytes.toString('base64url');
  return [VERSION, base64url(Buffer.from(keyId)), mark, base64url(wrapped), base64url(sealed)].join('.');
}

/** The parts are length-prefixed, so that two different pairs of owner and column never give the same text. */
function associatedData(place: SecretPlace, keyId: string, mark: string): string {
  return [VERSION, place.owner, place.column, keyId, mark].map((part) => `${part.length}:${part}`).join('');
}

function parse(envelope: string): Envelope {
  const [version, keyId, mark, wrapped, sealed, ...rest] = envelope.split('.');
  if (version !== VERSION || !keyId || !mark || !wrapped || !sealed || rest.length > 0) {
    throw new SecretError(
      'envelope_malformed',
      'The secret is not an envelope of a version that is known here.',
      {
        hint: 'A newer Marquee may have written it; run that version, or enter the secret again.',
      },
    );
  }
  const bytes = (text: string) => Buffer.from(text, 'base64url');
  return { keyId: bytes(keyId).toString(), mark, wrapped: bytes(wrapped), sealed: bytes(sealed) };
}
