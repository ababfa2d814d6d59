import type { MoveDependencies } from '@/lib/movement';
import type { ServerParts } from '../../context';

/** A server that moves tenants: the API of moves and rollouts is there. */
export type MovingParts = ServerParts & { moves: MoveDependencies };

export function movesTenants(parts: ServerParts): parts is MovingParts {
  return parts.moves !== undefined;
}
