// Whether the homes hold the same rows, while writes go on and at the cut-over position.

import type { OpenHome } from '../cutover/cut-over';
import { type MovedTable, occupiedTables } from '../plan/tables';
import type { ChangedKeys } from './changed-keys';
import { type ComparedTable, compareTable, emptyTable, type RowDifference, type Side } from './digest';

export interface Verification {
  tables: ComparedTable[];
  rows: number;
  differences: RowDifference[];
}

/** Compares every table, in whatever snapshot the readers are. */
export async function compareHomes(
  tables: readonly MovedTable[],
  one: OpenHome,
  other: OpenHome,
  progress: () => Promise<void> = async () => {},
): Promise<Verification> {
  const here: Side = { client: one.reader, tenantId: one.tenantId };
  const there: Side = { client: other.reader, tenantId: other.tenantId };
  const sides = await Promise.all(
    [here, there].map(({ client, tenantId }) => occupiedTables(client, tables, tenantId, progress)),
  );
  const compared: ComparedTable[] = [];
  for (const table of tables) {
    const isEmpty = !sides.some((occupied) => occupied.has(table.name));
    compared.push(isEmpty ? emptyTable(table) : await compareTable(table, here, there));
    if (!isEmpty) await progress();
  }
  return {
    tables: compared,
    rows: compared.reduce((sum, { rows }) => sum + rows, 0),
    differences: compared.flatMap(({ differences }) => differences),
  };
}

/**
 * Compares every table while writes go on: a row may differ only where the stream has brought a change of it since
 * before the first reading. `settle` resolves when the stream has passed what the second reading saw.
 *
 * @returns the differences that no change explains; those that one does stay in `changed`, to be compared later
 */
export async function verifyWhileWriting(
  tables: readonly MovedTable[],
  one: OpenHome,
  other: OpenHome,
  changed: ChangedKeys,
  settle: () => Promise<void>,
  progress?: () => Promise<void>,
): Promise<Verification> {
  const verification = await compareHomes(tables, one, other, progress);
  await settle();
  const unexplained = verification.differences.filter((difference) => !changed.has(difference));
  return { ...verification, differences: unexplained };
}

/** Compares the keys that changed, so that few are left for the fence; those that differ still are kept for later. */
export async function settleChanged(
  tables: readonly MovedTable[],
  one: OpenHome,
  other: OpenHome,
  changed: ChangedKeys,
): Promise<void> {
  const differences = await changed.compare(
    tables,
    { client: one.reader, tenantId: one.tenantId },
    { client: other.reader, tenantId: other.tenantId },
  );
  for (const { table, key } of differences) changed.add(table, key);
}
