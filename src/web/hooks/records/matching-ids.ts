import { unwrap } from '../request/database';
import { type Reading, request, type TableName } from '../request/query';

const IDS_A_REQUEST = 1000;

/** The ids of all rows that a query matches, loaded or not, by id. */
export async function readMatchingIds(table: TableName, reading: Reading): Promise<string[]> {
  const { order: _, limit: _limit, select: _select, ...conditions } = reading;
  const ids: string[] = [];
  for (;;) {
    const after = ids.at(-1);
    const answer = await request(table, {
      ...conditions,
      select: 'id',
      filters: [...(reading.filters ?? []), ...(after ? [['id', 'gt', after] as const] : [])],
      order: [['id', 'asc']],
      limit: IDS_A_REQUEST,
    });
    const rows = unwrap(answer) as unknown as { id: string }[];
    ids.push(...rows.map(({ id }) => id));
    if (rows.length < IDS_A_REQUEST) return ids;
  }
}
