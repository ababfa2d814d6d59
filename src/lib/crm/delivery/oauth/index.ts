// OAuth connections to other services.
export {
  authorizationUrl,
  exchangeCode,
  newVerifier,
  type OAuthClient,
  OAuthError,
  type OAuthProvider,
  type OAuthTokens,
  refreshTokens,
  revokeTokens,
} from './oauth';
export { registeredProvider } from './registered';
export { freshTokens, storedTokens } from './tokens';
