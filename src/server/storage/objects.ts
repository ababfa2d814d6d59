// Attachments as objects with names. What may be read and written, the database decides, through the caller's client.
import { Readable } from 'node:stream';
import { type Attachments, cleanName, idOf, ReceivedFile } from '@/lib/crm/storage';
import type { TenantClient } from '@/lib/data-sources';
import {
  type Comparisons,
  GenericRepository,
  RepositoryError,
  type RowOf,
  type Sort,
} from '@/lib/repositories';
import { RequestError } from '../errors';
import { invalidName, nameOf, type ObjectPath, readPath } from './object-path';

export type Attachment = RowOf<'attachments'>;
export type Visibility = 'internal' | 'client';

export interface StoredObject {
  /** The file's name in its record's folder. */
  name: string;
  row: Attachment;
}

export interface Upload {
  file: ReceivedFile;
  claimedType: string;
  visibility?: Visibility | undefined;
}

const NEWEST: Sort<Attachment>[] = [{ column: 'created_at', direction: 'desc' }];
const PAGE = 1000;

export class Objects {
  readonly #rows: GenericRepository<'attachments'>;

  /**
   * @param files of the caller
   * @param trusted of the whole tenant: removes what was added if the rest of a change is refused
   * @param userId whose the new ones are; null for a service key
   */
  constructor(
    client: TenantClient,
    private readonly files: Attachments,
    private readonly trusted: () => Promise<Attachments>,
    private readonly tenantId: string,
    private readonly userId: string | null,
  ) {
    this.#rows = new GenericRepository(client, 'attachments');
  }

