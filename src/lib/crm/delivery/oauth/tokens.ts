import { z } from 'zod';
import { GenericRepository } from '@/lib/repositories';
import { openCredentials, sealCredentials } from '../credentials';
import type { DeliveryDependencies } from '../dependencies';
import { type OAuthClient, OAuthError, type OAuthProvider, type OAuthTokens, refreshTokens } from './oauth';

const Tokens = z.object({
  accessToken: z.string(),
  refreshToken: z.string().optional(),
  expiresAt: z.number(),
  scopes: z.array(z.string()),
});

/** Renew tokens this long before they expire, ms: requests take a while, and clocks differ. */
const MARGIN_MS = 60_000;

/**
 * A connection's tokens, valid for at least another minute. Only one process renews them at a time: a provider that rotates
 * refresh tokens takes a second use of an old one for theft.
 *
 * @param options.renew also where they are still valid
 * @throws OAuthError `oauth_refused` (the connection is marked expired), `oauth_unreachable`
 */
export async function freshTokens(
  parts: DeliveryDependencies,
  tenantId: string,
  integrationId: string,
  provider: OAuthProvider,
  registration: Pick<OAuthClient, 'clientId' | 'clientSecret'>,
  options: { renew?: boolean } = {},
): Promise<OAuthTokens> {
  const rows = new GenericRepository(
    await parts.manager.getClientForTenant(tenantId, true),
    'user_integrations',
  );
  const read = async () => {
    const tokens = await storedTokens(parts, tenantId, integrationId);
    if (tokens) return tokens;
    throw new OAuthError('oauth_refused', 'This connection has no tokens.', { hint: 'Connect it again.' });
  };
  const before = await read();
  if (!options.renew && isGood(before)) return before;
  return parts.operations.withLock(`oauth ${integrationId}`, async () => {
    const now = await read();
    // Another process renewed them meanwhile.
    if (now.expiresAt !== before.expiresAt && isGood(now)) return now;
    try {
      const tokens = await refreshTokens(provider, registration, now);
      const sealed = await sealCredentials(parts, tenantId, tokens);
      await rows.update(integrationId, { ...sealed, status: 'connected', last_error: null });
      return tokens;
    } catch (error) {
      if (error instanceof OAuthError && error.code === 'oauth_refused') {
        await rows.update(integrationId, { status: 'expired', last_error: error.message });
      }
      throw error;
    }
  });
}

/** A connection's stored tokens; undefined where there are none. */
export async function storedTokens(
  parts: DeliveryDependencies,
  tenantId: string,
  integrationId: string,
): Promise<OAuthTokens | undefined> {
  const client = await parts.manager.getClientForTenant(tenantId, true);
  const row = await new GenericRepository(client, 'user_integrations').get(integrationId);
  const tokens = row.credentials && (await openCredentials(parts, tenantId, row.credentials, Tokens));
  return tokens ? toTokens(tokens) : undefined;
}

function isGood({ expiresAt }: OAuthTokens): boolean {
  return expiresAt > Date.now() + MARGIN_MS;
}

function toTokens({ refreshToken, ...tokens }: z.infer<typeof Tokens>): OAuthTokens {
  return { ...tokens, ...(refreshToken ? { refreshToken } : {}) };
}
