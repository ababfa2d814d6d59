import { MarqueeError, type MarqueeErrorDetails } from '@/lib/failures';

/** Everything this room refuses or fails at, by stable code. */
export type SecretErrorCode =
  | 'encryption_key_invalid'
  | 'envelope_malformed'
  | 'envelope_unknown_key'
  | 'envelope_tampered'
  | 'key_provider_refused'
  | 'key_provider_unreachable'
  | 'token_invalid'
  | 'token_expired'
  | 'token_wrong_purpose';

/** An error of encryption, of a key provider or of a token. Never carries a key, a token or a secret. */
export class SecretError extends MarqueeError {
  declare readonly code: SecretErrorCode;

  constructor(code: SecretErrorCode, message: string, details: MarqueeErrorDetails = {}) {
    super(code, message, details);
  }
}
