// A backup can be opened from its store alone, with the keys of the installation. When those are replaced, the envelope of the
// backup's key is brought under the new one here; this brings it into the store.
import type { BackupDependencies } from './dependencies';
import { BackupError } from './errors';
import { prefixOf } from './format/places';
import { problemsOf } from './problems-of';
import { recorded } from './records';
import { openStore } from './stores/open-store';

/**
 * Writes the envelopes that were replaced since.
 *
 * @returns how many, and why others were not: their stores have them under the former key
 */
export async function storeKeys({ operations }: Pick<BackupDependencies, 'operations'>): Promise<{
  stored: number;
  problems: unknown[];
}> {
  const { rows } = await operations.pool.query<{ id: string; tenantId: string; store: string; key: string }>(
    `select id, tenant_id "tenantId", store, data_key as key from backups
     where state = 'complete' and md5(data_key) <> coalesce(stored_key, md5(manifest -> 'manifest' ->> 'dataKey'))`,
  );
  const problems = await problemsOf(rows, async ({ key, store, ...backup }) => {
    await (await openStore(store))
      .put(`${prefixOf(backup)}/key`, Buffer.from(key))
      .catch((cause: unknown) => {
        const why = recorded(cause).message;
        throw new BackupError(
          'backup_store_unreachable',
          `The key of backup ${backup.id} is not stored: ${why}`,
          {
            cause,
          },
        );
      });
    await operations.pool.query('update backups set stored_key = md5($2::text) where id = $1', [
      backup.id,
      key,
    ]);
  });
  return { stored: rows.length - problems.length, problems };
}
