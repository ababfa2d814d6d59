// Makes a backup: one snapshot of a tenant's rows, then its files. The manifest is written last; without it there is no backup.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { Tenant } from '@/lib/application';
import { type DataSource, expectRegion } from '@/lib/operations';
import { schemaFingerprint } from '@/lib/tenant-data';
import { fingerprint, occupiedTables, type TenantTable, writeOrder } from '@/lib/tenant-data/rows';
import { audit } from './audit';
import { cleanUpTenant } from './clean-up';
import type { BackupDependencies } from './dependencies';
import { ChunkWriter } from './format/chunks';
import {
  type BackedUpFile,
  type BackedUpTable,
  backupKeys,
  FORMAT,
  type Manifest,
  signManifest,
} from './format/manifest';
import { CHUNK_BYTES } from './format/pack';
import { keyPlace, prefixOf } from './format/places';
import { RowDigest, wholeLines } from './format/row-digest';
import { type Backup, type BackupReason, findBackup, recorded } from './records';
import { expectSameRoute } from './same-route';
import { asMover, sourceOf, textColumns, visibleTables } from './source';
import type { BackupStore } from './stores/store';
import { withTenantLock } from './tenant-lock';

/** Rows are digested and written in blocks of about this many bytes. */
const BLOCK_BYTES = 512 << 10;

export interface BackupRequest {
  tenantId: string;
  store: BackupStore;
  reason: BackupReason;
  /** For the audit log. */
  requestedBy: string;
  /** Aborts the backup and removes what it has written. */
  signal?: AbortSignal;
}

/**
 * Backs a tenant up.
 *
 * @throws BackupError `backup_busy`, `backup_not_possible`, `backup_rows_invisible`, `backup_store_*`; ApplicationError `tenant_unknown`;
 * OperationsError `region_refused`
 */
export async function createBackup(
  dependencies: BackupDependencies,
  request: BackupRequest,
): Promise<Backup> {
  const { tenantId } = request;
  const work = async (signal: AbortSignal) => {
    await cleanUpTenant(dependencies, tenantId);
    return backUp(dependencies, request, signal);
  };
  return withTenantLock(dependencies, tenantId, work, request.signal);
}

/** As `createBackup`, for a caller that holds the tenant's lock. */
export async function backUp(
  dependencies: BackupDependencies,
  { tenantId, store, reason, requestedBy }: BackupRequest,
  signal?: AbortSignal,
): Promise<Backup> {
  const { application, operations, secretBox, hooks } = dependencies;
  const tenant = await application.tenants.get(tenantId);
  const source = await sourceOf(dependencies, tenant);
  expectRegion(tenant.requiredRegion, [{ name: 'the backup store', region: store.region }]);
  const id = randomUUID();
  const dataKey = randomBytes(32);
  const envelope = await secretBox.encrypt(dataKey.toString('base64'), keyPlace(tenantId, id));
  await operations.pool.query(
    `insert into backups (id, tenant_id, data_source, reason, store, data_key, requested_by) values ($1, $2, $3, $4, $5, $6, $7)`,
    [id, tenantId, source.id, reason, store.url, envelope, requestedBy],
  );
  const prefix = prefixOf({ tenantId, id });
  try {
    await hooks?.('recorded');
    const keys = backupKeys(dataKey);
    const writer = new ChunkWriter(store, prefix, keys.parts, async () => {
      signal?.throwIfAborted();
      await hooks?.('part');
    });
    const snapshot = await asMover(dependencies, source, signal, (client) =>
      readSnapshot(dependencies, client, tenant, writer),
    );
    const files = await readFiles(dependencies, snapshot.fileKeys, writer);
    const { fileKeys: _, ...ofRows } = snapshot;
    const manifest: Manifest = {
      ...ofRows,
      ...files,
      ...(await writer.end()),
      ...{ format: FORMAT, id, dataKey: envelope },
      tenant: { id: tenantId, name: tenant.name, subdomain: tenant.subdomain },
      source: placeOf(source, tenant),
      rows: snapshot.tables.reduce((sum, table) => sum + table.rows, 0),
      bytes: [...snapshot.tables, ...files.files].reduce((sum, entry) => sum + entry.bytes, 0),
    };
    const signed = signManifest(manifest, keys.manifest);
    await hooks?.('before_manifest');
    await store.put(`${prefix}/manifest.json`, Buffer.from(JSON.stringify(signed)));
    await hooks?.('before_complete');
    signal?.throwIfAborted();
    await operations.pool.query(
      `update backups set state = 'complete', finished_at = now(), as_of = $2, manifest = $3, rows = $4, stored_bytes = $5 where id = $1`,
      [id, manifest.asOf, JSON.stringify(signed), manifest.rows, manifest.storedBytes],
    );
  } catch (error) {
    const isRemoved = await store.removeAll(prefix).then(
      () => true,
      () => false,
    );
    // With objects left in its store it stays running: the next clean-up removes them.
    await operations.pool.query(
      `update backups set error = $2, state = case when $3 then 'failed' else state end, finished_at = case when $3 then now() end
       where id = $1 and state = 'running'`,
      [id, recorded(error), isRemoved],
    );
    await audit(dependencies, 'backups.failed', tenantId, id, requestedBy, { ...recorded(error) });
    throw error;
  } finally {
    dataKey.fill(0);
  }
  const backup = await findBackup(operations.pool, id);
  const { rows, storedBytes } = backup;
  await audit(dependencies, 'backups.created', tenantId, id, requestedBy, { reason, rows, storedBytes });
  return backup;
}

