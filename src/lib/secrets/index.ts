// FOUNDATION: your files of this room and these crossed. Either keep these (complete, tested by secrets.test.ts) or replace them by yours; your choice, then delete this line and go on with application at once.
export { createSecretBox, type SecretBox, type SecretPlace } from './envelope';
export { SecretError } from './errors';
export { createLocalKeyProvider, type KeyProvider } from './key-provider';
export {
  createAwsKmsProvider,
  createSupabaseVaultProvider,
  createVaultTransitProvider,
} from './remote-providers';
export { type AccessTokenClaims, createTokens, type TenantKeyKind, type Tokens } from './tokens';
