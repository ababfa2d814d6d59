import type { TenantClient } from '@/lib/data-sources';
import { tableNamed } from '@/lib/repositories';
import { IMPORT_ENTITIES, type ImportEntityName } from './entities';

/** Rows of one table that an import made, as it announced them. */
export interface MadeRows {
  table: string;
  ids: string[];
}

/** Ids in one request: an address has room for so many. */
const FILTER_VALUES = 100;

/** The table whose rows an import is about: undone first. */
export function tableOf(entity: ImportEntityName): string {
  return IMPORT_ENTITIES[entity].table;
}

/**
 * Takes away rows that an import made, unless they have been changed or are used by something else since.
 *
 * @returns how many were taken away, and how many stay
 */
export async function removeMade(
  client: TenantClient,
  { table, ids }: MadeRows,
): Promise<{ removed: number; kept: number }> {
  const total = { removed: 0, kept: 0 };
  for (let at = 0; at < ids.length; at += FILTER_VALUES) {
    const part = ids.slice(at, at + FILTER_VALUES);
    const removed = await remove(client, table, part);
    total.removed += removed;
    if (removed < part.length) total.kept += await countOf(client, table, part);
  }
  return total;
}

async function remove(client: TenantClient, table: string, ids: string[]): Promise<number> {
  const { data, error } = await tableNamed(client, table)
    .delete()
    .in('id', ids)
    .eq('version', 1)
    .select('id');
  if (!error) return data.length;
  if (ids.length === 1) return 0;
  const half = Math.ceil(ids.length / 2);
  return (await remove(client, table, ids.slice(0, half))) + (await remove(client, table, ids.slice(half)));
}

async function countOf(client: TenantClient, table: string, ids: string[]): Promise<number> {
  const rows = tableNamed(client, table).select('id', { count: 'exact', head: true }).in('id', ids);
  const { count } = await rows.throwOnError();
  return count ?? 0;
}
