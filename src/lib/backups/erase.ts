// Removes a tenant with everything that is kept of it, and certifies what is left: nothing, or what could not be reached.
import { createHmac, hkdfSync } from 'node:crypto';
import type pg from 'pg';
import { readNames, removeUnmoved } from '@/lib/data-sources';
import { withTransaction } from '@/lib/operations';
import { canonicalJson } from '@/lib/secrets';
import { readTables } from '@/lib/tenant-data/rows';
import { type RemovedCopy, removeAbandonedCopies } from './abandoned-copies';
import { tenantOrRemoved } from './any-tenant';
import type { BackupDependencies } from './dependencies';
import { BackupError } from './errors';
import { removeExports } from './export/remove-exports';
import { prefixOf } from './format/places';
import { removeBackup } from './prune';
import { expectNoHold, listBackups, recorded } from './records';
import { asMover, sourceOf } from './source';
import { openStore } from './stores/open-store';
import { withoutMoveOf } from './without-move';

export interface ErasureCertificate {
  format: 'marquee-erasure-certificate/1';
  tenant: string;
  dataSource: string;
  erasedAt: string;
  requestedBy: string;
  /** When the tenant itself was removed, if that was before: rows and files that went with it then are not counted. */
  removedBefore?: string;
  /**
   * Counted before and after: rows in all tables with the tenant's id, its files with their thumbnails, backups and their objects. Of an erasure
   * that was continued, before its first attempt.
   */
  before: { rows: number; files: number; backups: number };
  after: { rows: number; files: number; backupObjects: number };
  /** Rows that were removed from databases that had been given up as lost. */
  copiesRemoved: RemovedCopy[];
  /** What could not be reached and may still be there. */
  mayRemain: string[];
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

interface EraseOptions {
  progress?: (now: ErasureProgress) => void;
  /** Erase although copies or remains of earlier work cannot be reached: the certificate names them. */
  leaveUnreachable?: boolean;
}

/**
 * Erases a tenant: copies in databases that were given up, then backups and exports, then files, then rows, users and the tenant itself. It is
 * suspended first and stays so where this fails. Called again after a failure, it continues, also when the tenant itself is gone. Of a tenant that
 * was removed otherwise it erases what that has left. Of one that was erased it does so again: its certificate stays, and where there was something,
 * or less could not be reached, there is another one.
 *
 * @param encryptionKey ENCRYPTION_KEY, from which the key that signs certificates is derived
 * @throws BackupError `backup_held`, `backup_busy` while a move is open, `backup_not_possible` where something is left; as `removeTenant`
 */
export async function eraseTenant(
  dependencies: BackupDependencies,
  tenantId: string,
  encryptionKey: Uint8Array,
  requestedBy: string,
  { progress = () => {}, leaveUnreachable = false }: EraseOptions = {},
): Promise<SignedErasure> {
  const { operations, application, files: storage } = dependencies;
  const author = { actor: requestedBy };
  const find = () => tenantOrRemoved(dependencies, tenantId);
  return withoutMoveOf(dependencies, tenantId, find, async (tenant, signal, problems) => {
    await expectNoHold(operations.pool, tenantId);
    const isThere = tenant.status !== undefined;
    const there = tenant.tenantIdInDataSource;
    const last = tenant.dataSourceId ? { dataSource: tenant.dataSourceId, idThere: there } : undefined;
    const source = isThere ? await sourceOf(dependencies, tenant) : undefined;
    const copies = await removeAbandonedCopies(dependencies, tenantId, signal, isThere ? undefined : last);
    const mayRemain = [...copies.mayRemain, ...problems.map((problem) => recorded(problem).message)];
    if (!isThere && tenant.removedAt === undefined)
      mayRemain.push('The audit log does not say any more in which data source its rows were.');
    const stored = await storage?.list(tenantId).catch((error: unknown) => {
      mayRemain.push(`Files that no row names: ${recorded(error).message}`);
      return undefined;
    });
    if (mayRemain.length > 0 && !leaveUnreachable) throw unreachable(mayRemain);
    // What users add from now on would be left.
    if (tenant.status === 'active') await application.tenants.setStatus(tenantId, 'suspended', author);
    const count = async () =>
      source
        ? await asMover(dependencies, source, signal, (client) => countRows(client, there))
        : { rows: 0, files: [] };
    const before = await count();
    const backups = (await listBackups(operations.pool, { tenantId, limit: 100_000 })).filter(
      ({ state }) => state === 'complete',
    );
    const files = new Set([...before.files, ...(stored ?? [])]);
    const found = await noteFound(operations.pool, tenantId, {
      dataSource: (await readNames(dependencies, [])).source(tenant.dataSourceId ?? ''),
      before: { rows: before.rows, files: files.size, backups: backups.length },
      copiesRemoved: copies.removed,
    });
    const of = backups.length + files.size + 1;
    let done = 0;
    await removeExports(dependencies, tenantId);
    for (const backup of backups) {
      signal.throwIfAborted();
      progress({ step: 'backups', done, of });
      await removeBackup(dependencies, backup, requestedBy);
      done += 1;
    }
    const storedNow = async () => (stored && storage ? await storage.list(tenantId) : []);
    // Also those of statements that ran when the tenant was suspended.
    for (const key of [...(await count()).files, ...(await storedNow())]) files.add(key);
    for (const key of files) {
      signal.throwIfAborted();
      progress({ step: 'files', done: Math.min(done, of - 1), of });
      await storage?.remove(key);
      done += 1;
    }
    signal.throwIfAborted();
    progress({ step: 'rows', done: of - 1, of });
    if (isThere) await removeUnmoved({ application, operations }, tenantId, {}, author);
    progress({ step: 'checking', done: of, of });
    const after = await count();
    const left = { rows: after.rows, files: 0, backupObjects: 0 };
    left.files = (await storedNow()).length;
    for (const backup of backups)
      left.backupObjects += (await (await openStore(backup.store)).list(prefixOf(backup))).length;
    if (left.rows + left.files + left.backupObjects > 0) {
      throw new BackupError(
        'backup_not_possible',
        `${left.rows} rows, ${left.files} files and ${left.backupObjects} objects of backups are still there.`,
        { hint: 'Remove them in the database and the storage, or erase again.' },
      );
    }
    const isNothingNew = ({ certificate }: SignedErasure) =>
      backups.length + files.size + copies.removed.length === 0 &&
      certificate.mayRemain.every((text) => mayRemain.includes(text));
    const earlier = await earlierErasures(operations.pool, tenantId);
    if (earlier[0] && isNothingNew(earlier[0])) return earlier[0];
    const certificate: ErasureCertificate = {
      format: 'marquee-erasure-certificate/1',
      ...{ tenant: tenantId, dataSource: found.dataSource, erasedAt: new Date().toISOString(), requestedBy },
      ...(tenant.removedAt ? { removedBefore: tenant.removedAt.toISOString() } : {}),
      before: { ...found.before, files: Math.max(found.before.files, files.size) },
      after: left,
      ...{ copiesRemoved: found.copiesRemoved, mayRemain },
    };
    const signed: SignedErasure = { certificate, signature: sign(certificate, encryptionKey) };
    await operations.pool.query(
      'update erasures set certificate = $2, erased_at = now() where tenant_id = $1',
      [tenantId, JSON.stringify({ ...signed, earlier })],
    );
    const { before: had } = certificate;
    await application.audit.append(
      { action: 'backups.erased', entity: 'tenants', entityId: tenantId, details: { had, left, mayRemain } },
      author,
    );
    return signed;
  });
}

type Found = Pick<ErasureCertificate, 'dataSource' | 'before' | 'copiesRemoved'>;

/** Notes what there is before anything is removed. @returns it with what was noted before an erasure that this one continues */
async function noteFound(pool: pg.Pool, tenantId: string, now: Found): Promise<Found> {
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<{ found: Found | null }>(
      'select found from erasures where tenant_id = $1 for update',
      [tenantId],
    );
    const former = rows[0]?.found;
    const most = (name: keyof Found['before']) => Math.max(former?.before[name] ?? 0, now.before[name]);
    const found: Found = {
      dataSource: former?.dataSource ?? now.dataSource,
      before: { rows: most('rows'), files: most('files'), backups: most('backups') },
      copiesRemoved: [...(former?.copiesRemoved ?? []), ...now.copiesRemoved],
    };
    await client.query(
      `insert into erasures (tenant_id, found) values ($1, $2)
       on conflict (tenant_id) do update set found = coalesce(erasures.found, '{}') || excluded.found`,
      [tenantId, JSON.stringify(found)],
    );
    return found;
  });
}

