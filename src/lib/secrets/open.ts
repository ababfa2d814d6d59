import { createSecretBox, type SecretBox } from './envelope';
import { createLocalKeyProvider, type KeyProvider, LOCAL_KEY_PREFIX } from './key-provider';
import { createAwsKmsProvider, createVaultTransitProvider } from './remote-providers';
import { readSupabaseVaultKey } from './supabase-vault';
import { createTokens, type Tokens } from './tokens';

/** Who keeps the key encryption key. */
export type KeyProviderSettings =
  | { kind: 'local' }
  | ({ kind: 'aws-kms' } & Parameters<typeof createAwsKmsProvider>[0])
  | ({ kind: 'vault-transit' } & Parameters<typeof createVaultTransitProvider>[0])
  | ({ kind: 'supabase-vault' } & Parameters<typeof readSupabaseVaultKey>[0]);

export interface SecretSettings {
  /** ENCRYPTION_KEY: 64 hexadecimal digits. Tokens and fingerprints always derive from it. */
  encryptionKey: string;
  /** Keys that secrets and tokens may still be under. */
  previousEncryptionKeys?: readonly string[];
  /** Default: this process, with ENCRYPTION_KEY. */
  keyProvider?: KeyProviderSettings;
}

/**
 * The secret box and the tokens of an installation. Secrets that were encrypted by the local provider stay readable
 * when another takes over, until they are rewrapped.
 *
 * @throws SecretError `encryption_key_invalid`, `key_provider_refused`, `key_provider_unreachable`
 */
export async function openSecrets(
  settings: SecretSettings,
): Promise<{ secretBox: SecretBox; tokens: Tokens }> {
  const { encryptionKey, previousEncryptionKeys = [], keyProvider = { kind: 'local' } } = settings;
  const provider = await openProvider(keyProvider, encryptionKey, previousEncryptionKeys);
  return {
    secretBox: createSecretBox({ provider, fingerprintKey: encryptionKey }),
    tokens: createTokens({ key: encryptionKey, previousKeys: previousEncryptionKeys }),
  };
}

async function openProvider(
  settings: KeyProviderSettings,
  encryptionKey: string,
  previousKeys: readonly string[],
): Promise<KeyProvider> {
  const local = createLocalKeyProvider(encryptionKey, previousKeys);
  switch (settings.kind) {
    case 'local':
      return local;
    case 'supabase-vault':
      return createLocalKeyProvider(await readSupabaseVaultKey(settings), [...previousKeys, encryptionKey]);
    case 'aws-kms':
      return besideLocal(createAwsKmsProvider(settings), local);
    case 'vault-transit':
      return besideLocal(createVaultTransitProvider(settings), local);
  }
}

function besideLocal(remote: KeyProvider, local: KeyProvider): KeyProvider {
  return {
    keyId: remote.keyId,
    wrap: (dataKey, context) => remote.wrap(dataKey, context),
    unwrap: (keyId, wrapped, context) =>
      (keyId.startsWith(LOCAL_KEY_PREFIX) ? local : remote).unwrap(keyId, wrapped, context),
  };
}
