import { createAwsKmsProvider } from './aws-kms';
import { withDataKeyCache } from './data-key-cache';
import { createSecretBox, type SecretBox } from './envelope';
import { SecretError } from './errors';
import { createLocalKeyProvider, type KeyProvider } from './key-provider';
import { readSupabaseVaultKey } from './supabase-vault';
import { createVaultTransitProvider } from './vault-transit';

/** Who keeps the key encryption key. */
export type KeyProviderKind = 'local' | 'aws-kms' | 'vault-transit' | 'supabase-vault';

export interface SecretSettings {
  /** ENCRYPTION_KEY: 64 hexadecimal digits. Fingerprints always derive from it. */
  encryptionKey: string;
  /** Other local keys that secrets may be under: former ones, and the next. */
  otherEncryptionKeys?: readonly string[];
  /** Who encrypts. Default: this process, with ENCRYPTION_KEY. */
  keyProvider?: KeyProviderKind;
  /** Key services; each that is given decrypts what is under its keys, also while another one encrypts. */
  awsKms?: Parameters<typeof createAwsKmsProvider>[0];
  vaultTransit?: Parameters<typeof createVaultTransitProvider>[0];
  supabaseVault?: Parameters<typeof readSupabaseVaultKey>[0];
}

/**
 * The secret box of an installation. Secrets stay readable when another key or provider takes over, as long as the former one is given,
 * until they are rewrapped.
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

/** One provider encrypts; what is under a key of any is decrypted by the one that has it. */
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