  /** @throws RequestError `object_not_found` */
  async get(name: string): Promise<Attachment> {
    const path = readPath(name);
    const row = path && (await this.#find(path));
    if (row) return row;
    throw new RequestError('object_not_found', 'Object not found');
  }

  /** By name; names without an object are left out. */
  async getAll(names: readonly string[]): Promise<Map<string, Attachment>> {
    const paths = names.map((name) => [name, readPath(name)] as const);
    const folders = new Map<string, Promise<StoredObject[]>>();
    const found = new Map<string, Attachment>();
    for (const [name, path] of paths) {
      if (!path) continue;
      const folder = `${path.entityType}/${path.entityId}`;
      const objects = folders.get(folder) ?? this.inFolder(path);
      folders.set(folder, objects);
      const object = (await objects).find((one) => one.name === path.fileName);
      if (object) found.set(name, object.row);
    }
    return found;
  }

  /** All objects of a record. Of files with the same name, the newest has it; the others' names include their ids. */
  async inFolder(about: Omit<ObjectPath, 'fileName'>): Promise<StoredObject[]> {
    const filter = { entity_type: about.entityType, entity_id: about.entityId };
    return named(await Array.fromAsync(this.#rows.each({ filter, sort: NEWEST, limit: PAGE })));
  }

  /**
   * All objects of one kind of records, record by record in the order of their ids. Rows are read a page at a time.
   *
   * @param from the first record, if there is such a one
   */
  async *byFolder(
    entityType: string,
    ascending: boolean,
    from?: string,
  ): AsyncGenerator<{ entityId: string; objects: StoredObject[] }> {
    const filter = { entity_type: entityType, entity_id: fromOn(from, ascending) };
    const sort: Sort<Attachment>[] = [
      { column: 'entity_id', direction: ascending ? 'asc' : 'desc' },
      ...NEWEST,
    ];
    let rows: Attachment[] = [];
    for await (const row of this.#rows.each({ filter, sort, limit: PAGE })) {
      const [first] = rows;
      if (first && first.entity_id !== row.entity_id) {
        yield { entityId: first.entity_id, objects: named(rows) };
        rows = [];
      }
      rows.push(row);
    }
    const [first] = rows;
    if (first) yield { entityId: first.entity_id, objects: named(rows) };
  }

  /**
   * The kinds of records that have files, or the ids of those of one kind, in order.
   *
   * @param from the first one, if there is such a one
   */
  async *folders(entityType: string | undefined, ascending: boolean, from?: string): AsyncGenerator<string> {
    const column = entityType === undefined ? 'entity_type' : 'entity_id';
    let range: Comparisons<string> = fromOn(from, ascending);
    let last: string | undefined;
    do {
      const { rows, next } = await this.#rows.list({
        filter: { ...(entityType === undefined ? {} : { entity_type: entityType }), [column]: range },
        sort: [{ column, direction: ascending ? 'asc' : 'desc' }],
        limit: PAGE,
      });
      yield* new Set(rows.map((row) => row[column]));
      // The next page begins after this value, whatever else has it.
      last = next === null ? undefined : rows.at(-1)?.[column];
      if (last !== undefined) range = ascending ? { gt: last } : { lt: last };
    } while (last !== undefined);
  }

  /** @throws RequestError `object_exists`, `object_name_invalid`: before a file is received for this name */
  async expectFree(name: string, upsert: boolean): Promise<ObjectPath> {
    const path = writablePath(name);
    if (!upsert && (await this.#find(path))) throw exists();
    return path;
  }

  /**
   * Stores a file under a name. With `upsert` it replaces the file of that name, which the caller must be allowed to remove.
   *
   * @throws RequestError `object_exists`; StorageError `file_*`; RepositoryError `rule_violated`, `permission_denied`, `record_referenced`
   */
  async put(path: ObjectPath, upload: Upload, upsert: boolean): Promise<Attachment> {
    const before = await this.#find(path);
    if (!before) return this.#addFirst(path, upload);
    if (!upsert) throw exists();
    const visibility = upload.visibility ?? (before.visibility as Visibility);
    const row = await this.#add(path, { ...upload, visibility });
    await this.#removeFor(row, before);
    return row;
  }

  async copy(from: string, to: string, upsert: boolean): Promise<Attachment> {
    const source = await this.get(from);
    const path = await this.expectFree(to, upsert);
    const { content, mimeType } = await this.files.read(source.id);
    const file = await ReceivedFile.receive(Readable.from([content]));
    try {
      const visibility = source.visibility as Visibility;
      return await this.put(path, { file, claimedType: mimeType, visibility }, upsert);
    } finally {
      await file.remove();
    }
  }

  /** Under another name, or to another record. */
  async move(from: string, to: string): Promise<Attachment> {
    const source = await this.get(from);
    const { entityType, entityId, fileName } = await this.expectFree(to, false);
    if (source.entity_type === entityType && source.entity_id === entityId) {
      return this.#rows.update(source.id, { file_name: fileName });
    }
    const row = await this.copy(from, to, false);
    await this.#removeFor(row, source);
    return row;
  }

  /** Removes the objects with these names: all of them or none. @throws RepositoryError `permission_denied`, `record_referenced` */
  async remove(names: readonly string[]): Promise<Map<string, Attachment>> {
    const found = await this.getAll(names);
    await this.files.removeAll([...found.values()].map(({ id }) => id));
    return found;
  }

  async #find({ entityType, entityId, fileName }: ObjectPath): Promise<Attachment | undefined> {
    const about = { entity_type: entityType, entity_id: entityId };
    const row = await this.#rows.findOne({ ...about, file_name: fileName }, NEWEST);
    if (row || !WITH_ID.test(fileName)) return row;
    const objects = await this.inFolder({ entityType, entityId });
    return objects.find(({ name }) => name === fileName)?.row;
  }

  /** Of several that upload to one free name at once, one succeeds: the row's id follows from the name. */
  async #addFirst(path: ObjectPath, upload: Upload): Promise<Attachment> {
    try {
      return await this.#add(path, upload, idOf(`${this.tenantId}:object:${nameOf(path)}`));
    } catch (error) {
      if (!(error instanceof RepositoryError && error.code === 'record_conflict')) throw error;
      if (await this.#find(path)) throw exists();
      // The id that follows from the name belongs to a file that was renamed since.
      return this.#add(path, upload);
    }
  }

  #add({ entityType, entityId, fileName }: ObjectPath, upload: Upload, id?: string): Promise<Attachment> {
    const { file, claimedType, visibility = 'internal' } = upload;
    const given = { entityType, entityId, fileName, file, claimedType, visibility };
    return this.files.add(id === undefined ? given : { ...given, id }, this.userId);
  }

  /** Removes what `row` replaces; if that is refused, `row` is removed instead. */
  async #removeFor(row: Attachment, replaced: Attachment): Promise<void> {
    try {
      await this.files.remove(replaced.id);
    } catch (error) {
      if (error instanceof RepositoryError && error.code === 'record_not_found') return;
      await (await this.trusted()).remove(row.id);
      throw error;
    }
  }
}

function fromOn(id: string | undefined, ascending: boolean): Comparisons<string> {
  if (id === undefined) return {};
  return ascending ? { gte: id } : { lte: id };
}

/** @param rows of one record, the newest first */
function named(rows: readonly Attachment[]): StoredObject[] {
  const taken = new Set<string>();
  return rows.map((row) => {
    const name = taken.has(row.file_name) ? nameWithId(row) : row.file_name;
    taken.add(row.file_name);
    return { name, row };
  });
}

/** `plan (1f3a9c02).pdf` */
function nameWithId({ file_name, id }: Attachment): string {
  const extension = /\.[^.]*$/.exec(file_name)?.[0] ?? '';
  return `${file_name.slice(0, file_name.length - extension.length)} (${id.slice(0, 8)})${extension}`;
}
const WITH_ID = / \([0-9a-f]{8}\)(\.[^.]*)?$/;

/** A name that is kept as it is. @throws RequestError `object_name_invalid` */
function writablePath(name: string): ObjectPath {
  const path = readPath(name);
  if (!path || cleanName(path.fileName) !== path.fileName || /^\.{1,2}$/.test(path.fileName))
    throw invalidName();
  return path;
}

function exists(): RequestError {
  return new RequestError('object_exists', 'The resource already exists');
}
