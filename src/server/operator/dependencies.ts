import type { ServerDependencies } from '../dependencies';
import type { OperatorServices } from './services';

/** The server's parts, with what the operator's routes need. */
export type OperatorDependencies = ServerDependencies & { operator: OperatorServices };

export function hasOperator(parts: ServerDependencies): parts is OperatorDependencies {
  return parts.operator !== undefined;
}
