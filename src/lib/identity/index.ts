// Users and how they prove who they are: passwords, second factors, sessions, API keys, limits of attempts.
export {
  AccountMail,
  type AccountMailPurpose,
  type AccountMessage,
  type ClientMail,
  verifyUrl,
} from './account-mail';
export {
  API_KEY_KINDS,
  API_KEY_ROLES,
  type ApiKey,
  type ApiKeyKind,
  type ApiKeyRole,
  ApiKeys,
  type NewApiKey,
} from './api-keys';
export { AttemptLimits, accountKey, addressKey, type Counter, type Limit } from './attempt-limits';
export { type Credentials, DEVICE_LIFETIME } from './authentication';
export { IdentityError, type IdentityErrorCode } from './errors';
export { type LinkPurpose, openLink, signLink } from './links';
export { type MailCode, type MailCodeData, type MailCodePurpose, MailCodes } from './mail-codes';
export { countMail } from './mail-limits';
export { firstPassword, hashPassword, LONGEST_PASSWORD, SHORTEST_PASSWORD } from './passwords';
export { newRecoveryCodes } from './second-factor';
export type { ClientTokens } from './session-tokens';
export { type SessionKind, type SessionRecord, Sessions } from './sessions';
export { type Leniency, type Session, SignIn } from './sign-in';
