import { tableNamed, unwrap } from '../request/database';
import type { TableName } from '../request/query';

/** Maximum number of ids per request, limited by URL length. */
const IDS_AT_ONCE = 200;

export interface ColumnChange {
  ids: readonly string[];
  column: string;
  value: unknown;
}

/**
 * Sets one column of many records, in parts. A part that the database refuses is left out, so that what was changed can be undone.
 *
 * @returns the changed ids and each previous value
 * @throws Failure where every part is refused
 */
export async function setColumn(table: TableName, { ids, column, value }: ColumnChange) {
  // Read from the database: the list in the cache is only partly loaded.
  const before = await inParts(ids, async (some) => {
    const query = tableNamed(table).select(`id,${column}`).in('id', some);
    return unwrap(await query) as unknown as ({ id: string } & Record<string, unknown>)[];
  });
  let refused: unknown;
  const changed = await inParts(ids, async (some) => {
    try {
      const query = tableNamed(table)
        .update({ [column]: value })
        .in('id', some)
        .select('id');
      return unwrap(await query) as { id: string }[];
    } catch (error) {
      refused = error;
      return [];
    }
  });
  if (refused && changed.length === 0) throw refused;
  const done = new Set(changed.map(({ id }) => id));
  return before.filter(({ id }) => done.has(id)).map((row) => ({ id: row.id, value: row[column] }));
}

/** Does work on ids in as many requests as they need. */
export async function inParts<Result>(
  ids: readonly string[],
  work: (some: string[]) => Promise<Result[]>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < ids.length; from += IDS_AT_ONCE) {
    results.push(...(await work(ids.slice(from, from + IDS_AT_ONCE))));
  }
  return results;
}
