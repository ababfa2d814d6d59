import type { TenantClient } from '@/lib/data-sources';
import { IMPORT_ENTITIES, type ImportEntityName } from './entities';

/** Rows of one table that an import made, as it announced them. */
export interface MadeRows {
  table: string;
  ids: string[];
}

/** A record that undoing left as it is. */
export interface KeptRow {
  kind: string;
  id: string;
  name: string;
  /** The columns that were changed since; none for a record that was made by the import and is changed or in use. */
  columns?: string[];
  /** Why it could not be restored, if for another reason. */
  reason?: string | null;
}

/** The table whose rows an import is about: undone first. */
export function tableOf(entity: ImportEntityName): string {
  return IMPORT_ENTITIES[entity].table;
}

/** Removes rows that an import made, unless they have been changed or are used by something else since. */
export async function removeMade(
  client: TenantClient,
  { table, ids }: MadeRows,
): Promise<{ removed: number; kept: KeptRow[] }> {
  const { data } = await client.rpc('remove_imported', { kind: table, ids }).throwOnError();
  const { removed, kept } = data as unknown as { removed: number; kept: { id: string; name: string }[] };
  return { removed, kept: kept.map((row) => ({ kind: table, ...row })) };
}

/** Restores what an import overwrote in existing records, unless it was changed since. */
export async function restoreOverwritten(
  client: TenantClient,
  importId: string,
  progress: (soFar: { restored: number; kept: KeptRow[] }) => Promise<void> = async () => {},
): Promise<{ restored: number; kept: KeptRow[] }> {
  const total = { restored: 0, kept: [] as KeptRow[] };
  for (;;) {
    const { data } = await client.rpc('undo_imported_changes', { import_id: importId }).throwOnError();
    const { restored, kept, more } = data as unknown as { restored: number; kept: KeptRow[]; more: boolean };
    total.restored += restored;
    total.kept.push(...kept);
    await progress(total);
    if (!more) return total;
  }
}
