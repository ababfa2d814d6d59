import type { TenantClient } from '@/lib/data-sources';
import type { ImportRecord, Imports } from '@/lib/operations';
import type { ImportEntityName } from './entities';
import { importRows } from './import-rows';
import type { ImportOptions } from './prepare';
import type { SpooledFile } from './spool';
import { type KeptRow, removeMade, restoreOverwritten, tableOf } from './undo';

const MOST_LISTED = 1000;

/** Imports a file and records its progress, the created rows and the outcome. */
export async function importFile(
  imports: Imports,
  client: TenantClient,
  id: string,
  file: SpooledFile,
  options: ImportOptions,
): Promise<void> {
  try {
    const result = await importRows(client, () => file.read(), options, {
      id,
      progress: (rows) => imports.progress(id, { rows, bytes: rows === 0 ? 0 : file.bytesRead }),
      making: (table, ids) => imports.making(id, { table, ids }),
    });
    await imports.finish(id, 'done', result);
  } catch (error) {
    await imports.finish(id, 'failed', { message: wordsOf(error) });
  } finally {
    await file.close();
  }
}

/**
 * Restores what an import overwrote and removes the rows it created, batch by batch. Rows created for references go only if all others
 * went.
 */
export async function undoImport(
  imports: Imports,
  client: TenantClient,
  { id, entity, result }: ImportRecord,
): Promise<void> {
  const table = tableOf(entity as ImportEntityName);
  const soFar = {
    removed: Number(result.removed ?? 0),
    restored: Number(result.restored ?? 0),
    kept: Number(result.kept ?? 0),
    keptRows: ((result.keptRows as KeptRow[] | undefined) ?? []).slice(0, MOST_LISTED),
  };
  const keep = (rows: KeptRow[]) => {
    soFar.kept += rows.length;
    soFar.keptRows.push(...rows.slice(0, MOST_LISTED - soFar.keptRows.length));
  };
  try {
    const overwritten = await restoreOverwritten(client, id, () => imports.touch(id));
    soFar.restored += overwritten.restored;
    keep(overwritten.kept);
    const keptBefore = soFar.kept;
    for (let made = await imports.lastMade(id, table); made; made = await imports.lastMade(id, table)) {
      // What the rows that stay refer to stays too.
      if (made.table !== table && soFar.kept > keptBefore) soFar.kept += made.ids.length;
      else {
        const { removed, kept } = await removeMade(client, made);
        soFar.removed += removed;
        keep(kept);
      }
      await imports.undone(id, made.position, soFar);
    }
    await imports.finish(id, 'undone', { ...result, ...soFar });
  } catch (error) {
    await imports.finish(id, 'failed', { ...result, ...soFar, message: wordsOf(error) });
  }
}

const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
