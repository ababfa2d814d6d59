// Envelope encryption of credentials, the keepers of its keys, and signed tokens.
export { createAwsKmsProvider } from './aws-kms';
export { canonicalJson } from './canonical-json';
export { type DataKeyCacheOptions, withDataKeyCache } from './data-key-cache';
export { countDecryptions } from './decryption-count';
export { type Ed25519Key, ed25519Key, ed25519PublicKey } from './ed25519';
export { createSecretBox, type SecretBox, type SecretPlace } from './envelope';
export { SecretError, type SecretErrorCode } from './errors';
export { createLocalKeyProvider, type KeyProvider } from './key-provider';
export { type KeyProviderKind, openSecrets, type SecretSettings } from './open';
export {
  type EnvelopeColumn,
  envelopeColumn,
  envelopeStatements,
  type RewrittenSecret,
  type SecretStore,
  type StoredSecret,
} from './stored';
export { newTokenKey, type TokenKey, type TokenKeys, tokenKeysOf } from './token-keys';
export {
  type AccessClaims,
  type Assurance,
  createTokens,
  isIssuedHere,
  type PurposeToken,
  type Tokens,
} from './tokens';
export type { VaultSignIn } from './vault-sign-in';
export { createVaultTransitProvider } from './vault-transit';
