import type { MoveDependencies } from '@/lib/movement';
import type { ServerDependencies } from '../../dependencies';

/** A server that moves tenants: the API of moves and rollouts is there. */
export type MoveRouteDependencies = ServerDependencies & { moves: MoveDependencies };

export function movesTenants(parts: ServerDependencies): parts is MoveRouteDependencies {
  return parts.moves !== undefined;
}
