// Envelope encryption of credentials, the keepers of its keys, and signed tokens.
export { createSecretBox, type SecretBox, type SecretPlace } from './envelope';
export { SecretError, type SecretErrorCode } from './errors';
export { createLocalKeyProvider, type KeyProvider } from './key-provider';
export { type KeyProviderSettings, openSecrets, type SecretSettings } from './open';
export { createAwsKmsProvider, createVaultTransitProvider } from './remote-providers';
export {
  type AccessClaims,
  type Assurance,
  createTokens,
  type PurposeToken,
  type Tokens,
} from './tokens';
