// Users and how they prove who they are: passwords, second factors, passkeys, single sign-on, sessions, API keys, limits of attempts.
export {
  AccountMail,
  type AccountMailPurpose,
  type AccountMessage,
  type ClientMail,
  verifyUrl,
} from './account-mail';
export { addPerson, resetPerson } from './added-people';
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
export { refuseCommonPassword } from './common-passwords';
export { IdentityError, type IdentityErrorCode } from './errors';
export { rankOf, roleOfMaker } from './key-maker';
export { type LinkPurpose, linkExpired, openLink, signLink } from './links';
export { type MailCode, type MailCodeData, type MailCodePurpose, MailCodes } from './mail-codes';
export { countMail } from './mail-limits';
export {
  mayOperator,
  OPERATOR_PERMISSIONS,
  type OperatorPermission,
  requireOperatorPermission,
} from './operator-roles';
export type { PasskeyPage, PasskeyRequest } from './passkeys';
export { firstPassword, hashPassword, LONGEST_PASSWORD, SHORTEST_PASSWORD } from './passwords';
export { newRecoveryCodes, newTotp, takeDigits } from './second-factor';
export { type ClientTokens, lacksSecondFactor } from './session-tokens';
export { type SessionKind, type SessionRecord, Sessions, type SignInMethod } from './sessions';
export { type Leniency, type Session, SignIn } from './sign-in';
export { recordSignIn, requireAllowedMethod } from './sign-in-record';
export { SIGN_ON_LIFETIME, SingleSignOn } from './single-sign-on';
export { type SupportAccess, SupportAccesses, stateOfSupport } from './support-access';
