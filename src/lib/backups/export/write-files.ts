// The files that rows name, such as attachments, under the names that people have given them.
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type pg from 'pg';
import type { TenantTable } from '@/lib/tenant-data/rows';
import type { TenantFiles } from '../dependencies';

/** A file that a row names. */
export interface NamedFile {
  table: string;
  /** Of the row. */
  id: string;
  name: string;
  /** In the storage. */
  key: string;
  /** As it was when it was stored; null where that is not known. */
  sha256: string | null;
}

export interface ExportedFile {
  /** Path in the export. */
  file: string;
  table: string;
  id: string;
  name: string;
  bytes: number;
  sha256: string;
}

/** A file that the export lacks, or that is no longer what was stored. */
export interface LostFile extends Pick<NamedFile, 'table' | 'id' | 'name'> {
  problem: 'missing' | 'changed' | 'no_storage';
}

const DIRECTORY = 'files';
const LONGEST_NAME = 120;

/** Every file that a tenant's rows name. @param tables those with rows of the tenant */
export async function readNamedFiles(
  client: pg.ClientBase,
  tables: readonly TenantTable[],
  tenantId: string,
): Promise<NamedFile[]> {
  const found: NamedFile[] = [];
  for (const { name: table, columns } of tables) {
    const has = (wanted: string) => columns.some(({ name }) => name === wanted);
    if (!has('storage_key')) continue;
    const name = has('file_name') ? 'file_name' : 'storage_key';
    const sha256 = has('sha256') ? 'sha256' : 'null';
    const { rows } = await client.query<Omit<NamedFile, 'table'>>(
      `select id::text, storage_key as key, ${name} as name, ${sha256} as sha256 from ${table}
       where tenant_id = $1 and storage_key is not null order by id`,
      [tenantId],
    );
    found.push(...rows.map((row) => ({ table, ...row })));
  }
  return found;
}

/**
 * Writes files into a directory below the export's. One that is not in the storage any more is named as lost.
 *
 * @param each called after each file
 */
export async function writeFiles(
  storage: TenantFiles | undefined,
  named: readonly NamedFile[],
  directory: string,
  each: () => void,
): Promise<{ files: ExportedFile[]; lost: LostFile[] }> {
  const files: ExportedFile[] = [];
  const lost: LostFile[] = [];
  for (const { table, id, name, key, sha256: stored } of named) {
    const content = await storage?.get(key).catch((error: { code?: unknown }) => {
      if (error.code === 'file_missing') return undefined;
      throw error;
    });
    if (content) {
      const file = path.posix.join(DIRECTORY, table, `${id}-${safeName(name)}`);
      await mkdir(path.join(directory, path.dirname(file)), { recursive: true, mode: 0o700 });
      await writeFile(path.join(directory, file), content, { mode: 0o600 });
      const sha256 = createHash('sha256').update(content).digest('hex');
      files.push({ file, table, id, name, bytes: content.byteLength, sha256 });
      if (stored !== null && stored !== sha256) lost.push({ table, id, name, problem: 'changed' });
    } else lost.push({ table, id, name, problem: storage ? 'missing' : 'no_storage' });
    each();
  }
  return { files, lost };
}

/** A name that every system can unpack: without signs that one of them refuses, and not too long; the ending stays. */
function safeName(name: string): string {
  const safe = name.replace(/[\p{Cc}<>:"/\\|?*]/gu, '_').replace(/^\.+|[. ]+$/g, '_');
  const ending = path.posix.extname(safe).slice(0, 20);
  return safe.slice(0, -ending.length || undefined).slice(0, LONGEST_NAME) + ending;
}
