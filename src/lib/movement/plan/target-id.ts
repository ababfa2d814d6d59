// Whether the tenant's id at the target is free. See "An id belongs to one tenant" in README.md.
import { ReservedIds } from '@/lib/operations';
import type { MoveDependencies } from '../control/ports';
import type { OpenHome } from '../cutover/cut-over';
import { idTaken } from '../errors';
import type { Finding } from './preflight';

/** @throws MovementError `move_id_taken` when another tenant's route points to an id at the target */
export async function refuseTaken(
  { tenantAt }: Pick<MoveDependencies, 'tenantAt'>,
  tenantId: string,
  toSource: string,
  idThere: string,
): Promise<void> {
  const other = await tenantAt(toSource, idThere);
  if (other && other.id !== tenantId) throw idTaken(`is that of the tenant ${other.name} there`);
}

/** Whether the tenant's id at the target is free, of routes, of moves and of fences. */
export async function checkId(
  dependencies: MoveDependencies,
  tenantId: string,
  { client, dataSourceId, name, tenantId: idThere }: OpenHome,
): Promise<Finding> {
  const other = await dependencies.tenantAt(dataSourceId, idThere);
  const moveId = await new ReservedIds(dependencies.operations).moveOf(dataSourceId, idThere);
  const { rows: fences } = await client.query('select from tenancy.fence where tenant_id = $1', [idThere]);
  const [because] = [
    other && other.id !== tenantId ? `the tenant ${other.name} has it` : '',
    moveId ? 'a move has reserved it' : '',
    fences.length > 0 ? 'a fence is there under it' : '',
  ].filter(Boolean);
  if (!because) return { check: 'id', level: 'ok', message: `The tenant’s id is free in ${name}.` };
  const message = `The tenant’s id is taken in ${name}: ${because}. Give it another one: --to-tenant-id`;
  return { check: 'id', level: 'problem', message };
}
