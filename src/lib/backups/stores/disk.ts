import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { BackupError } from '../errors';
import type { BackupStore } from './store';

/** Backups in a directory. An object is on disk before `put` resolves. */
export function createDiskStore(root: string, region: string | null = null): BackupStore {
  const locate = (key: string) => {
    const file = path.resolve(root, key);
    if (file.startsWith(root + path.sep)) return file;
    throw new BackupError('backup_store_invalid', 'The key leaves the directory of the backups.');
  };
  return {
    url: pathToFileURL(root).href + (region ? `?region=${encodeURIComponent(region)}` : ''),
    region,
    async put(key, bytes) {
      const file = locate(key);
      const unfinished = `${file}.unfinished`;
      try {
        await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
        const handle = await open(unfinished, 'w', 0o600);
        try {
          await handle.writeFile(bytes);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(unfinished, file);
      } catch (error) {
        await rm(unfinished, { force: true }).catch(() => {});
        throw failureOf(root, error);
      }
    },
    async get(key) {
      return readFile(locate(key)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw failureOf(root, error);
      });
    },
    async list(prefix) {
      const found = await readdir(prefix === '' ? root : locate(prefix), {
        recursive: true,
        withFileTypes: true,
      }).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return [];
        throw failureOf(root, error);
      });
      return found
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
        .sort();
    },
    async removeAll(prefix) {
      await rm(locate(prefix), { recursive: true, force: true }).catch((error: unknown) => {
        throw failureOf(root, error);
      });
    },
  };
}

function failureOf(root: string, cause: unknown): unknown {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new BackupError('backup_store_full', `There is no room left in ${root}.`, { cause });
  if (cause instanceof BackupError || !code) return cause;
  return new BackupError('backup_store_unreachable', `${root} cannot be used (${code}).`, { cause });
}
