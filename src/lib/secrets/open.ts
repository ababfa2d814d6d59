import { createAwsKmsProvider } from './aws-kms';
import { withDataKeyCache } from './data-key-cache';
import { createSecretBox, type SecretBox } from './envelope';
import { SecretError } from './errors';
import { createLocalKeyProvider, type KeyProvider } from './key-provider';
import { readSupabaseVaultKey } from './supabase-vault';
import { createVaultTransitProvider } from './vault-transit';

/** Who keeps the key encryption key. */
export type KeyProviderKind = 'local' | 'aws-kms' | 'vault-transit' | 'supabase-vault';

/** The keys and key services of `openSecrets`. */
export interface SecretSettings {
  /** ENCRYPTION_KEY: 64 hexadecimal digits. The key of fingerprints is always derived from it. */
  encryptionKey: string;
  /** Other local keys that secrets may be encrypted with: former keys, and the next one. */
  otherEncryptionKeys?: readonly string[];
  /** The provider that encrypts. Default: `local`, with ENCRYPTION_KEY. */
  keyProvider?: KeyProviderKind;
  /** Key services. Each one that is set decrypts the secrets of its keys, even if another provider encrypts. */
  awsKms?: Parameters<typeof createAwsKmsProvider>[0];
  vaultTransit?: Parameters<typeof createVaultTransitProvider>[0];
  supabaseVault?: Parameters<typeof readSupabaseVaultKey>[0];
}

/**
 * Opens the secret box of an installation. When another key or provider takes over, older secrets stay readable as long as the former
 * key or provider is still in the settings; once they are rewrapped, it can be removed.
 *
 * @throws SecretError `encryption_key_invalid`, `key_provider_refused`, `key_provider_unreachable`
 */
export async function openSecrets(settings: SecretSettings): Promise<SecretBox> {
  const { encryptionKey, otherEncryptionKeys = [], keyProvider = 'local' } = settings;
  const { awsKms, vaultTransit, supabaseVault } = settings;
  const kept = supabaseVault && (await readSupabaseVaultKey(supabaseVault));
  const others = [...otherEncryptionKeys, ...(kept ? [kept] : [])];
  const local = createLocalKeyProvider(encryptionKey, others);
  const providers: Partial<Record<KeyProviderKind, KeyProvider>> = {
    local,
    ...(kept ? { 'supabase-vault': createLocalKeyProvider(kept, [...others, encryptionKey]) } : {}),
    ...(awsKms ? { 'aws-kms': withDataKeyCache(createAwsKmsProvider(awsKms)) } : {}),
    ...(vaultTransit ? { 'vault-transit': withDataKeyCache(createVaultTransitProvider(vaultTransit)) } : {}),
  };
  const wrapping = providers[keyProvider];
  if (!wrapping) {
    throw new SecretError('key_provider_refused', `The key provider ${keyProvider} is not configured.`, {
      hint: 'See .env.example for what it needs.',
    });
  }
  return createSecretBox({
    provider: together(wrapping, Object.values(providers)),
    fingerprintKey: encryptionKey,
  });
}

/** A provider that encrypts with one provider and decrypts with whichever provider has the key. */
function together(wrapping: KeyProvider, all: KeyProvider[]): KeyProvider {
  const ofKey = (keyId: string) =>
    all.find(({ opens }) => opens.some((prefix) => keyId.startsWith(prefix))) ?? unknownKey(keyId);
  return {
    keyId: wrapping.keyId,
    opens: [...new Set(all.flatMap(({ opens }) => opens))],
    newDataKey: (context) => wrapping.newDataKey(context),
    unwrap: async (keyId, wrapped, context) => ofKey(keyId).unwrap(keyId, wrapped, context),
    versionOf: (keyId, wrapped) =>
      all
        .find(({ opens }) => opens.some((prefix) => keyId.startsWith(prefix)))
        ?.versionOf?.(keyId, wrapped) ?? '',
    rewrap: async (keyId, wrapped, context) => ofKey(keyId).rewrap?.(keyId, wrapped, context),
  };
}

function unknownKey(keyId: string): never {
  throw new SecretError(
    'envelope_unknown_key',
    `The secret was encrypted with key ${keyId}, which is not here.`,
    {
      hint: 'Set ENCRYPTION_KEY as it was, list the old key in PREVIOUS_ENCRYPTION_KEYS, or configure its key service.',
    },
  );
}
