import { MarqueeError } from '@/lib/errors';

/** Why a request was not let in. Becomes an HTTP answer through `status`, `wwwAuthenticate` and the PGRST code. */
export class AuthenticationError extends MarqueeError {
  constructor(
    code: 'PGRST300' | 'PGRST301' | 'PGRST302' | 'PGRST303',
    message: string,
    readonly status: 401 | 500,
    readonly wwwAuthenticate: string | undefined,
    readonly details: string | null = null,
  ) {
    super(code, message);
  }
}

/** A token came, and nothing is configured to verify it with. */
export function secretMissing(): AuthenticationError {
  return new AuthenticationError('PGRST300', 'Server lacks JWT secret', 500, undefined);
}

/** What came is not a token, or its signature is not ours. */
export function notDecodable(message: string, details: string | null = null): AuthenticationError {
  return new AuthenticationError('PGRST301', message, 401, invalidToken(message), details);
}

/** There is no anonymous role, and the request names none either. */
export function tokenRequired(): AuthenticationError {
  return new AuthenticationError('PGRST302', 'Anonymous access is disabled', 401, 'Bearer');
}

/** The token is genuine but must not be used: too old, too early, for somebody else, or malformed. */
export function claimRefused(message: string): AuthenticationError {
  return new AuthenticationError('PGRST303', message, 401, invalidToken(message));
}

function invalidToken(message: string): string {
  return `Bearer error="invalid_token", error_description=${JSON.stringify(message)}`;
}
