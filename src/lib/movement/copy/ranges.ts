// Key ranges. Large tables are copied in ranges, each of which is committed separately.
import { quote, type TenantTable, writeOrder } from '@/lib/tenant-data/rows';
import type { OpenEndpoint } from '../control/endpoints';
import type { CopyRange } from '../control/move';

/** Whether ranges of a table can be copied separately: this process can compare its keys, and no row references another row of the table. */
export function isDivisible(table: TenantTable, group: readonly TenantTable[]): boolean {
  return (
    group.length === 1 &&
    !table.references.includes(table.name) &&
    // A row whose key changes while the copy is interrupted would move to another range.
    !table.keyMayChange &&
    table.key.length === 1 &&
    table.key[0]?.type === 'uuid'
  );
}

/** Divides the tables into ranges of about `rangeRows` rows. A table that cannot be divided is one range. */
export async function planRanges(
  source: OpenEndpoint,
  tables: readonly TenantTable[],
  occupied: ReadonlySet<string>,
  rangeRows: number,
): Promise<CopyRange[]> {
  const ranges: CopyRange[] = [];
  for (const group of writeOrder(tables)) {
    for (const table of group) {
      const isDivided = occupied.has(table.name) && isDivisible(table, group);
      const bounds = isDivided ? await boundaries(source, table, rangeRows) : [];
      for (const [place, upToKey] of [...bounds, null].entries()) {
        const afterKey = bounds[place - 1] ?? null;
        ranges.push({ table: table.name, place, afterKey, upToKey, rows: 0, bytes: 0, done: false });
      }
    }
  }
  return ranges;
}

async function boundaries(source: OpenEndpoint, table: TenantTable, rangeRows: number): Promise<string[]> {
  const key = quote(table.key[0]?.name ?? '');
  const { rows } = await source.client.query<{ key: string }>(
    `select k::text as key from (select ${key} as k, row_number() over (order by ${key}) as n from ${table.name} where tenant_id = $1) numbered
     where n % $2 = 0 order by k`,
    [source.tenantId, rangeRows],
  );
  return rows.map((row) => row.key);
}

/** Whether a key is in a range that was copied. Texts of UUIDs have the order of the UUIDs. */
export function isCopied(ranges: readonly CopyRange[], key: readonly string[]): boolean {
  return ranges.some(
    ({ done, afterKey, upToKey }) =>
      done &&
      (afterKey === null || (key[0] ?? '') > afterKey) &&
      (upToKey === null || (key[0] ?? '') <= upToKey),
  );
}
