import type { TenantClient } from '@/lib/data-sources';
import { GenericRepository, RepositoryError, type RowOf } from '@/lib/repositories';
import { idOf } from '../ids';
import { failureOf } from '../refusals';
import { type FileStorage, readStored, StorageError, sha256Of, storageKey, storageOf } from './file-storage';
import { inspectFile } from './inspect';
import type { ReceivedFile } from './received-file';
import { withoutLocation } from './strip-location';
import { readThumbnail, THUMBNAIL_SIZES, type ThumbnailSize, thumbnailKey } from './thumbnail';

export interface NewAttachment {
  entityType: string;
  entityId: string;
  fileName: string;
  file: ReceivedFile;
  /** What the sender says the file is. */
  claimedType: string;
  visibility: 'internal' | 'client';
  /** A file with a known key is not attached again. */
  idempotencyKey?: string;
  /** The row's id, where it follows from something: one that is there already is refused as `record_conflict`. */
  id?: string;
}

/** Files attached to a tenant's records: rows describe them, the storage holds their content. */
export class Attachments {
  readonly #rows: GenericRepository<'attachments'>;
  readonly #storage: FileStorage;

  /**
   * @param client of the user: the database decides whether a file may be added, read or removed
   * @param service of the whole tenant: only trusted code may add rows, since they describe stored files
   */
  constructor(
    private readonly client: TenantClient,
    storage: FileStorage,
    private readonly tenantId: string,
    private readonly service: () => Promise<TenantClient>,
  ) {
    this.#storage = storageOf(storage, tenantId);
    this.#rows = new GenericRepository(client, 'attachments');
  }

  /**
   * Stores a file. Location data is removed from pictures.
   *
   * @param userId whose it is; null where no user adds it
   * @throws StorageError `file_*`; RepositoryError `rule_violated`: no such record, or not for this user
   */
  async add(given: NewAttachment, userId: string | null): Promise<RowOf<'attachments'>> {
    const received = await inspectFile(this.tenantId, given.fileName, given.file, given.claimedType);
    const about = { entity_type: given.entityType, entity_id: given.entityId };
    const { error, status } = await this.client.rpc('may_attach', about);
    if (error) throw failureOf(error, status);
    const placeless = await withoutLocation(given.file, received.mime_type, { tenantId: this.tenantId });
    const inspected = placeless ? { ...received, ...describe(this.tenantId, placeless) } : received;
    const keyed = given.idempotencyKey && idOf(`${this.tenantId}:${given.idempotencyKey}`);
    const before = keyed ? await this.#rows.find(keyed) : undefined;
    if (before) return same(before, inspected.sha256);
    const id = given.id ?? keyed;
    const content = placeless ?? (await given.file.content());
    await this.#storage.put(inspected.storage_key, content, inspected.mime_type);
    try {
      const rows = new GenericRepository(await this.service(), 'attachments');
      return await rows.create({
        ...(id ? { id } : {}),
        ...inspected,
        ...about,
        visibility: given.visibility,
        created_by: userId,
      });
    } catch (error) {
      await this.#storage.remove(inspected.storage_key);
      const made = keyed && isConflict(error) ? await this.#rows.find(keyed) : undefined;
      if (made) return same(made, inspected.sha256);
      throw error;
    }
  }

  /** @throws RepositoryError `record_not_found`: not there, or not for this user; StorageError `file_missing`, `file_changed` */
  async read(id: string): Promise<{ name: string; mimeType: string; content: Uint8Array }> {
    const row = await this.#rows.get(id);
    return {
      name: row.file_name,
      mimeType: row.mime_type,
      content: await readStored(this.#storage, row),
    };
  }

  /** @throws StorageError `file_no_thumbnail`; RepositoryError `record_not_found` */
  async thumbnail(id: string, size: ThumbnailSize, signal?: AbortSignal): Promise<Uint8Array> {
    const rendering = { tenantId: this.tenantId, ...(signal && { signal }) };
    return readThumbnail(this.#storage, await this.#rows.get(id), size, rendering);
  }

  /** Deletes the row first: an orphaned file wastes space, but a row without its file is broken. */
  async remove(id: string): Promise<void> {
    const { storage_key } = await this.#rows.get(id);
    await this.#rows.delete(id);
    await this.#forget(storage_key);
  }

  /** Removes all of them or none, ignoring those already removed. @throws RepositoryError `permission_denied`, `record_referenced` */
  async removeAll(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const { data, error, status } = await this.client
      .from('attachments')
      .delete()
      .in('id', ids)
      .select('storage_key');
    if (error) throw failureOf(error, status);
    if (data.length === 0 && ids[0] && (await this.#rows.find(ids[0])))
      throw new RepositoryError('permission_denied', 'Your role may not remove files.', {
        hint: 'Ask a manager.',
      });
    for (const { storage_key } of data) await this.#forget(storage_key);
  }

  async #forget(key: string): Promise<void> {
    const keys = [key, ...THUMBNAIL_SIZES.map((size) => thumbnailKey(key, size))];
    await Promise.all(keys.map((one) => this.#storage.remove(one)));
  }
}

/** The columns that follow from a file's bytes. */
function describe(tenantId: string, content: Uint8Array) {
  const sha256 = sha256Of(content);
  return { size_bytes: content.byteLength, sha256, storage_key: storageKey(tenantId, sha256) };
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
