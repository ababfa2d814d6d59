// Key ranges, by which large tables are copied in parts that are committed separately.
import { quote, type TenantTable, writeOrder } from '@/lib/tenant-data/rows';
import type { OpenEndpoint } from '../control/endpoints';
import type { CopyRange } from '../control/move';

/** Whether ranges of a table can be copied separately: its key can be compared here, and no row references another of the table. */
export function isDivisible(table: TenantTable, group: readonly TenantTable[]): boolean {
  return (
    group.length === 1 &&
    !table.references.includes(table.name) &&
    // A row whose key changes while the copy is interrupted would go from one range to another.
    !table.keyMayChange &&
    table.key.length === 1 &&
    table.key[0]?.type === 'uuid'
  );
}

/** Divides the tables that have rows into ranges of about `rangeRows` rows; each other table is one range. */
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

/** Whether a key lies in a range that was copied. UUIDs compare as their text does. */
export function isCopied(ranges: readonly CopyRange[], key: readonly string[]): boolean {
  return ranges.some(
    ({ done, afterKey, upToKey }) =>
      done &&
      (afterKey === null || (key[0] ?? '') > afterKey) &&
      (upToKey === null || (key[0] ?? '') <= upToKey),
  );
}
