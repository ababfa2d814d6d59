// Descriptions of objects, folders and the bucket in the Storage API's form.
import { z } from 'zod';
import type { Tenant } from '@/lib/application';
import { ALLOWED_TYPES, MAX_FILE_BYTES } from '@/lib/crm/storage';
import { BUCKET, folderOf, readFolder } from './object-path';
import type { Attachment, Objects } from './objects';
import { Integer } from './request';

export const ListRequest = z.object({
  prefix: z.string().max(1000).default(''),
  limit: Integer.min(1).max(1000).default(100),
  offset: Integer.min(0).default(0),
  search: z.string().max(1000).default(''),
  sortBy: z
    .object({
      column: z.enum(['name', 'updated_at', 'created_at', 'last_accessed_at']).default('name'),
      order: z.enum(['asc', 'desc']).default('asc'),
    })
    .default({ column: 'name', order: 'asc' }),
});

/** A page of a folder: of names that begin with `search`, in either case. */
export async function listObjects(objects: Objects, request: z.infer<typeof ListRequest>) {
  const { prefix, limit, offset, search, sortBy } = request;
  const isFound = (name: string) => name.toLowerCase().startsWith(search.toLowerCase());
  const ascending = sortBy.order === 'asc';
  const folder = readFolder(prefix);
  if (!folder) return [];
  const { entityType, entityId } = folder;
  if (entityType !== undefined && entityId !== undefined) {
    const found = (await objects.inFolder({ entityType, entityId })).filter(({ name }) => isFound(name));
    const column = sortBy.column === 'last_accessed_at' ? 'updated_at' : sortBy.column;
    const keyed = found.map(({ name, row }) => ({ name, row, key: column === 'name' ? name : row[column] }));
    keyed.sort((a, b) => compare(a.key, b.key) || compare(a.name, b.name));
    if (!ascending) keyed.reverse();
    return keyed.slice(offset, offset + limit).map(({ name, row }) => describeObject(name, row));
  }
  const names: string[] = [];
  // Folders have no dates: they are sorted by name.
  for await (const value of objects.folders(entityType, ascending)) {
    const name = entityType === undefined ? folderOf(value) : value;
    if (isFound(name)) names.push(name);
    if (entityType !== undefined && names.length === offset + limit) break;
  }
  if (entityType === undefined) names.sort((a, b) => (ascending ? compare(a, b) : compare(b, a)));
  return names.slice(offset, offset + limit).map((name) => ({
    ...{ name, id: null, updated_at: null, created_at: null, last_accessed_at: null, metadata: null },
  }));
}

export const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** @param name as asked for: in its folder, or whole */
export function describeObject(name: string, row: Attachment) {
  const { id, size_bytes, mime_type, visibility } = row;
  const [created_at, updated_at] = [instant(row.created_at), instant(row.updated_at)];
  return {
    ...{ name, id, created_at, updated_at, last_accessed_at: updated_at, bucket_id: BUCKET },
    owner: row.created_by ?? '',
    metadata: {
      eTag: eTag(row),
      size: size_bytes,
      mimetype: mime_type,
      cacheControl: 'private, no-store',
      lastModified: created_at,
      contentLength: size_bytes,
      httpStatusCode: 200,
      visibility,
    },
  };
}

/** What `info` answers. */
export function describeInfo(name: string, row: Attachment) {
  const { id, size_bytes, mime_type, visibility } = row;
  const created_at = instant(row.created_at);
  return {
    ...{ id, name, version: id, bucket_id: BUCKET, created_at, last_modified: created_at },
    size: size_bytes,
    content_type: mime_type,
    cache_control: 'private, no-store',
    etag: eTag(row),
    metadata: { visibility },
  };
}

/** In the one form that all clients read. */
const instant = (timestamp: string) => new Date(timestamp).toISOString();

const eTag = ({ sha256 }: Attachment) => `"${sha256 ?? ''}"`;

export function describeBucket({ createdAt }: Tenant) {
  return {
    ...{ id: BUCKET, name: BUCKET, owner: '', public: false, type: 'STANDARD' },
    file_size_limit: MAX_FILE_BYTES,
    allowed_mime_types: [...ALLOWED_TYPES],
    created_at: createdAt.toISOString(),
    updated_at: createdAt.toISOString(),
  };
}
