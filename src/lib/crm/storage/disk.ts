import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type FileStorage, StorageError } from './file-storage';

/** Files in a directory of this machine; a file appears whole or not at all. */
export function createDiskStorage(directory: string): FileStorage {
  const root = path.resolve(directory);
  const locate = (key: string) => {
    const file = path.resolve(root, key);
    if (!file.startsWith(root + path.sep))
      throw new StorageError('file_key_invalid', 'The storage key leaves its directory.');
    return file;
  };
  return {
    async put(key, content) {
      const file = locate(key);
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
      const written = content instanceof Blob ? content.stream() : content;
      await writeFile(`${file}.part`, written, { mode: 0o600 });
      await rename(`${file}.part`, file);
    },
    async get(key) {
      return readFile(locate(key)).catch((cause) => {
        throw new StorageError('file_missing', 'The file is no longer there.', { cause });
      });
    },
    async remove(key) {
      await rm(locate(key), { force: true });
    },
    async list(tenantId) {
      const names = await readdir(locate(tenantId)).catch((cause: NodeJS.ErrnoException) => {
        if (cause.code === 'ENOENT') return [];
        throw new StorageError('storage_unreachable', 'The directory of the files cannot be read.', {
          cause,
        });
      });
      return names.map((name) => `${tenantId}/${name}`);
    },
  };
}
