// Names of objects. An attachment is the object `<table>/<record's id>/<file name>`, for example `events/<uuid>/plan.pdf`.
import { RequestError } from '../errors';

export const BUCKET = 'attachments';

/** The columns that say where an attachment is. */
export interface ObjectPath {
  entityType: string;
  entityId: string;
  fileName: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether it is a record's id, in lower case. */
export const isId = (text: string | undefined): text is string => text !== undefined && UUID.test(text);

/** The folder of a kind of record is named as its table. */
export const folderOf = (entityType: string) =>
  entityType === 'opportunity' ? 'opportunities' : `${entityType}s`;

/** Undefined where no table has this name; whether one does, the database says. */
export function entityTypeOf(folder: string): string | undefined {
  if (folder === 'opportunities') return 'opportunity';
  return /^[a-z_]{2,40}s$/.test(folder) ? folder.slice(0, -1) : undefined;
}

export const nameOf = ({ entityType, entityId, fileName }: ObjectPath) =>
  `${folderOf(entityType)}/${entityId}/${fileName}`;

/** Undefined where no attachment can have this name. */
export function readPath(name: string): ObjectPath | undefined {
  const [folder = '', id = '', fileName = '', ...more] = name.replace(/^\/+/, '').split('/');
  const entityType = entityTypeOf(folder);
  const entityId = id.toLowerCase();
  const isName = fileName !== '' && more.length === 0 && name.isWellFormed() && !name.includes('\0');
  return entityType && UUID.test(entityId) && isName ? { entityType, entityId, fileName } : undefined;
}

/** The folder of a listing: the root, a table, or a record. Undefined where there is no such folder. */
export function readFolder(prefix: string): { entityType?: string; entityId?: string } | undefined {
  const [folder = '', id = '', ...more] = prefix.replace(/^\/+|\/+$/g, '').split('/');
  if (folder === '') return {};
  const entityType = entityTypeOf(folder);
  if (!entityType || more.length > 0) return undefined;
  if (id === '') return { entityType };
  const entityId = id.toLowerCase();
  return UUID.test(entityId) ? { entityType, entityId } : undefined;
}

/**
 * The bucket and the name in an address.
 *
 * @param path what follows the route, percent-encoded
 * @throws RequestError `object_name_invalid`, `bucket_not_found`
 */
export function readAddress(path: string): string {
  const [bucket = '', ...name] = path.split('/').map((part, index) => (index === 0 ? decode(part) : part));
  requireBucket(bucket);
  return decode(name.join('/'));
}

/** @throws RequestError `bucket_not_found` */
export function requireBucket(bucket: string): void {
  if (bucket === BUCKET) return;
  throw new RequestError('bucket_not_found', 'Bucket not found', {
    hint: `There is one bucket: ${BUCKET}.`,
  });
}

export function invalidName(): RequestError {
  return new RequestError('object_name_invalid', 'The name is not one that an attachment can have.', {
    hint: 'Names are <table>/<id of the record>/<file name>, for example events/<id>/plan.pdf; a file name has at most 200 characters, none of them a slash or a control character.',
  });
}

function decode(text: string): string {
  const name = decoded(text);
  if (name === undefined) throw invalidName();
  return name;
}

/** Undefined where it is not percent-encoded UTF-8. */
export function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
