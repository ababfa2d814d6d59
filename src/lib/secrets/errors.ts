import { declareFailures, MarqueeError } from '@/lib/failures';

const SECRET_FAILURES = declareFailures('secrets', 'operator', {
  encryption_key_invalid: {
    category: 'internal',
    means: 'ENCRYPTION_KEY is not 32 bytes.',
    hint: 'Make one with: openssl rand -hex 32',
  },
  envelope_malformed: {
    category: 'internal',
    means: 'An encrypted value has a format that this version does not know.',
    hint: 'A newer Marquee may have written it: run that version, or enter the secret again.',
  },
  envelope_unknown_key: {
    category: 'internal',
    means: 'An encrypted value was written with a key that is not configured.',
    hint: 'Set ENCRYPTION_KEY as it was, or list the old key in PREVIOUS_ENCRYPTION_KEYS.',
  },
  envelope_tampered: {
    category: 'internal',
    means: 'An encrypted value was changed, or copied from another tenant, column or key.',
    hint: 'Restore the row from a backup, or enter the secret again.',
  },
  key_provider_refused: {
    category: 'internal',
    means: 'The key provider refused the request, or answered in an unknown form.',
    hint: 'Check the key, the permissions of this process, and the address of the provider.',
  },
  key_provider_unreachable: {
    category: 'unavailable',
    means: 'The key provider does not answer.',
    hint: 'Try again in a minute.',
    userText: { message: 'The service cannot be used right now.', hint: 'Try again in a minute.' },
  },
  token_invalid: {
    category: 'unauthenticated',
    audience: 'user',
    means: 'The token’s form, signature or claims are not valid.',
    hint: 'Sign in again.',
  },
  token_expired: {
    category: 'unauthenticated',
    audience: 'user',
    means: 'The token has expired.',
    hint: 'Sign in again.',
  },
  token_wrong_purpose: {
    category: 'unauthenticated',
    audience: 'user',
    means: 'The token was made for another purpose.',
    hint: 'Sign in again.',
  },
});

/** Everything this room refuses or fails at, by stable code. */
export type SecretErrorCode = keyof typeof SECRET_FAILURES;

/** An error of encryption, of a key provider or of a token. */
export class SecretError extends MarqueeError<SecretErrorCode> {}
