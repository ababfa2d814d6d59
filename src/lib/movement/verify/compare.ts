// Whether two databases hold the same rows of a tenant, while writes go on and at the cut-over position.
import {
  type ComparedTable,
  compareTable,
  emptyTable,
  occupiedTables,
  type RowDifference,
  type Side,
  type TenantTable,
} from '@/lib/tenant-data/rows';
import type { OpenEndpoint } from '../control/endpoints';
import type { ChangedKeys } from './changed-keys';

export interface Verification {
  tables: ComparedTable[];
  rows: number;
  differences: RowDifference[];
}

/** Compares every table as the endpoints' readers see it. @param pause called between tables */
export async function compareEndpoints(
  tables: readonly TenantTable[],
  one: OpenEndpoint,
  other: OpenEndpoint,
  pause: () => Promise<void> = async () => {},
): Promise<Verification> {
  const [left, right] = [readerOf(one), readerOf(other)];
  const occupied = await Promise.all(
    [left, right].map(({ client, tenantId }) => occupiedTables(client, tables, tenantId, pause)),
  );
  const compared: ComparedTable[] = [];
  for (const table of tables) {
    const isEmpty = !occupied.some((names) => names.has(table.name));
    compared.push(isEmpty ? emptyTable(table) : await compareTable(table, left, right));
    if (!isEmpty) await pause();
  }
  return {
    tables: compared,
    rows: compared.reduce((sum, { rows }) => sum + rows, 0),
    differences: compared.flatMap(({ differences }) => differences),
  };
}

/**
 * Compares every table while writes go on. A row may differ only if replication has carried a change of it since before the first
 * reading; such rows stay in `changed`, to be compared later.
 *
 * @param catchUp resolves when replication has passed what the second reading saw
 * @returns the differences that no change explains
 */
export async function compareWhileWriting(
  tables: readonly TenantTable[],
  one: OpenEndpoint,
  other: OpenEndpoint,
  changed: ChangedKeys,
  catchUp: () => Promise<void>,
  pause?: () => Promise<void>,
): Promise<Verification> {
  const verification = await compareEndpoints(tables, one, other, pause);
  await catchUp();
  const unexplained = verification.differences.filter((difference) => !changed.has(difference));
  return { ...verification, differences: unexplained };
}

/** Compares the rows that changed, so that few are left for the cut-over. Rows that still differ stay in `changed`. */
export async function compareChanged(
  tables: readonly TenantTable[],
  one: OpenEndpoint,
  other: OpenEndpoint,
  changed: ChangedKeys,
): Promise<void> {
  const differences = await changed.compare(tables, readerOf(one), readerOf(other));
  for (const { table, key } of differences) changed.add(table, key);
}

function readerOf({ reader, tenantId }: OpenEndpoint): Side {
  return { client: reader, tenantId };
}
