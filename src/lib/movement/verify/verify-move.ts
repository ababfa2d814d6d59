import { setTimeout as sleep } from 'node:timers/promises';
import { readTables } from '@/lib/tenant-data/rows';
import { withEndpoints } from '../control/endpoints';
import { MoveStore } from '../control/move-store';
import type { MoveDependencies } from '../control/ports';
import { ChangedKeys } from './changed-keys';
import { compareChanged, compareEndpoints, type Verification } from './compare';

const COMPARE_AGAIN_EVERY_MS = 250;

/**
 * Compares every row of a move's source and target now. Rows that differ are compared again for some time, since a write may be under way.
 *
 * @param settleMs how long rows that differ are compared again, ms
 * @param signal ends the comparison
 * @returns the number of rows of each table, and the rows that differ
 * @throws MovementError `move_unknown`, `move_not_possible`, `move_database_unreachable`
 */
export async function verifyMove(
  dependencies: MoveDependencies,
  moveId: string,
  settleMs = 0,
  signal?: AbortSignal,
): Promise<Verification> {
  const move = await new MoveStore(dependencies.operations).get(moveId);
  const [from, to] = await Promise.all([
    dependencies.endpoint(move.fromSource),
    dependencies.endpoint(move.toSource),
  ]);
  const endpoints = [
    { ...from, tenantId: move.fromTenantId },
    { ...to, tenantId: move.toTenantId },
  ] as const;
  return withEndpoints(
    endpoints,
    async (source, target) => {
      const tables = await readTables(source.client);
      const verification = await compareEndpoints(tables, source, target);
      const differing = new ChangedKeys();
      for (const { table, key } of verification.differences) differing.add(table, key);
      for (const until = Date.now() + settleMs; differing.size > 0 && Date.now() < until; ) {
        await sleep(COMPARE_AGAIN_EVERY_MS);
        await compareChanged(tables, source, target, differing);
      }
      return {
        ...verification,
        differences: verification.differences.filter((difference) => differing.has(difference)),
      };
    },
    signal,
  );
}
