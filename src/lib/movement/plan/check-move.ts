import { withEndpoints } from '../control/endpoints';
import type { MoveDependencies } from '../control/ports';
import { type Preflight, preflight } from './preflight';
import { checkId } from './target-id';
import { checkRoom } from './target-room';

/**
 * Runs the preflight for a move that is not recorded. Writes nothing.
 *
 * @returns findings, of which those of level `problem` would prevent the move; the mode, and the estimated size and duration
 * @throws MovementError `move_not_possible` if a data source has no login for moves or is reached through a pooler,
 *   `move_database_unreachable`; DataSourceError where a database cannot be connected to; ApplicationError `tenant_unknown`; OperationsError `data_source_unknown`
 */
export async function checkMove(
  dependencies: MoveDependencies,
  request: { tenantId: string; toSource: string; toTenantId?: string },
): Promise<Omit<Preflight, 'tables'>> {
  const { tenantId, toSource, toTenantId } = request;
  const route = await dependencies.route(tenantId);
  const { dataSourceId, tenantIdInDataSource } = route;
  const [from, to] = await Promise.all([
    dependencies.endpoint(dataSourceId),
    dependencies.endpoint(toSource),
  ]);
  return withEndpoints(
    [
      { ...from, tenantId: tenantIdInDataSource },
      { ...to, tenantId: toTenantId ?? tenantIdInDataSource },
    ],
    async (source, target) => {
      const { tables: _, ...result } = await preflight({ source, target, route });
      const isMover = result.findings.every(({ check, level }) => check !== 'mover' || level === 'ok');
      const id = isMover ? [await checkId(dependencies, tenantId, target)] : [];
      const room = await checkRoom(dependencies, target);
      return { ...result, findings: [...result.findings, ...id, room] };
    },
  );
}
