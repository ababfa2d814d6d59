// Whether the tenant's id is free at the target. See "An id belongs to one tenant" in README.md.
import { ReservedIds } from '@/lib/operations';
import type { OpenEndpoint } from '../control/endpoints';
import type { MoveDependencies } from '../control/ports';
import { idTaken } from '../errors';
import type { Finding } from './findings';

/** @throws MovementError `move_id_taken` when another tenant's route points to an id at the target */
export async function refuseTaken(
  { tenantAt }: Pick<MoveDependencies, 'tenantAt'>,
  tenantId: string,
  toSource: string,
  idAtTarget: string,
): Promise<void> {
  const other = await tenantAt(toSource, idAtTarget);
  if (other && other.id !== tenantId) throw idTaken(`belongs to the tenant ${other.name} at the target`);
}

/** Whether a route, a move or a fence has the tenant's id at the target. */
export async function checkId(
  dependencies: MoveDependencies,
  tenantId: string,
  { client, dataSourceId, name, tenantId: idAtTarget }: OpenEndpoint,
): Promise<Finding> {
  const other = await dependencies.tenantAt(dataSourceId, idAtTarget);
  const moveId = await new ReservedIds(dependencies.operations).moveOf(dataSourceId, idAtTarget);
  const { rows: fences } = await client.query('select from tenancy.fence where tenant_id = $1', [idAtTarget]);
  const [because] = [
    other && other.id !== tenantId ? `the tenant ${other.name} has it` : '',
    moveId ? 'a move has reserved it' : '',
    fences.length > 0 ? 'a fence is there under it' : '',
  ].filter(Boolean);
  if (!because) return { check: 'id', level: 'ok', message: `The tenant’s id is free in ${name}.` };
  const message = `The tenant’s id is taken in ${name}: ${because}. Give it another one: --to-tenant-id`;
  return { check: 'id', level: 'problem', message };
}