function placeOf({ id, name, region }: DataSource, { tenantIdInDataSource }: Tenant): Manifest['source'] {
  return { id, name, region, tenantId: tenantIdInDataSource };
}

type Snapshot = Pick<Manifest, 'schema' | 'asOf' | 'lsn' | 'tables' | 'sequences'> & { fileKeys: string[] };

/** Reads all rows in one repeatable-read transaction. */
async function readSnapshot(
  dependencies: BackupDependencies,
  client: pg.Client,
  tenant: Tenant,
  writer: ChunkWriter,
): Promise<Snapshot> {
  const { tenantIdInDataSource: tenantId } = tenant;
  await client.query('begin isolation level repeatable read read only');
  const { rows: facts } = await client.query<{ at: string; lsn: string; version: number }>(
    `select to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
       (case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end)::text as lsn,
       (select max(version) from tenancy.migrations) as version`,
  );
  await expectSameRoute(dependencies, tenant);
  const all = await visibleTables(client);
  const occupied = await occupiedTables(client, all, tenantId);
  const tables: BackedUpTable[] = [];
  const fileKeys: string[] = [];
  for (const table of writeOrder(all).flat()) {
    await dependencies.hooks?.('table');
    tables.push(await readTable(client, table, tenantId, writer, occupied.has(table.name)));
    if (occupied.has(table.name) && table.columns.some(({ name }) => name === 'storage_key')) {
      const { rows } = await client.query<{ key: string }>(
        `select distinct storage_key as key from ${table.name} where tenant_id = $1 and storage_key is not null order by 1`,
        [tenantId],
      );
      fileKeys.push(...rows.map(({ key }) => key));
    }
  }
  const { rows: sequences } = await client.query<Manifest['sequences'][number]>(
    'select of_table::text as table, of_column::text as column, reached::text from tenancy.sequences_reached()',
  );
  const schema = {
    version: facts[0]?.version ?? 0,
    fingerprint: await schemaFingerprint(client),
    tables: fingerprint(all),
  };
  await client.query('commit');
  return { schema, asOf: facts[0]?.at ?? '', lsn: facts[0]?.lsn ?? '', tables, sequences, fileKeys };
}

async function readTable(
  client: pg.Client,
  table: TenantTable,
  tenantId: string,
  writer: ChunkWriter,
  occupied: boolean,
): Promise<BackedUpTable> {
  const columns = table.columns
    .filter(({ name }) => name !== 'tenant_id')
    .map(({ name, type }) => ({ name, type }));
  const at = await writer.position();
  const digest = new RowDigest();
  let [bytes, chunks] = [0, 0];
  if (occupied) {
    const rows = client.query(
      copyTo(
        `copy (select ${textColumns(columns)} from ${table.name} where tenant_id = ${pg.escapeLiteral(tenantId)}) to stdout`,
      ),
    );
    // It emits another error when its connection ends.
    rows.on('error', () => {});
    for await (const block of wholeLines(rows, BLOCK_BYTES)) {
      bytes += block.length;
      chunks += await writer.write(block, digest);
    }
  }
  await writer.position();
  const key = table.key.map(({ name }) => name);
  return { name: table.name, columns, key, ...digest.result(), bytes, at, chunks };
}

/** A file that was removed after the snapshot, or was lost before, is named as missing: the rows are worth a backup without it. */
async function readFiles(
  { files: storage }: BackupDependencies,
  keys: readonly string[],
  writer: ChunkWriter,
): Promise<Pick<Manifest, 'files' | 'missingFiles'>> {
  const files: BackedUpFile[] = [];
  const missingFiles: string[] = [];
  for (const key of keys) {
    const content = await storage?.get(key).catch((error: { code?: unknown }) => {
      if (error.code === 'file_missing') return undefined;
      throw error;
    });
    if (!content) {
      missingFiles.push(key);
      continue;
    }
    const at = await writer.position();
    const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
    const sha256 = createHash('sha256');
    let chunks = 0;
    for (let from = 0; from < bytes.length; from += CHUNK_BYTES) {
      const piece = Buffer.from(bytes.subarray(from, from + CHUNK_BYTES));
      sha256.update(piece);
      chunks += await writer.write(piece);
    }
    files.push({ key, bytes: bytes.length, sha256: sha256.digest('hex'), at, chunks });
  }
  return { files, missingFiles };
}
