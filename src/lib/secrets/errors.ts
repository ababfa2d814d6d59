import { MarqueeError } from '@/lib/errors';
import type { SecretContext } from './key-provider';

/**
 * A secret that cannot be written or read. Codes: `encryption_key_invalid`, `envelope_malformed`, `envelope_unknown_key`,
 * `envelope_tampered`, `key_provider_refused`, `key_provider_unreachable`, `token_invalid`, `token_expired`.
 */
export class SecretError extends MarqueeError {}

/** The refusal of a ciphertext that is not what was stored there. GCM cannot say more, nor should we. */
export function tampered(context: SecretContext): SecretError {
  return new SecretError(
    'secret_tampered',
    `The secret in ${context.column} of ${context.owner} was changed or belongs to another row or column.`,
    { hint: 'Set the credential again, and find out from the audit log who changed the row.' },
  );
}
