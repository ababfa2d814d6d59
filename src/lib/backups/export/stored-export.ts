// Exports that wait to be downloaded: one ZIP archive each, compressed and encrypted in a store, removed after some days.
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ZipFile } from 'yazl';
import { expectRegion } from '@/lib/operations';
import { audit } from '../audit';
import { cleanUpTenant } from '../clean-up';
import type { BackupDependencies } from '../dependencies';
import { BackupError } from '../errors';
import { ChunkReader, ChunkWriter } from '../format/chunks';
import { backupKeys } from '../format/manifest';
import { prefixOf } from '../format/places';
import { openKey } from '../open';
import { openStore } from '../stores/open-store';
import type { BackupStore } from '../stores/store';
import { withTenantLock } from '../tenant-lock';
import { type ExportRequest, exportTenant } from './export-tenant';
import { removeExport } from './remove-exports';

/** How long an export can be downloaded, days. */
const KEPT_DAYS = 7;

export interface StoredExport {
  id: string;
  tenantId: string;
  format: ExportRequest['format'];
  requestedBy: string;
  startedAt: Date;
  expiresAt: Date;
  asOf: Date;
  tables: number;
  rows: number;
  /** Attachments. */
  files: number;
  /** Of the archive. */
  bytes: number;
}

interface StoredRecord extends StoredExport {
  store: string;
  dataKey: string;
  chunks: number;
}

const COLUMNS = `id, tenant_id "tenantId", format, requested_by "requestedBy", started_at "startedAt", expires_at "expiresAt",
  as_of "asOf", tables, rows::float8, coalesce(files, 0) files, bytes::float8`;

const placeOf = ({ tenantId, id }: Pick<StoredExport, 'tenantId' | 'id'>) => ({
  owner: `${tenantId}/${id}`,
  column: 'exports.data_key',
});

/**
 * Exports a tenant's rows and files into an archive in the store.
 *
 * @param request.progress called with the number of tables and files written, and of all
 * @throws BackupError `backup_busy`, `backup_not_possible`, `backup_rows_invisible`, `backup_store_*`; OperationsError `region_refused`
 */
export async function createExport(
  dependencies: BackupDependencies,
  request: Omit<ExportRequest, 'directory'> & { store: BackupStore; signal?: AbortSignal },
): Promise<StoredExport> {
  const { tenantId, store, format, requestedBy, progress } = request;
  const { application, operations, secretBox } = dependencies;
  const { pool } = operations;
  const work = async (signal: AbortSignal) => {
    await cleanUpTenant(dependencies, tenantId);
    const { requiredRegion } = await application.tenants.get(tenantId);
    expectRegion(requiredRegion, [{ name: 'the store of exports', region: store.region }]);
    const id = randomUUID();
    const dataKey = randomBytes(32);
    const envelope = await secretBox.encrypt(dataKey.toString('base64'), placeOf({ tenantId, id }));
    await pool.query(
      `insert into exports (id, tenant_id, format, store, data_key, requested_by, expires_at)
       values ($1, $2, $3, $4, $5, $6, now() + make_interval(days => $7))`,
      [id, tenantId, format, store.url, envelope, requestedBy, KEPT_DAYS],
    );
    const directory = await mkdtemp(path.join(tmpdir(), 'marquee-export-'));
    try {
      const written = { tenantId, format, requestedBy, directory, ...(progress ? { progress } : {}), signal };
      const { tables, rows, files, asOf } = await exportTenant(dependencies, written);
      const { parts } = backupKeys(dataKey);
      const writer = new ChunkWriter(store, prefixOf({ tenantId, id }), parts, () => signal.throwIfAborted());
      const bytes = await writeArchive(directory, writer);
      const { chunks } = await writer.end();
      const { rows: stored } = await pool.query<StoredExport>(
        `update exports set state = 'complete', as_of = $2, tables = $3, rows = $4, bytes = $5, chunks = $6, files = $7 where id = $1
         returning ${COLUMNS}`,
        [id, asOf, tables, rows, bytes, chunks, files],
      );
      return stored[0] as StoredExport;
    } catch (error) {
      await removeExport(dependencies, { id, tenantId, store: store.url }).catch(() => {});
      throw error;
    } finally {
      dataKey.fill(0);
      await rm(directory, { recursive: true, force: true });
    }
  };
  return withTenantLock(dependencies, tenantId, work, request.signal);
}

/** @returns bytes of the archive */
async function writeArchive(directory: string, writer: ChunkWriter): Promise<number> {
  const archive = new ZipFile();
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) =>
      path.relative(directory, path.join(parentPath, name)).split(path.sep).join('/'),
    );
  // Pictures and PDF files are compressed already.
  for (const name of names.sort())
    archive.addFile(path.join(directory, name), name, { compress: !name.startsWith('files/') });
  archive.end();
  let bytes = 0;
  for await (const piece of archive.outputStream) {
    bytes += piece.length;
    // The writer takes the memory that it is handed.
    await writer.write(Buffer.from(piece as Buffer));
  }
  return bytes;
}

/** Those that can be downloaded, the newest first. */
export async function listExports(
  { operations }: Pick<BackupDependencies, 'operations'>,
  tenantId: string,
): Promise<StoredExport[]> {
  const { rows } = await operations.pool.query<StoredExport>(
    `select ${COLUMNS} from exports where tenant_id = $1 and state = 'complete' and expires_at > now()
     order by started_at desc, id limit 50`,
    [tenantId],
  );
  return rows;
}

/**
 * Opens an export for its download, and records that in the audit log.
 *
 * @returns what is known of it, and its archive piece by piece
 * @throws BackupError `export_unknown`, `backup_corrupt`, `backup_store_unreachable`
 */
export async function openExport(
  dependencies: BackupDependencies,
  { tenantId, id, requestedBy }: { tenantId: string; id: string; requestedBy: string },
): Promise<{ stored: StoredExport; archive: AsyncGenerator<Buffer> }> {
  const { operations, secretBox } = dependencies;
  const { rows } = await operations.pool.query<StoredRecord>(
    `select ${COLUMNS}, store, data_key "dataKey", chunks from exports
     where id = $1 and tenant_id = $2 and state = 'complete' and expires_at > now()`,
    [id, tenantId],
  );
  const [found] = rows;
  if (!found) throw new BackupError('export_unknown', 'There is no such export, or its time is over.');
  const dataKey = await openKey(secretBox, found.dataKey, placeOf(found));
  const { parts } = backupKeys(dataKey);
  dataKey.fill(0);
  const reader = new ChunkReader(await openStore(found.store), prefixOf(found), parts, found.chunks);
  const { store: _, dataKey: __, chunks, ...stored } = found;
  await audit(dependencies, 'backups.export_downloaded', tenantId, id, requestedBy, { rows: found.rows });
  return { stored, archive: reader.read({ part: 0, offset: 0, chunk: 0 }, chunks) };
}
