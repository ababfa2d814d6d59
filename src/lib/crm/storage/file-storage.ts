import { createHash, randomUUID } from 'node:crypto';
import { StorageError } from './errors';

/** A store of files. Keys are made by Marquee, never by a client. */
export interface FileStorage {
  /** A Blob may be on disk: it is streamed. */
  put(key: string, content: Uint8Array | Blob, mimeType: string): Promise<void>;
  /** @throws StorageError `file_missing` */
  get(key: string): Promise<Uint8Array>;
  /** Succeeds also if the file does not exist. */
  remove(key: string): Promise<void>;
  /** The keys of all files of a tenant: also of thumbnails, and of files that no row names. */
  list(tenantId: string): Promise<string[]>;
}

/** The storage confined to one tenant: other tenants' keys are refused. */
export function storageOf(storage: FileStorage, tenantId: string): FileStorage {
  const confined = (key: string) => {
    if (
      key.startsWith(`${tenantId}/`) &&
      /^([0-9a-f]{64}-)?[0-9a-f-]{36}(\.\d+\.webp)?$/.test(key.slice(tenantId.length + 1))
    )
      return key;
    throw new StorageError('file_missing', 'The file is no longer there.');
  };
  return {
    put: async (key, content, mimeType) => storage.put(confined(key), content, mimeType),
    get: async (key) => storage.get(confined(key)),
    remove: async (key) => storage.remove(confined(key)),
    list: async () => storage.list(tenantId),
  };
}

/** A key for a file of this content: it names the content by its SHA-256 (hex), and no other row's file. */
export function storageKey(tenantId: string, sha256: string): string {
  return `${tenantId}/${sha256}-${randomUUID()}`;
}

/**
 * Reads a file that a row describes, and checks that it is the one that was stored.
 *
 * @throws StorageError `file_missing`, `file_changed`: it is not what the row says
 */
export async function readStored(
  storage: FileStorage,
  row: { storage_key: string; sha256: string | null; file_name: string },
): Promise<Uint8Array> {
  const content = await storage.get(row.storage_key);
  if (row.sha256 === null || sha256Of(content) === row.sha256) return content;
  throw new StorageError('file_changed', `“${row.file_name}” is no longer what was stored.`, {
    hint: 'Ask the operator to restore it from a backup of the file storage.',
  });
}

/** Hex. */
export function sha256Of(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

export { StorageError };
