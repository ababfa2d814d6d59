// Removes a tenant with everything that is kept of it, and certifies what is left: nothing.
import { createHmac, hkdfSync } from 'node:crypto';
import { removeTenant } from '@/lib/data-sources';
import { readTables } from '@/lib/tenant-data/rows';
import { cleanUpTenant } from './clean-up';
import type { BackupDependencies } from './dependencies';
import { BackupError } from './errors';
import { withTenantLock } from './exclusive';
import { removeExports } from './export/remove-exports';
import { canonicalJson } from './format/manifest';
import { prefixOf } from './format/places';
import { removeBackup } from './prune';
import { expectNoHold, listBackups } from './records';
import { asMover, sourceOf } from './source';
import { openStore } from './stores/open-store';

export interface ErasureCertificate {
  format: 'marquee-erasure-certificate/1';
  tenant: string;
  dataSource: string;
  erasedAt: string;
  requestedBy: string;
  /** Counted before and after: rows in all tables with the tenant's id, files that rows named, objects of backups. */
  before: { rows: number; files: number; backups: number };
  after: { rows: number; files: number; backupObjects: number };
}

export interface SignedErasure {
  certificate: ErasureCertificate;
  /** HMAC-SHA-256 of the certificate's JSON with sorted keys, under a key derived from ENCRYPTION_KEY. */
  signature: string;
}

/** Backups and files removed so far, and how many there are; the rows come last. */
interface ErasureProgress {
  step: 'backups' | 'files' | 'rows' | 'checking';
  done: number;
  of: number;
}

/**
 * Erases a tenant: backups and exports first, then files, then rows, users and the tenant itself. Called again after a failure, it continues.
 *
 * @param encryptionKey ENCRYPTION_KEY, from which the key that signs certificates is derived
 * @throws BackupError `backup_held`, `backup_not_possible` where something is left; as `removeTenant`
 */
export async function eraseTenant(
  dependencies: BackupDependencies,
  tenantId: string,
  encryptionKey: Uint8Array,
  requestedBy: string,
  progress: (now: ErasureProgress) => void = () => {},
): Promise<SignedErasure> {
  const { operations, application, files: storage } = dependencies;
  return withTenantLock(dependencies, tenantId, async (signal) => {
    await expectNoHold(operations.pool, tenantId);
    await cleanUpTenant(dependencies, tenantId);
    const tenant = await application.tenants.get(tenantId);
    const source = await sourceOf(dependencies, tenant);
    const there = tenant.tenantIdInDataSource;
    const before = await asMover(dependencies, source, signal, (client) => countRows(client, there));
    const backups = (await listBackups(operations.pool, { tenantId, limit: 100_000 })).filter(
      ({ state }) => state === 'complete',
    );
    const of = backups.length + before.files.length + 1;
    let done = 0;
    await removeExports(dependencies, tenantId);
    for (const backup of backups) {
      progress({ step: 'backups', done, of });
      await removeBackup(dependencies, backup, requestedBy);
      done += 1;
    }
    for (const key of before.files) {
      progress({ step: 'files', done, of });
      await storage?.remove(key);
      done += 1;
    }
    progress({ step: 'rows', done, of });
    await removeTenant({ application, operations }, tenantId, {}, { actor: requestedBy });
    progress({ step: 'checking', done: of, of });
    const after = await asMover(dependencies, source, signal, (client) => countRows(client, there));
    const left = { rows: after.rows, files: 0, backupObjects: 0 };
    for (const key of before.files) if (await isThere(storage, key)) left.files += 1;
    for (const backup of backups)
      left.backupObjects += (await (await openStore(backup.store)).list(prefixOf(backup))).length;
    if (left.rows + left.files + left.backupObjects > 0) {
      throw new BackupError(
        'backup_not_possible',
        `${left.rows} rows, ${left.files} files and ${left.backupObjects} objects of backups are still there.`,
        { hint: 'Remove them in the database and the storage, or erase again.' },
      );
    }
    const certificate: ErasureCertificate = {
      format: 'marquee-erasure-certificate/1',
      ...{ tenant: tenantId, dataSource: source.name, erasedAt: new Date().toISOString(), requestedBy },
      before: { rows: before.rows, files: before.files.length, backups: backups.length },
      after: left,
    };
    const signed: SignedErasure = { certificate, signature: sign(certificate, encryptionKey) };
    await operations.pool.query(
      'insert into erasures (tenant_id, certificate) values ($1, $2) on conflict (tenant_id) do update set certificate = excluded.certificate',
      [tenantId, JSON.stringify(signed)],
    );
    const { before: had } = certificate;
    await application.audit.append(
      { action: 'backups.erased', entity: 'tenants', entityId: tenantId, details: { had, left } },
      { actor: requestedBy },
    );
    return signed;
  });
}

async function countRows(
  client: Parameters<typeof readTables>[0],
  tenantId: string,
): Promise<{ rows: number; files: string[] }> {
  const found = { rows: 0, files: [] as string[] };
  for (const { name, columns } of await readTables(client)) {
    const { rows } = await client.query<{ n: string }>(
      `select count(*) as n from ${name} where tenant_id = $1`,
      [tenantId],
    );
    found.rows += Number(rows[0]?.n);
    if (!columns.some((column) => column.name === 'storage_key')) continue;
    const keys = await client.query<{ key: string }>(
      `select storage_key as key from ${name} where tenant_id = $1 and storage_key is not null`,
      [tenantId],
    );
    found.files.push(...keys.rows.map(({ key }) => key));
  }
  return found;
}

async function isThere(storage: BackupDependencies['files'], key: string): Promise<boolean> {
  if (!storage) return false;
  return storage.get(key).then(
    () => true,
    (error: { code?: unknown }) => {
      if (error.code === 'file_missing') return false;
      throw error;
    },
  );
}

function sign(certificate: ErasureCertificate, encryptionKey: Uint8Array): string {
  const key = Buffer.from(
    hkdfSync('sha256', encryptionKey, Buffer.alloc(0), 'marquee/erasure-certificate', 32),
  );
  return `hmac-sha256:${createHmac('sha256', key).update(canonicalJson(certificate)).digest('base64url')}`;
}

/** The certificates of erased tenants, the newest first. */
export async function listErasures({
  operations,
}: Pick<BackupDependencies, 'operations'>): Promise<SignedErasure[]> {
  const { rows } = await operations.pool.query<{ certificate: SignedErasure }>(
    'select certificate from erasures order by erased_at desc, tenant_id limit 200',
  );
  return rows.map(({ certificate }) => certificate);
}
