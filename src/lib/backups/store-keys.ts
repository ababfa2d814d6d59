// A backup can be opened from its store alone, with the keys of the installation. When those are replaced, the envelope of the
// backup's key is brought under the new one here; this brings it into the store.
import type { BackupDependencies } from './dependencies';
import { BackupError } from './errors';
import { prefixOf } from './format/places';
import { recorded } from './records';
import { openStore } from './stores/open-store';

interface Replaced {
  id: string;
  tenantId: string;
  store: string;
  key: string;
}

/**
 * Writes the envelopes that were replaced since. A store that is away is left for the next time.
 *
 * @returns how many, and why others were not: their stores have them under the former key
 */
export async function storeKeys({ operations }: Pick<BackupDependencies, 'operations'>): Promise<{
  stored: number;
  problems: unknown[];
}> {
  const { rows } = await operations.pool.query<Replaced>(
    `select id, tenant_id "tenantId", store, data_key as key from backups
     where state = 'complete' and md5(data_key) <> coalesce(stored_key, md5(manifest -> 'manifest' ->> 'dataKey'))
     order by store, id`,
  );
  const problems: unknown[] = [];
  let stored = 0;
  for (const [address, all] of Map.groupBy(rows, ({ store }) => store)) {
    for (const [done, { key, ...backup }] of all.entries()) {
      try {
        await (await openStore(address)).put(`${prefixOf(backup)}/key`, Buffer.from(key));
      } catch (cause) {
        const isAway = await isUnreachable(address);
        problems.push(notStored(backup.id, cause, isAway ? all.length - done - 1 : 0));
        if (isAway) break;
        continue;
      }
      await operations.pool.query('update backups set stored_key = md5($2::text) where id = $1', [
        backup.id,
        key,
      ]);
      stored += 1;
    }
  }
  return { stored, problems };
}

/** Whether nothing can be done there, instead of something about one object. */
async function isUnreachable(address: string): Promise<boolean> {
  return openStore(address)
    .then((store) => store.list('none'))
    .then(
      () => false,
      () => true,
    );
}

/** @param others backups of the same store that were not tried */
function notStored(id: string, cause: unknown, others: number): BackupError {
  const why = `The key of backup ${id} is not stored: ${recorded(cause).message}`;
  const also = others > 0 ? ` Nor are those of ${others} others in the same store.` : '';
  return new BackupError('backup_store_unreachable', `${why}${also}`, { cause });
}
