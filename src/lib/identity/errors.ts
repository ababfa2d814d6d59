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
  password_common: {
    category: 'invalid',
    means: 'The new password is in lists of leaked passwords, or is easily made from them.',
    hint: 'Choose another one, such as four words that have nothing to do with each other.',
  },
  confirmation_required: {
    category: 'forbidden',
    means: 'The action needs a proof, not older than a quarter of an hour, that it is its user who acts.',
    hint: 'Confirm with a code, a passkey or your password (POST /api/account/proof), and repeat the request.',
  },
  single_sign_on_required: {
    category: 'forbidden',
    means: 'The company requires its own identity provider for all but its owners.',
    hint: 'Use the button for it on the sign-in page.',
  },
  single_sign_on_not_set_up: {
    category: 'not-found',
    means: 'The company has no identity provider of its own.',
    hint: 'An owner sets it up under Settings, Single sign-on.',
  },
  single_sign_on_failed: {
    category: 'unauthenticated',
    means: 'The company’s identity provider did not say who the user is, or its answer is not valid.',
    hint: 'Begin again on the sign-in page.',
  },
  single_sign_on_refused: {
    category: 'forbidden',
    means:
      'The identity provider’s user has no account here, and may not get one: see the audit log for the reason.',
    hint: 'Ask an owner of your company.',
  },
  single_sign_on_invalid: {
    category: 'invalid',
    means: 'The settings of single sign-on do not work: the provider cannot be found by its address.',
    hint: 'Check the issuer’s address: its /.well-known/openid-configuration must answer.',
  },
  passkey_refused: {
    category: 'unauthenticated',
    means: 'The passkey is unknown here, or its answer is not valid.',
    hint: 'Sign in with your password, and look at your passkeys under Settings, Security.',
  },
  passkey_invalid: {
    category: 'invalid',
    means: 'The new passkey’s answer is not valid, or came too late.',
    hint: 'Begin again.',
  },
  support_access_unknown: {
    category: 'not-found',
    means: 'There is no such request for support access, or it is no longer open.',
    hint: 'List the requests again.',
  },
  support_access_refused: {
    category: 'forbidden',
    means: 'The company’s policy is to give support no access.',
    hint: 'An owner of the company changes it under Settings, Support access.',
  },
  operator_role_insufficient: {
    category: 'forbidden',
    means: 'The operator’s role does not allow it.',
    hint: 'Ask an owner among the operators.',
  },
  operator_second_factor_missing: {
    category: 'forbidden',
    means: 'An operator’s session has shown no second factor: operators act with one only.',
    hint: 'Set one up with marquee operator sign-in or POST /api/account/second-factor, and sign in with it.',
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
  api_key_unknown: {
    category: 'not-found',
    means: 'The company has no such API key.',
    hint: 'List its keys under Settings, API keys, or with marquee key list.',
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
