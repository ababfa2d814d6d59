// Records the backups that are in a store and not known here: those of an installation whose operations database was lost.
import type { BackupDependencies } from './dependencies';
import { BackupError } from './errors';
import { parseManifest } from './format/manifest';
import { openStored } from './open';
import type { BackupStore } from './stores/store';

/**
 * @returns ids of the backups recorded now, and of those that are damaged or under a key that is not here, with the error
 * @throws BackupError `backup_store_unreachable`
 */
export async function adoptBackups(
  { operations, secretBox }: BackupDependencies,
  store: BackupStore,
  requestedBy: string,
): Promise<{ adopted: string[]; refused: { key: string; error: BackupError }[] }> {
  const adopted: string[] = [];
  const refused: { key: string; error: BackupError }[] = [];
  for (const key of await store.list('')) {
    const [tenantId = '', id = '', name] = key.split('/');
    if (name !== 'manifest.json') continue;
    const { rows } = await operations.pool.query('select 1 from backups where id::text = $1', [id]);
    if (rows.length > 0) continue;
    try {
      const signed = parseManifest(String(await store.get(key)));
      const { manifest, dataKey } = await openStored(secretBox, store, { id, tenantId });
      await operations.pool.query(
        `insert into backups (id, tenant_id, data_source, state, reason, store, data_key, requested_by, started_at, finished_at, as_of,
           manifest, rows, stored_bytes, stored_key)
         values ($1, $2, $3, 'complete', 'manual', $4, $5, $6, $7, $7, $7, $8, $9, $10, md5($5::text)) on conflict do nothing`,
        [
          ...[id, tenantId, manifest.source.id, store.url, dataKey, requestedBy, manifest.asOf],
          ...[JSON.stringify(signed), manifest.rows, manifest.storedBytes],
        ],
      );
      adopted.push(id);
    } catch (error) {
      if (!(error instanceof BackupError)) throw error;
      refused.push({ key, error });
    }
  }
  return { adopted, refused };
}
