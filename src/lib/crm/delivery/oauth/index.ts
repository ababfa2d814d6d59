// Connections to other companies' services.
export {
  beginAuthorization,
  exchangeCode,
  type OAuthClient,
  OAuthError,
  type OAuthProvider,
  type OAuthTokens,
  PROVIDERS,
  refreshTokens,
  revokeTokens,
} from './oauth';
