import { AwsClient } from 'aws4fetch';
import { z } from 'zod';
import { SecretError } from './errors';
import { createLocalKeyProvider, type KeyProvider } from './key-provider';

const TIMEOUT_MS = 10_000;

/** AWS Key Management Service: `Encrypt` and `Decrypt` with an encryption context. */
export function createAwsKmsProvider(options: {
  keyArn: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  /** Another endpoint (a private one, or a contract fake). */
  endpoint?: string;
}): KeyProvider {
  const client = new AwsClient({ ...options, service: 'kms' });
  const endpoint = options.endpoint ?? `https://kms.${options.region}.amazonaws.com/`;
  const call = async (action: 'Encrypt' | 'Decrypt', body: Record<string, unknown>) => {
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `TrentService.${action}`,
    };
    return ask('AWS KMS', () =>
      client.fetch(endpoint, {
        method: 'POST',
        body: JSON.stringify(body),
        headers,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      }),
    );
  };
  return {
    keyId: options.keyArn,
    async wrap(dataKey, context) {
      const answer = await call('Encrypt', {
        KeyId: options.keyArn,
        Plaintext: dataKey.toString('base64'),
        EncryptionContext: { marquee: context },
      });
      return Buffer.from(z.object({ CiphertextBlob: z.string() }).parse(answer).CiphertextBlob, 'base64');
    },
    async unwrap(keyId, wrapped, context) {
      const answer = await call('Decrypt', {
        KeyId: keyId,
        CiphertextBlob: wrapped.toString('base64'),
        EncryptionContext: { marquee: context },
      });
      return Buffer.from(z.object({ Plaintext: z.string() }).parse(answer).Plaintext, 'base64');
    },
  };
}

/** HashiCorp Vault's transit engine; `key` must be of a type that takes associated data (aes256-gcm96). */
export function createVaultTransitProvider(options: {
  address: string;
  token: string;
  key: string;
  mount?: string;
}): KeyProvider {
  const call = (action: 'encrypt' | 'decrypt', key: string, body: Record<string, string>) =>
    ask('Vault', () =>
      fetch(
        `${options.address.replace(/\/$/, '')}/v1/${options.mount ?? 'transit'}/${action}/${encodeURIComponent(key)}`,
        {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { 'x-vault-token': options.token, 'content-type': 'application/json' },
          signal: AbortSignal.timeout(TIMEOUT_MS),
        },
      ),
    );
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return {
    keyId: `vault:${options.key}`,
    async wrap(dataKey, context) {
      const body = { plaintext: dataKey.toString('base64'), associated_data: base64(context) };
      const answer = await call('encrypt', options.key, body);
      return Buffer.from(
        z.object({ data: z.object({ ciphertext: z.string() }) }).parse(answer).data.ciphertext,
      );
    },
    async unwrap(keyId, wrapped, context) {
      const body = { ciphertext: wrapped.toString(), associated_data: base64(context) };
      const answer = await call('decrypt', keyId.replace(/^vault:/, ''), body);
      return Buffer.from(
        z.object({ data: z.object({ plaintext: z.string() }) }).parse(answer).data.plaintext,
        'base64',
      );
    },
  };
}

/**
 * The key encryption key kept in Supabase Vault (`vault.decrypted_secrets`), read once when it is first needed.
 *
 * @param readSecret runs `select decrypted_secret from vault.decrypted_secrets where name = $1` on the application database
 */
export async function createSupabaseVaultProvider(
  name: string,
  readSecret: (name: string) => Promise<string | undefined>,
): Promise<KeyProvider> {
  const hex = await readSecret(name);
  if (hex) return createLocalKeyProvider(hex);
  throw new SecretError('key_provider_refused', `Supabase Vault has no secret named ${name}.`, {
    hint: `Create it: select vault.create_secret('<64 hex digits>', '${name}');`,
  });
}

async function ask(service: string, send: () => Promise<Response>): Promise<unknown> {
  const response = await send().catch((cause) => {
    throw new SecretError('key_provider_unreachable', `${service} does not answer.`, {
      hint: 'Try again in a minute.',
      cause,
    });
  });
  if (response.ok) return response.json();
  await response.body?.cancel();
  const code = response.status >= 500 ? 'key_provider_unreachable' : 'key_provider_refused';
  throw new SecretError(code, `${service} answered ${response.status}.`, {
    hint: 'Check the key, the permissions of this process, and that the secret belongs to this row.',
  });
}
