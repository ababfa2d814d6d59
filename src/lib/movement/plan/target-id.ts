// Whether the tenant's id is free at the target. See "An id belongs to one tenant" in README.md.
import { ReservedIds } from '@/lib/operations';
import type { OpenEndpoint } from '../control/endpoints';
import type { MoveDependencies } from '../control/ports';
import { refusalText } from '../control/refusal-words';
import { idTaken } from '../errors';
import { type Finding, finding } from './findings';
import { sayFinding, sayPart } from './words';

/** @throws MovementError `move_id_taken` when another tenant's route points to an id at the target */
export async function refuseTaken(
  { tenantAt }: Pick<MoveDependencies, 'tenantAt'>,
  tenantId: string,
  toSource: string,
  idAtTarget: string,
): Promise<void> {
  const other = await tenantAt(toSource, idAtTarget);
  if (other && other.id !== tenantId) throw idTaken(refusalText('id_of_tenant', { tenant: other.name }));
}

/** Whether a route, a move or a fence has the tenant's id at the target. */
export async function checkId(
  dependencies: MoveDependencies,
  tenantId: string,
  { client, dataSourceId, name: target, tenantId: idAtTarget }: OpenEndpoint,
): Promise<Finding> {
  const other = await dependencies.tenantAt(dataSourceId, idAtTarget);
  const moveId = await new ReservedIds(dependencies.operations).moveOf(dataSourceId, idAtTarget);
  const { rows: fences } = await client.query('select from tenancy.fence where tenant_id = $1', [idAtTarget]);
  const [why] = [
    ...(other && other.id !== tenantId ? [sayPart('id_of_tenant', { tenant: other.name })] : []),
    ...(moveId ? [sayPart('id_reserved')] : []),
    ...(fences.length > 0 ? [sayPart('id_fenced')] : []),
  ];
  return why
    ? finding('id', 'problem', sayFinding('id_taken', { target, why: [why] }))
    : finding('id', 'ok', sayFinding('id_free', { target }));
}
