export { createSecretBox, type SecretBox, type SecretPlace } from './envelope';
export { SecretError } from './errors';
export { createLocalKeyProvider, type KeyProvider } from './key-provider';
export {
  createAwsKmsProvider,
  createSupabaseVaultProvider,
  createVaultTransitProvider,
} from './remote-providers';
export { type AccessTokenClaims, createTokens, type TenantKeyKind, type Tokens } from './tokens';
