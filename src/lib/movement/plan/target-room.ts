// Whether the target takes another tenant: as its status and capacity in the registry say.
import { type Move, NOT_YET_CUT_OVER } from '../control/move';
import type { Endpoint, MoveDependencies } from '../control/ports';
import { type Finding, finding } from './findings';
import { sayFinding } from './words';

/**
 * Counts the target's tenants, and moves that take others there. Of several moves at once the earlier ones have the room that is left.
 *
 * @param move the move that asks; left out before it is recorded
 */
export async function checkRoom(
  { tenantsIn, operations }: Pick<MoveDependencies, 'tenantsIn' | 'operations'>,
  { dataSourceId, name: target, status, capacity }: Endpoint,
  move?: Pick<Move, 'id'>,
): Promise<Finding> {
  if (status !== 'active') return finding('room', 'problem', sayFinding('target_status', { target, status }));
  if (capacity !== null) {
    const there = await tenantsIn(dataSourceId);
    const { rows } = await operations.query<{ n: number }>(
      `select count(*)::int as n from moves m left join moves own on own.id = $2
       where m.to_source = $1 and m.step = any ($3) and (own.id is null or (m.created_at, m.id) < (own.created_at, own.id))`,
      [dataSourceId, move?.id ?? null, NOT_YET_CUT_OVER],
    );
    if (there.length + (rows[0]?.n ?? 0) >= capacity)
      return finding('room', 'problem', sayFinding('target_full', { target, capacity }));
  }
  return finding('room', 'ok', sayFinding('room', { target }));
}
