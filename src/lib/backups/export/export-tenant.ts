// All rows of a tenant as files that the customer can read: a file for each table, and a dictionary of tables and columns.
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
import { asMover, sourceOf, textColumns, visibleTables } from '../source';
import { readDictionary } from './dictionary';

const BLOCK_BYTES = 512 << 10;

export interface ExportRequest {
  tenantId: string;
  /** Is created; must be empty. */
  directory: string;
  format: 'csv' | 'json';
  requestedBy: string;
  /** Called after each table. */
  progress?: (now: { done: number; of: number }) => void;
  signal?: AbortSignal;
}

export interface Exported {
  directory: string;
  tables: number;
  rows: number;
  /** The moment of the snapshot, ISO. */
  asOf: string;
}

/**
 * Writes one snapshot of a tenant's rows. CSV begins with a byte order mark and guards formulas; JSON is one object a line. Secrets of
 * connected services are encrypted in the database and stay so.
 *
 * @throws BackupError `backup_not_possible` for a directory that is not empty; `backup_rows_invisible`
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
    const all = await visibleTables(client);
    const occupied = await occupiedTables(client, all, tenant.tenantIdInDataSource);
    const tables = all.filter(({ name }) => occupied.has(name));
    const dictionary = await readDictionary(
      client,
      tables.map(({ name }) => name),
    );
    const counts = new Map<string, number>();
    for (const table of tables) {
      counts.set(table.name, await writeTable(client, table, tenant.tenantIdInDataSource, request));
      progress?.({ done: counts.size, of: tables.length });
    }
    await client.query('commit');
    const asOf = now[0]?.at.toISOString() ?? '';
    const described = dictionary.map((table) => ({
      ...table,
      rows: counts.get(table.name),
      file: fileOf(table.name, format),
    }));
    await writeFile(
      path.join(directory, 'dictionary.json'),
      `${JSON.stringify({ tenant: tenant.name, asOf, format, tables: described }, null, 2)}\n`,
    );
    const rows = [...counts.values()].reduce((sum, count) => sum + count, 0);
    return { directory, tables: tables.length, rows, asOf };
  });
  const { tables, rows } = exported;
  await audit(dependencies, 'backups.exported', tenantId, tenantId, requestedBy, { format, tables, rows });
  return exported;
}

function fileOf(table: string, format: ExportRequest['format']): string {
  return `${table.replace(/[^\w.-]/g, '_')}.${format === 'csv' ? 'csv' : 'jsonl'}`;
}

async function writeTable(
  client: pg.Client,
  table: TenantTable,
  tenantId: string,
  { directory, format }: ExportRequest,
): Promise<number> {
  const columns = table.columns.filter(({ name }) => name !== 'tenant_id');
  // In JSON, values keep their types.
  const selected = format === 'csv' ? textColumns(columns) : `to_jsonb(t) - 'tenant_id'`;
  const output = client.query(
    copyTo(
      `copy (select ${selected} from ${table.name} t where tenant_id = ${pg.escapeLiteral(tenantId)}) to stdout`,
    ),
  );
  output.on('error', () => {});
  let rows = 0;
  async function* lines() {
    if (format === 'csv') yield BYTE_ORDER_MARK + writeCsv([columns.map(({ name }) => name)]);
    for await (const block of wholeLines(output, BLOCK_BYTES)) {
      const values = block.toString().slice(0, -1).split('\n').map(copyValues);
      rows += values.length;
      yield format === 'csv' ? writeCsv(values) : values.map(([json]) => `${json}\n`).join('');
    }
  }
  await pipeline(
    Readable.from(lines()),
    createWriteStream(path.join(directory, fileOf(table.name, format)), { mode: 0o600 }),
  );
  return rows;
}
