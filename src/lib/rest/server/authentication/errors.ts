import { EngineError } from '../../errors';

/** Why a request was not authenticated: PGRST300 to PGRST303. */
export class AuthenticationError extends EngineError {}

/** The request has a token, but no key to verify it is configured. */
export function secretMissing(): AuthenticationError {
  return new AuthenticationError('PGRST300', 500, 'Server lacks JWT secret');
}

/** The bearer is not a token, or its signature is not valid. */
export function notDecodable(message: string, details: string | null = null): AuthenticationError {
  return new AuthenticationError('PGRST301', 401, message, { details, headers: [invalidToken(message)] });
}

/** There is no anonymous role, and the request names none either. */
export function tokenRequired(): AuthenticationError {
  return new AuthenticationError('PGRST302', 401, 'Anonymous access is disabled', {
    headers: [['WWW-Authenticate', 'Bearer']],
  });
}

/** The token is genuine but must not be used: too old, too early, for another audience, or malformed. */
export function claimRefused(message: string): AuthenticationError {
  return new AuthenticationError('PGRST303', 401, message, { headers: [invalidToken(message)] });
}

function invalidToken(message: string): [name: string, value: string] {
  return ['WWW-Authenticate', `Bearer error="invalid_token", error_description=${JSON.stringify(message)}`];
}
