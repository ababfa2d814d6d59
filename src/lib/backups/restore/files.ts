import { createHash } from 'node:crypto';
import type { BackupDependencies } from '../dependencies';
import type { OpenBackup } from '../open';

/** A file of the backup under the tenant that it is restored to. */
export function keyFor(key: string, from: string, to: string): string {
  return key.startsWith(`${from}/`) ? `${to}${key.slice(from.length)}` : key;
}

/**
 * Puts a backup's files into the storage, except those that are there as they were. Their keys are unique, so that files without rows do no
 * harm where the restore fails later.
 *
 * @param to the tenant that gets them
 * @returns how many were written
 */
export async function restoreFiles(
  { files: storage }: BackupDependencies,
  { manifest, file }: OpenBackup,
  to: string,
): Promise<number> {
  if (!storage) return 0;
  let written = 0;
  for (const entry of manifest.files) {
    const key = keyFor(entry.key, manifest.tenant.id, to);
    const there = await storage.get(key).catch((error: { code?: unknown }) => {
      if (error.code === 'file_missing') return undefined;
      throw error;
    });
    if (there && createHash('sha256').update(there).digest('hex') === entry.sha256) continue;
    await storage.put(key, await file(entry), 'application/octet-stream');
    written += 1;
  }
  return written;
}

/** Removes a tenant's restored files again. */
export async function removeFiles(
  { files: storage }: BackupDependencies,
  { manifest }: OpenBackup,
  to: string,
): Promise<void> {
  for (const { key } of manifest.files) {
    const there = keyFor(key, manifest.tenant.id, to);
    // A file that is not named after its tenant is the tenant's own.
    if (there !== key) await storage?.remove(there);
  }
}
