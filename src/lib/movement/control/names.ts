import type { ApplicationDatabase } from '@/lib/application';
import type { OperationsDatabase } from '@/lib/operations';
import type { Move } from './move';

/** Names of a move's tenant and data sources. */
export interface MoveNames {
  tenant: string;
  from: string;
  to: string;
}

type Placed = Pick<Move, 'tenantId' | 'fromSource' | 'toSource'>;

/** Looks up the names of moves' tenants and data sources. For those that no longer exist, the id is returned. */
export async function namesOf(
  {
    application,
    operations,
  }: {
    application: Pick<ApplicationDatabase, 'tenants'>;
    operations: Pick<OperationsDatabase, 'dataSources'>;
  },
  moves: readonly Placed[],
): Promise<(move: Placed) => MoveNames> {
  const ids = [...new Set(moves.map(({ tenantId }) => tenantId))];
  const [sources, tenants] = await Promise.all([
    operations.dataSources.names(),
    Promise.all(ids.map(async (id) => [id, (await application.tenants.find(id))?.subdomain ?? id] as const)),
  ]);
  const subdomains = new Map(tenants);
  return ({ tenantId, fromSource, toSource }) => ({
    tenant: subdomains.get(tenantId) ?? tenantId,
    from: sources.get(fromSource) ?? fromSource,
    to: sources.get(toSource) ?? toSource,
  });
}
