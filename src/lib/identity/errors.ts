import { declareFailures, MarqueeError } from '@/lib/failures';

const IDENTITY_FAILURES = declareFailures('identity', 'user', {
  not_signed_in: {
    category: 'unauthenticated',
    means: 'No session, or one that has ended or is for another tenant.',
    hint: 'Sign in again.',
  },
  sign_in_refused: {
    category: 'unauthenticated',
    means: 'The address, the password or the code is wrong, or the account may not sign in.',
    hint: 'Check the address and the password, and that this is your company.',
  },
  second_factor_required: {
    category: 'unauthenticated',
    means: 'The account has a second factor, and no code was sent.',
    hint: 'Enter the six digits of your authenticator.',
  },
  email_not_confirmed: {
    category: 'unauthenticated',
    means: 'The account’s email address was never confirmed.',
    hint: 'Open the link in the invitation mail.',
  },
  refresh_token_reused: {
    category: 'unauthenticated',
    means: 'A refresh token was used twice; its session has ended.',
    hint: 'Sign in again.',
  },
  insufficient_aal: {
    category: 'forbidden',
    means: 'The session has not passed the second factor.',
    hint: 'Enter a code of your authenticator: auth.mfa.challengeAndVerify.',
  },
  password_change_required: {
    category: 'forbidden',
    means: 'The password was set by an administrator and must be changed first.',
    hint: 'Choose a password of your own: in the application, or with auth.updateUser({ password }).',
  },
  password_wrong: {
    category: 'forbidden',
    means: 'The current password, asked for before a change, is wrong.',
    hint: 'Enter the password you sign in with.',
  },
  code_wrong: {
    category: 'invalid',
    means: 'The code of the second factor is wrong.',
    hint: 'Codes change every 30 seconds.',
  },
  link_expired: {
    category: 'not-found',
    status: 410,
    means: 'A mailed link was used before, or is too old.',
    hint: 'Ask for a new one.',
  },
  too_many_attempts: {
    category: 'busy',
    means: 'A limit of attempts for this address or account is reached.',
    hint: 'Wait and try again.',
  },
  api_key_required: {
    category: 'unauthenticated',
    means: 'The key only names a company; it gives no access.',
    hint: 'Sign a user in (auth.signInWithPassword), or use a service or scoped key.',
  },
  api_key_invalid: {
    category: 'unauthenticated',
    means: 'There is no such API key, or it is for another tenant.',
    hint: 'Make a new one under Settings, API keys, or with marquee key create.',
  },
  api_key_revoked: {
    category: 'unauthenticated',
    means: 'The API key has been revoked.',
    hint: 'Make a new one under Settings, API keys, or with marquee key create.',
  },
  api_key_expired: {
    category: 'unauthenticated',
    means: 'The API key has expired.',
    hint: 'Make a new one under Settings, API keys, or with marquee key create.',
  },
});

export type IdentityErrorCode = keyof typeof IDENTITY_FAILURES;

/** Why a person, a session or a key is not accepted. */
export class IdentityError extends MarqueeError<IdentityErrorCode> {}
