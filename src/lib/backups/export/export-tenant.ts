// All that a tenant has as files that the customer can read: one for each table, its attachments, a dictionary of tables and columns,
// and a manifest of what is there.
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { BYTE_ORDER_MARK, writeCsv } from '@/lib/csv';
import { occupiedTables, type TenantTable } from '@/lib/tenant-data/rows';
import { audit } from '../audit';
import type { BackupDependencies } from '../dependencies';
import { BackupError } from '../errors';
import { copyValues, wholeLines } from '../format/row-digest';
import { expectSameRoute } from '../same-route';
import { asMover, sourceOf, textColumns, visibleTables } from '../source';
import { readDictionary } from './dictionary';
import { readNamedFiles, writeFiles } from './write-files';

const BLOCK_BYTES = 512 << 10;

export interface ExportRequest {
  tenantId: string;
  /** Is created; must be empty. */
  directory: string;
  format: 'csv' | 'json';
  requestedBy: string;
  /** Called after each table and each file. */
  progress?: (now: { done: number; of: number }) => void;
  signal?: AbortSignal;
}

export interface Exported {
  directory: string;
  tables: number;
  rows: number;
  files: number;
  /** Files that rows name and that are not in the storage any more, or are not what was stored. The manifest lists them. */
  lostFiles: number;
  /** The moment of the snapshot, ISO. */
  asOf: string;
}

/**
 * Writes one snapshot of a tenant's rows, and the files that they name. CSV begins with a byte order mark and guards formulas; JSON is one object a line. Secrets of
 * connected services are encrypted in the database and stay so.
 *
 * @throws BackupError `backup_not_possible` for a directory that is not empty; `backup_busy` where the tenant was moved meanwhile;
 *   `backup_rows_invisible`
 */
export async function exportTenant(
  dependencies: BackupDependencies,
  request: ExportRequest,
): Promise<Exported> {
  const { tenantId, directory, format, requestedBy, progress, signal } = request;
  const tenant = await dependencies.application.tenants.get(tenantId);
  const source = await sourceOf(dependencies, tenant);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if ((await readdir(directory)).length > 0) {
    throw new BackupError('backup_not_possible', `${directory} is not empty.`, {
      hint: 'Give a new directory.',
    });
  }
  const exported = await asMover(dependencies, source, signal, async (client) => {
    await client.query('begin isolation level repeatable read read only');
    const { rows: now } = await client.query<{ at: Date }>('select now() as at');
    await expectSameRoute(dependencies, tenant);
    const all = await visibleTables(client);
    const occupied = await occupiedTables(client, all, tenant.tenantIdInDataSource);
    const tables = all.filter(({ name }) => occupied.has(name));
    const dictionary = await readDictionary(
      client,
      tables.map(({ name }) => name),
    );
    const named = await readNamedFiles(client, tables, tenant.tenantIdInDataSource);
    const of = tables.length + named.length;
    const written: WrittenTable[] = [];
    for (const table of tables) {
      written.push(await writeTable(client, table, tenant.tenantIdInDataSource, request));
      progress?.({ done: written.length, of });
    }
    await client.query('commit');
    return { asOf: now[0]?.at.toISOString() ?? '', dictionary, written, named, of };
  });
  // The snapshot is not held while files are read.
  const { asOf, dictionary, written, named, of } = exported;
  let done = written.length;
  const { files, lost } = await writeFiles(dependencies.files, named, directory, () => {
    signal?.throwIfAborted();
    done += 1;
    progress?.({ done, of });
  });
  const described = dictionary.map((table) => {
    const { rows, file } = written.find(({ name }) => name === table.name) ?? {};
    return { ...table, rows, file };
  });
  const { id, name, subdomain } = tenant;
  await writeJson('dictionary.json', { tenant: name, asOf, format, tables: described });
  await writeJson('manifest.json', {
    ...{ version: 'marquee-export/1', tenant: { id, name, subdomain }, asOf, format },
    ...{ dictionary: 'dictionary.json', tables: written, files, lostFiles: lost },
  });
  const counts = {
    tables: written.length,
    rows: written.reduce((sum, { rows }) => sum + rows, 0),
    ...{ files: files.length, lostFiles: lost.length },
  };
  await audit(dependencies, 'backups.exported', tenantId, tenantId, requestedBy, { format, ...counts });
  return { directory, ...counts, asOf };

  function writeJson(file: string, content: object): Promise<void> {
    return writeFile(path.join(directory, file), `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  }
}

/** A table as the manifest has it. */
interface WrittenTable {
  name: string;
  file: string;
  rows: number;
  bytes: number;
  sha256: string;
}

function fileOf(table: string, format: ExportRequest['format']): string {
  return `${table.replace(/[^\w.-]/g, '_')}.${format === 'csv' ? 'csv' : 'jsonl'}`;
}

async function writeTable(
  client: pg.Client,
  table: TenantTable,
  tenantId: string,
  { directory, format }: ExportRequest,
): Promise<WrittenTable> {
  const columns = table.columns.filter(({ name }) => name !== 'tenant_id');
  // In JSON, values keep their types.
  const selected = format === 'csv' ? textColumns(columns) : `to_jsonb(t) - 'tenant_id'`;
  const output = client.query(
    copyTo(
      `copy (select ${selected} from ${table.name} t where tenant_id = ${pg.escapeLiteral(tenantId)}) to stdout`,
    ),
  );
  output.on('error', () => {});
  const file = fileOf(table.name, format);
  const digest = createHash('sha256');
  let [rows, bytes] = [0, 0];
  async function* counted() {
    for await (const text of lines()) {
      const piece = Buffer.from(text);
      digest.update(piece);
      bytes += piece.byteLength;
      yield piece;
    }
  }
  async function* lines() {
    if (format === 'csv') yield BYTE_ORDER_MARK + writeCsv([columns.map(({ name }) => name)]);
    for await (const block of wholeLines(output, BLOCK_BYTES)) {
      const values = block.toString().slice(0, -1).split('\n').map(copyValues);
      rows += values.length;
      yield format === 'csv' ? writeCsv(values) : values.map(([json]) => `${json}\n`).join('');
    }
  }
  await pipeline(Readable.from(counted()), createWriteStream(path.join(directory, file), { mode: 0o600 }));
  return { name: table.name, file, rows, bytes, sha256: digest.digest('hex') };
}
