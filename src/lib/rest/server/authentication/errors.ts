import { EngineError } from '../../errors';

/** Why a request was not let in: PGRST300 to PGRST303. */
export class AuthenticationError extends EngineError {}

/** A token came, and nothing is configured to verify it with. */
export function secretMissing(): AuthenticationError {
  return new AuthenticationError('PGRST300', 500, 'Server lacks JWT secret');
}

/** What came is not a token, or its signature is not ours. */
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
