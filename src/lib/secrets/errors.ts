import { MarqueeError } from '@/lib/errors';

/**
 * A secret that cannot be written or read. Codes: `encryption_key_invalid`, `envelope_malformed`, `envelope_unknown_key`,
 * `envelope_tampered`, `key_provider_refused`, `key_provider_unreachable`, `token_invalid`, `token_expired`.
 */
export class SecretError extends MarqueeError {}
