// The second version of listing: all objects whose names begin with a prefix, or folder by folder, in pages with a cursor.
import { z } from 'zod';
import { compare, describeObject } from './listing';
import { entityTypeOf, folderOf, isId } from './object-path';
import type { Attachment, Objects, StoredObject } from './objects';
import { Integer, notOffered } from './request';

const LARGEST_PAGE = 1000;

export const ListV2Request = z.object({
  prefix: z.string().max(1000).default(''),
  limit: Integer.min(1)
    .default(LARGEST_PAGE)
    .transform((limit) => Math.min(limit, LARGEST_PAGE)),
  cursor: z.string().max(4000).optional(),
  with_delimiter: z.boolean().default(false),
  sortBy: z
    .object({
      column: z.enum(['name', 'updated_at', 'created_at']).default('name'),
      order: z.enum(['asc', 'desc']).default('asc'),
    })
    .default({ column: 'name', order: 'asc' }),
});

/** A whole name; of a folder, which ends in a slash, without a row. */
interface Entry {
  name: string;
  row?: Attachment;
}

/** @throws RequestError `not_offered` for an order by dates */
export async function listObjectsV2(objects: Objects, request: z.infer<typeof ListV2Request>) {
  const { prefix, limit, cursor, with_delimiter: withDelimiter, sortBy } = request;
  if (sortBy.column !== 'name') throw notOffered('An order by dates is');
  const ascending = sortBy.order === 'asc';
  const after = cursor === undefined ? undefined : Buffer.from(cursor, 'base64url').toString();
  const depth = withDelimiter ? prefix.split('/').length : 3;
  const found: Entry[] = [];
  for await (const entry of entriesOf(objects, { prefix, depth, ascending, after })) {
    const isAfter = after === undefined || compare(entry.name, after) > 0 === ascending;
    if (isAfter && entry.name !== after && entry.name.startsWith(prefix)) found.push(entry);
    if (found.length > limit) break;
  }
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const hasNext = found.length > limit;
  return {
    hasNext,
    folders: page.flatMap(({ name, row }) => (row ? [] : [{ name, key: name }])),
    objects: page.flatMap(({ name, row }) => (row ? [{ ...describeObject(name, row), key: name }] : [])),
    ...(hasNext && last && { nextCursor: Buffer.from(last.name).toString('base64url') }),
  };
}

interface Wanted {
  prefix: string;
  /** Levels of names: 1 lists tables, 2 records, 3 files. */
  depth: number;
  ascending: boolean;
  /** The last name of the page before. */
  after: string | undefined;
}

/** In the order of names, from the folder on that `after` is in. */
async function* entriesOf(objects: Objects, wanted: Wanted): AsyncGenerator<Entry> {
  const { prefix, depth, ascending, after = '' } = wanted;
  const inOrder = <T extends { name: string }>(entries: T[]) =>
    entries.sort((a, b) => (ascending ? compare(a.name, b.name) : compare(b.name, a.name)));
  const kinds: { name: string }[] = [];
  for await (const kind of objects.folders(undefined, true)) kinds.push({ name: `${folderOf(kind)}/` });
  for (const { name: folder } of inOrder(kinds)) {
    const isBefore = after !== '' && !after.startsWith(folder) && compare(folder, after) > 0 !== ascending;
    const entityType = entityTypeOf(folder.slice(0, -1));
    if (isBefore || entityType === undefined || !overlap(folder, prefix)) continue;
    if (depth === 1) {
      yield { name: folder };
      continue;
    }
    const idIn = (name: string) => (name.startsWith(folder) ? name.slice(folder.length).split('/')[0] : '');
    const [named, last] = [idIn(prefix), idIn(after)];
    const from = isId(named) ? named : isId(last) ? last : undefined;
    const filesOf = (entityId: string, files: StoredObject[]) =>
      inOrder(files.map(({ name, row }) => ({ name: `${folder}${entityId}/${name}`, row })));
    if (depth === 2) {
      for await (const entityId of objects.folders(entityType, ascending, from)) {
        if (isId(named) && entityId !== named) break;
        yield { name: `${folder}${entityId}/` };
      }
    } else if (isId(named)) {
      yield* filesOf(named, await objects.inFolder({ entityType, entityId: named }));
    } else {
      for await (const { entityId, objects: files } of objects.byFolder(entityType, ascending, from)) {
        yield* filesOf(entityId, files);
      }
    }
  }
}

function overlap(folder: string, prefix: string): boolean {
  return folder.startsWith(prefix) || prefix.startsWith(folder);
}
