import type { BackupDependencies } from './dependencies';
import { openBackup } from './open';
import type { Backup } from './records';
import type { BackupStore } from './stores/store';

export interface VerifiedBackup {
  tables: number;
  rows: number;
  files: number;
  /** Decrypted and decompressed. */
  bytes: number;
  missingFiles: string[];
}

/**
 * Reads all of a backup: decrypts it and compares counts and digests. Needs no tenant database.
 *
 * @throws BackupError as `openBackup`
 */
export async function verifyBackup(
  dependencies: BackupDependencies,
  backup: Backup,
  store?: BackupStore,
): Promise<VerifiedBackup> {
  const open = await openBackup(dependencies, backup, store);
  const { tables, files, rows, missingFiles, bytes } = open.manifest;
  for (const table of tables) for await (const _ of open.rows(table));
  for (const file of files) await open.file(file);
  await open.expectEnd();
  await dependencies.operations.pool.query('update backups set verified_at = now() where id = $1', [
    backup.id,
  ]);
  return { tables: tables.length, rows, files: files.length, bytes, missingFiles };
}
