// Errors of /auth/v1 in Supabase Auth's form: `{code, error_code, msg}`.
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Environment } from '../../context';
import { problem } from '../../errors';

/** A refusal in Supabase Auth's own words; its clients look at the code. */
export class AuthError extends Error {
  constructor(
    readonly status: ContentfulStatusCode,
    readonly code: string,
    message: string,
    /** Further members of the answer. */
    readonly more: Record<string, unknown> = {},
  ) {
    super(message);
  }
}

type Refusal = [status: ContentfulStatusCode, code: string, message?: string];

/** Supabase Auth's codes for ours. What is not named here keeps its own code. */
export const AUTH_CODES: Record<string, Refusal> = {
  sign_in_refused: [400, 'invalid_credentials', 'Invalid login credentials'],
  password_wrong: [400, 'invalid_credentials', 'The current password is not right.'],
  email_not_confirmed: [400, 'email_not_confirmed', 'Email not confirmed'],
  too_many_attempts: [429, 'over_request_rate_limit'],
  refresh_token_reused: [400, 'refresh_token_already_used', 'Invalid Refresh Token: Already Used'],
  token_expired: [403, 'bad_jwt', 'invalid JWT: token is expired'],
  token_invalid: [403, 'bad_jwt', 'invalid JWT: unable to parse or verify signature'],
  token_wrong_purpose: [403, 'bad_jwt', 'invalid JWT: it is for another purpose'],
  insufficient_aal: [401, 'insufficient_aal'],
  confirmation_required: [
    400,
    'reauthentication_needed',
    'The last proof of who you are is too old: sign in again, or show a code of your authenticator (auth.mfa.challengeAndVerify)',
  ],
  code_wrong: [422, 'mfa_verification_failed', 'Invalid TOTP code entered'],
  email_taken: [422, 'email_exists', 'A user with this email address has already been registered'],
  user_unknown: [404, 'user_not_found', 'User not found'],
  user_invalid: [422, 'validation_failed'],
  last_owner: [409, 'conflict'],
  mail_not_set_up: [422, 'email_provider_disabled'],
  not_found: [404, 'not_found'],
  body_too_large: [413, 'request_too_large'],
  internal_error: [500, 'unexpected_failure'],
};

export function sendAuthError(context: Context<Environment>, error: unknown): Response {
  if (error instanceof AuthError) return answer(context, error);
  context.set('failure', error);
  const { status, retryAfter, body } = problem(error, context.get('requestId'));
  const { code } = body;
  // The session has ended, or there are no credentials: the client then drops its session.
  if (code === 'not_signed_in') return answer(context, sessionOver(context, body.title));
  if (code === 'password_common') {
    return answer(
      context,
      new AuthError(422, 'weak_password', body.title, { weak_password: { reasons: ['pwned'] } }),
    );
  }
  const [mappedStatus, mappedCode, message] = AUTH_CODES[code] ?? [status, code];
  if (retryAfter !== undefined) context.header('retry-after', String(retryAfter));
  const words = message ?? [body.title, body.hint].filter(Boolean).join(' ');
  return answer(context, new AuthError(mappedStatus, mappedCode, words));
}

function answer(context: Context<Environment>, { status, code, message, more }: AuthError): Response {
  return context.json({ code: status, error_code: code, msg: message, ...more }, status);
}

function sessionOver(context: Context<Environment>, title: string): AuthError {
  return context.req.header('authorization')
    ? new AuthError(403, 'session_not_found', title)
    : noAuthorization();
}

export function noAuthorization(): AuthError {
  return new AuthError(401, 'no_authorization', 'This endpoint requires a valid Bearer token');
}

export function otpExpired(): AuthError {
  return new AuthError(403, 'otp_expired', 'Token has expired or is invalid');
}

export function emailExists(): AuthError {
  return new AuthError(422, 'email_exists', 'A user with this email address has already been registered');
}

export function invalid(message: string, status: 400 | 422 = 400): AuthError {
  return new AuthError(status, 'validation_failed', message);
}
