import type { KMSClient } from '@aws-sdk/client-kms';
import { isConnectionFailure } from '@/lib/failures';
import { SecretError } from './errors';
import type { KeyProvider } from './key-provider';

const TIMEOUT_MS = 10_000;

/**
 * AWS Key Management Service: `GenerateDataKey` and `Decrypt` with an encryption context. Credentials come from AWS's own chain:
 * environment, profile, web identity, container or instance.
 *
 * A call that takes longer than 10 s fails.
 *
 * @param options.keyArn `arn:aws:kms:<region>:<account>:key/<id>`; the region is taken from it
 * @returns a provider whose methods throw SecretError `key_provider_unreachable`, `key_provider_refused`
 */
export function createAwsKmsProvider({ keyArn }: { keyArn: string }): KeyProvider {
  const clients = new Map<string, Promise<KMSClient>>();
  const clientOf = (arn: string) => {
    const region = arn.split(':')[3] ?? '';
    const known = clients.get(region);
    if (known) return known;
    const client = import('@aws-sdk/client-kms').then(
      ({ KMSClient }) => new KMSClient({ region, maxAttempts: 3 }),
    );
    clients.set(region, client);
    return client;
  };
  const abortSignal = () => ({ abortSignal: AbortSignal.timeout(TIMEOUT_MS) });
  const given = (bytes: Uint8Array | undefined) => {
    if (bytes) return Buffer.from(bytes);
    throw refused('AWS KMS answered in another form than it documents.');
  };
  return {
    keyId: keyArn,
    opens: ['arn:aws'],
    async newDataKey(context) {
      const [{ GenerateDataKeyCommand }, client] = await Promise.all([
        import('@aws-sdk/client-kms'),
        clientOf(keyArn),
      ]);
      const command = new GenerateDataKeyCommand({
        KeyId: keyArn,
        KeySpec: 'AES_256',
        EncryptionContext: { marquee: context },
      });
      const { Plaintext, CiphertextBlob } = await client.send(command, abortSignal()).catch(fail);
      return { dataKey: given(Plaintext), wrapped: given(CiphertextBlob) };
    },
    async unwrap(keyId, wrapped, context) {
      const [{ DecryptCommand }, client] = await Promise.all([
        import('@aws-sdk/client-kms'),
        clientOf(keyId),
      ]);
      const command = new DecryptCommand({
        KeyId: keyId,
        CiphertextBlob: wrapped,
        EncryptionContext: { marquee: context },
      });
      return given((await client.send(command, abortSignal()).catch(fail)).Plaintext);
    },
  };
}

/** Turns an error of the service or its client into a SecretError, without the request. */
function fail(cause: Error & { $metadata?: { httpStatusCode?: number } }): never {
  const status = cause.$metadata?.httpStatusCode ?? 0;
  if (status >= 500 || /Timeout|Abort|Throttl/.test(cause.name) || isConnectionFailure(cause)) {
    throw new SecretError('key_provider_unreachable', 'AWS KMS does not answer.', {
      hint: 'Try again in a minute.',
      cause,
    });
  }
  if (cause.name === 'CredentialsProviderError') {
    throw refused(
      'There are no AWS credentials.',
      'Set them as AWS documents: environment, profile, web identity or instance.',
    );
  }
  throw refused(`AWS KMS refused: ${cause.name}.`);
}

function refused(
  message: string,
  hint = 'Check the key, the permissions of this process, and that the secret belongs to this row.',
): SecretError {
  return new SecretError('key_provider_refused', message, { hint });
}
