import { readNames } from '@/lib/data-sources';
import type { Move } from './move';

/** Names of a move's tenant and data sources. */
export interface MoveNames {
  tenant: string;
  from: string;
  to: string;
}

type Placed = Pick<Move, 'tenantId' | 'fromSource' | 'toSource'>;

/** Reads the names of moves' tenants and data sources: see `readNames`. */
export async function namesOf(
  databases: Parameters<typeof readNames>[0],
  moves: readonly Placed[],
): Promise<(move: Placed) => MoveNames> {
  const { tenant, source } = await readNames(
    databases,
    moves.map(({ tenantId }) => tenantId),
  );
  return ({ tenantId, fromSource, toSource }) => ({
    tenant: tenant(tenantId),
    from: source(fromSource),
    to: source(toSource),
  });
}
