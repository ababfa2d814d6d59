import type { ServerParts } from '../context';
import type { OperatorServices } from './services';

/** The server's parts, with what the operator's routes need. */
export type OperatorParts = ServerParts & { operator: OperatorServices };

export function hasOperator(parts: ServerParts): parts is OperatorParts {
  return parts.operator !== undefined;
}