function unreachable(mayRemain: readonly string[]): BackupError {
  return new BackupError('backup_not_possible', `These cannot be removed: ${mayRemain.join(' ')}`, {
    hint: 'Nothing else was removed. Erase again when they can be reached, or: marquee backup erase TENANT --leave-unreachable',
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

function sign(certificate: ErasureCertificate, encryptionKey: Uint8Array): string {
  const key = Buffer.from(
    hkdfSync('sha256', encryptionKey, Buffer.alloc(0), 'marquee/erasure-certificate', 32),
  );
  return `hmac-sha256:${createHmac('sha256', key).update(canonicalJson(certificate)).digest('base64url')}`;
}

/** As it is stored: with those of earlier erasures of the same tenant, the newest first. */
type StoredErasure = SignedErasure & { earlier?: SignedErasure[] };

/** The certificates of erased tenants, the newest first; those of one tenant together. */
export async function listErasures({
  operations,
}: Pick<BackupDependencies, 'operations'>): Promise<SignedErasure[]> {
  const { rows } = await operations.pool.query<{ certificate: StoredErasure }>(
    'select certificate from erasures where certificate is not null order by erased_at desc, tenant_id limit 200',
  );
  return rows.flatMap(({ certificate }) => allOf(certificate));
}

async function earlierErasures(pool: pg.Pool, tenantId: string): Promise<SignedErasure[]> {
  const { rows } = await pool.query<{ certificate: StoredErasure | null }>(
    'select certificate from erasures where tenant_id = $1',
    [tenantId],
  );
  return rows.flatMap(({ certificate }) => (certificate ? allOf(certificate) : []));
}

function allOf({ earlier = [], ...latest }: StoredErasure): SignedErasure[] {
  return [latest, ...earlier];
}
