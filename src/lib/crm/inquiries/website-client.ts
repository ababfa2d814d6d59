import type { TenantClient } from '@/lib/data-sources';
import type { DataSourceManager } from '@/lib/data-sources/manager';
import type { Tokens } from '@/lib/secrets';
import { idOf } from '../ids';

/** Acts for visitors of one tenant's public form. */
export interface Visitor {
  manager: Pick<DataSourceManager, 'getClientForTenant'>;
  tokens: Pick<Tokens, 'signAccessToken'>;
  tenantId: string;
}

const LIFETIME_SECONDS = 60;

/**
 * A client with the role `website`, which no policy names: it reads and writes no table, and can only call the functions of the
 * inquiry form. Its token never leaves the server.
 */
export async function websiteClient({ manager, tokens, tenantId }: Visitor): Promise<TenantClient> {
  const claims = { userId: idOf(`${tenantId}:website`), tenantId, role: 'website', tokenVersion: 0 };
  const accessToken = await tokens.signAccessToken(claims, LIFETIME_SECONDS);
  return manager.getClientForTenant(tenantId, false, { accessToken });
}
