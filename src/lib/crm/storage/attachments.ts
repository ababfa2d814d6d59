import type { PostgrestClient } from '@supabase/postgrest-js';
import { GenericRepository, RepositoryError, type RowOf } from '@/lib/repositories';
import { idOf } from '../ids';
import { type FileStorage, inspectFile, StorageError, storageOf } from './index';
import type { ReceivedFile } from './received-file';
import { readThumbnail, THUMBNAIL_SIZES, type ThumbnailSize, thumbnailKey } from './thumbnail';

export interface NewAttachment {
  entityType: string;
  entityId: string;
  fileName: string;
  file: ReceivedFile;
  /** What the sender says the file is. */
  claimedType: string;
  visibility: 'internal' | 'client';
  /** Same key, same attachment, however often it is sent. */
  idempotencyKey?: string;
}

/** Files about the tenant's records: a row says what and about what, the storage holds the bytes. */
export class Attachments {
  readonly #rows: GenericRepository<'attachments'>;
  readonly #storage: FileStorage;

  /** @param client of the user: whether a file may be added, read or removed is the row's matter */
  constructor(
    client: PostgrestClient,
    storage: FileStorage,
    private readonly tenantId: string,
  ) {
    this.#storage = storageOf(storage, tenantId);
    this.#rows = new GenericRepository(client, 'attachments');
  }

  /**
   * Keeps a file.
   *
   * @throws StorageError `file_*`; RepositoryError `permission_denied`, `record_referenced`: no such record
   */
  async add(given: NewAttachment): Promise<RowOf<'attachments'>> {
    const inspected = await inspectFile(this.tenantId, given.fileName, given.file, given.claimedType);
    const id = given.idempotencyKey && idOf(`${this.tenantId}:${given.idempotencyKey}`);
    const before = id ? await this.#rows.find(id) : undefined;
    if (before) return same(before, inspected.sha256);
    await this.#storage.put(inspected.storage_key, await given.file.content(), inspected.mime_type);
    try {
      return await this.#rows.create({
        ...(id ? { id } : {}),
        ...inspected,
        entity_type: given.entityType,
        entity_id: given.entityId,
        visibility: given.visibility,
      });
    } catch (error) {
      await this.#storage.remove(inspected.storage_key);
      const made = id && isConflict(error) ? await this.#rows.find(id) : undefined;
      if (made) return same(made, inspected.sha256);
      throw error;
    }
  }

  /** @throws RepositoryError `record_not_found`: not there, or not for this user; StorageError `file_missing` */
  async read(id: string): Promise<{ name: string; mimeType: string; content: Uint8Array }> {
    const row = await this.#rows.get(id);
    return {
      name: row.file_name,
      mimeType: row.mime_type,
      content: await this.#storage.get(row.storage_key),
    };
  }

  /** @throws StorageError `file_no_thumbnail`; RepositoryError `record_not_found` */
  async thumbnail(id: string, size: ThumbnailSize, signal?: AbortSignal): Promise<Uint8Array> {
    const rendering = { tenantId: this.tenantId, ...(signal && { signal }) };
    return readThumbnail(this.#storage, await this.#rows.get(id), size, rendering);
  }

  /** The row first: a file without a row is a little waste, a row without its file is a loss. */
  async remove(id: string): Promise<void> {
    const { storage_key } = await this.#rows.get(id);
    await this.#rows.delete(id);
    const keys = [storage_key, ...THUMBNAIL_SIZES.map((size) => thumbnailKey(storage_key, size))];
    await Promise.all(keys.map((key) => this.#storage.remove(key)));
  }
}

function same(row: RowOf<'attachments'>, sha256: string): RowOf<'attachments'> {
  if (row.sha256 === sha256) return row;
  throw new StorageError('file_key_reused', 'This idempotency key was used for another file.', {
    hint: 'Make a new key for each file.',
  });
}

function isConflict(error: unknown): boolean {
  return error instanceof RepositoryError && error.code === 'record_conflict';
}
