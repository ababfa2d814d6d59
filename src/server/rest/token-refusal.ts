// PostgREST's codes for refused credentials at /rest/v1: PGRST302 missing, PGRST301 cannot be decoded, PGRST303 claims
// not valid.
import { MarqueeError } from '@/lib/failures';
import { claimRefused, type EngineError, notDecodable, tokenRequired } from '@/lib/rest';

/** Undefined for errors of other kinds. */
export function tokenRefusal(error: unknown, token: string | undefined): EngineError | undefined {
  if (!(error instanceof MarqueeError)) return undefined;
  switch (error.code) {
    case 'not_signed_in':
      return token === undefined ? tokenRequired() : claimRefused(error.message);
    case 'token_expired':
      return claimRefused('JWT expired');
    case 'token_wrong_purpose':
      return claimRefused('JWT not in audience');
    case 'token_invalid':
    case 'access_token_invalid':
      return invalid(token?.split('.').length ?? 0, error.cause);
  }
  return undefined;
}

/** @param cause of the library that read the token; undefined where it is genuine but lacks claims */
function invalid(parts: number, cause: unknown): EngineError {
  if (parts !== 3) return notDecodable(`Expected 3 parts in JWT; got ${parts}`);
  if (!(cause instanceof Error)) return claimRefused('Parsing claims failed');
  switch ('code' in cause && cause.code) {
    case 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED':
    case 'ERR_JWKS_NO_MATCHING_KEY':
      return notDecodable('No suitable key or wrong key type', 'None of the keys was able to decode the JWT');
    case 'ERR_JOSE_ALG_NOT_ALLOWED':
      return notDecodable('Wrong or unsupported encoding algorithm');
    case 'ERR_JWT_CLAIM_VALIDATION_FAILED':
      return claimRefused('Parsing claims failed');
  }
  return notDecodable('JWT cryptographic operation failed');
}
