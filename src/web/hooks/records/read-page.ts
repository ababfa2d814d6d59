import { unwrap } from '../request/database';
import { countOf, PAGE_SIZE, request, type TableName } from '../request/query';
import { type KeysetReading, type PageStart, partsOf } from './paging';

type AnyRow = Record<string, unknown>;

/** Reads one page, in the order of the list. */
export async function readPage(
  table: TableName,
  reading: KeysetReading,
  { after, backwards = false, skip = 0, most = PAGE_SIZE }: PageStart,
  signal: AbortSignal,
): Promise<AnyRow[]> {
  const rows: AnyRow[] = [];
  let left = skip;
  const parts = partsOf(reading, { after, backwards });
  for (const [index, part] of parts.entries()) {
    if (left > 0 && index < parts.length - 1) {
      const size = await countOf(table, part, 'exact', signal);
      if (left >= size) {
        left -= size;
        continue;
      }
    }
    const wanted = most - rows.length;
    if (wanted <= 0) break;
    const range = { from: left, to: left + wanted - 1 };
    rows.push(...(unwrap(await request(table, part, { range }).abortSignal(signal)) as unknown as AnyRow[]));
    left = 0;
  }
  return backwards ? rows.reverse() : rows;
}
