import { AwsClient } from 'aws4fetch';
import { z } from 'zod';
import { SecretError } from './errors';
import type { KeyProvider } from './key-provider';

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
  const client = new AwsClient({ ...options, service: 'kms', retries: 2 });
  const endpoint = options.endpoint ?? `https://kms.${options.region}.amazonaws.com/`;
  const call = <T>(action: 'Encrypt' | 'Decrypt', shape: z.ZodType<T>, body: Record<string, unknown>) => {
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `TrentService.${action}`,
    };
    return ask('AWS KMS', shape, () =>
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
      const { CiphertextBlob } = await call('Encrypt', z.object({ CiphertextBlob: z.base64() }), {
        KeyId: options.keyArn,
        Plaintext: dataKey.toString('base64'),
        EncryptionContext: { marquee: context },
      });
      return Buffer.from(CiphertextBlob, 'base64');
    },
    async unwrap(keyId, wrapped, context) {
      const { Plaintext } = await call('Decrypt', z.object({ Plaintext: z.base64() }), {
        KeyId: keyId,
        CiphertextBlob: wrapped.toString('base64'),
        EncryptionContext: { marquee: context },
      });
      return Buffer.from(Plaintext, 'base64');
    },
  };
}

/** HashiCorp Vault's transit engine; `key` must be of a type that takes associated data (aes256-gcm96). */
export function createVaultTransitProvider(options: {
  address: string;
  token: string;
  key: string;
  mount?: string;
  namespace?: string;
}): KeyProvider {
  const headers = {
    'x-vault-token': options.token,
    'content-type': 'application/json',
    ...(options.namespace ? { 'x-vault-namespace': options.namespace } : {}),
  };
  const call = <T>(
    action: 'encrypt' | 'decrypt',
    shape: z.ZodType<T>,
    key: string,
    body: Record<string, string>,
  ) =>
    ask('Vault', z.object({ data: shape }), () =>
      fetch(
        `${options.address.replace(/\/$/, '')}/v1/${options.mount ?? 'transit'}/${action}/${encodeURIComponent(key)}`,
        {
          method: 'POST',
          body: JSON.stringify(body),
          headers,
          signal: AbortSignal.timeout(TIMEOUT_MS),
        },
      ),
    );
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return {
    keyId: `vault:${options.key}`,
    async wrap(dataKey, context) {
      const body = { plaintext: dataKey.toString('base64'), associated_data: base64(context) };
      const { data } = await call('encrypt', z.object({ ciphertext: z.string() }), options.key, body);
      return Buffer.from(data.ciphertext);
    },
    async unwrap(keyId, wrapped, context) {
      const body = { ciphertext: wrapped.toString(), associated_data: base64(context) };
      const name = keyId.replace(/^vault:/, '');
      const { data } = await call('decrypt', z.object({ plaintext: z.base64() }), name, body);
      return Buffer.from(data.plaintext, 'base64');
    },
  };
}

async function ask<T>(service: string, shape: z.ZodType<T>, send: () => Promise<Response>): Promise<T> {
  const response = await send().catch((cause) => {
    throw new SecretError('key_provider_unreachable', `${service} does not answer.`, {
      hint: 'Try again in a minute.',
      cause,
    });
  });
  if (response.ok) {
    const answer = shape.safeParse(await response.json().catch(() => undefined));
    if (answer.success) return answer.data;
    throw new SecretError('key_provider_refused', `${service} answered in another form than it documents.`, {
      hint: 'Check that the address leads to it and not to a proxy or a sign-in page.',
    });
  }
  await response.body?.cancel();
  const code = response.status >= 500 ? 'key_provider_unreachable' : 'key_provider_refused';
  throw new SecretError(code, `${service} answered ${response.status}.`, {
    hint: 'Check the key, the permissions of this process, and that the secret belongs to this row.',
  });
}
