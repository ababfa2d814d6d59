// A drill proves a backup: it restores it into a scratch tenant, compares all rows, asks for them as the product does, and removes it.
import { randomUUID } from 'node:crypto';
import { directoryOf, placesOf } from '@/lib/data-sources';
import { DataSourceManager } from '@/lib/data-sources/manager';
import { expectRegion } from '@/lib/operations';
import { audit } from './audit';
import { cleanUpTenant } from './clean-up';
import type { BackupDependencies } from './dependencies';
import { BackupError } from './errors';
import { type OpenBackup, openBackup } from './open';
import { type Backup, DRILL_COLUMNS, type Drill, newestBackup, recorded } from './records';
import { removeFiles } from './restore/files';
import { removeScratch, writeTenant } from './restore/new-tenant';
import { withTenantLock } from './tenant-lock';

/** The tables that the product shows first. Their rows are counted through its client. */
const OPENED = ['accounts', 'events', 'invoices'] as const;

export interface DrillRequest {
  tenantId: string;
  /** Default: the tenant's newest. */
  backup?: Backup | undefined;
  /** Id or name of the data source to restore into. Default: that of the backup. */
  dataSource?: string | undefined;
  requestedBy: string;
  /** Aborts the drill, which then counts as failed. */
  signal?: AbortSignal;
}

/**
 * Restores a tenant's backup into a scratch tenant of a data source. What goes wrong is recorded, not thrown: a failed drill raises an
 * alert.
 *
 * @throws BackupError `backup_busy`, `backup_unknown` where there is no backup to drill, `backup_foreign`; OperationsError `data_source_unknown`, `region_refused`
 */
export async function drillBackup(dependencies: BackupDependencies, request: DrillRequest): Promise<Drill> {
  const { operations, application } = dependencies;
  const { tenantId, requestedBy } = request;
  const work = async (signal: AbortSignal) => {
    await cleanUpTenant(dependencies, tenantId);
    const backup = request.backup ?? (await newestBackup(operations.pool, tenantId));
    if (backup.tenantId !== tenantId)
      throw new BackupError('backup_foreign', `The backup ${backup.id} is of another tenant.`);
    const source = await operations.dataSources.get(request.dataSource ?? backup.dataSource);
    const required = (await application.tenants.find(tenantId))?.requiredRegion;
    expectRegion(required, await placesOf(operations, source));
    const [id, scratch] = [randomUUID(), randomUUID()];
    await operations.pool.query(
      `insert into drills (id, backup_id, tenant_id, scratch_tenant, data_source, requested_by) values ($1, $2, $3, $4, $5, $6)`,
      [id, backup.id, tenantId, scratch, source.id, requestedBy],
    );
    await dependencies.hooks?.('recorded');
    const began = performance.now();
    let open: OpenBackup | undefined;
    let [result, failure]: [object, unknown] = [{}, undefined];
    try {
      open = await openBackup(dependencies, backup);
      const { manifest } = open;
      const into = {
        ...{
          id: scratch,
          name: `Drill of ${manifest.tenant.name}`,
          subdomain: `drill-${scratch.slice(0, 13)}`,
        },
        ...(required ? { requiredRegion: required } : {}),
      };
      const files = await writeTenant(dependencies, open, source, into, requestedBy, signal);
      await open.expectEnd();
      const restored = performance.now();
      await openAsProduct(dependencies, scratch, open);
      await dependencies.hooks?.('opened');
      const ended = performance.now();
      result = {
        ...{ rows: manifest.rows, bytes: manifest.bytes, files },
        restoreMs: Math.round(restored - began),
        openMs: Math.round(ended - restored),
        totalMs: Math.round(ended - began),
      };
    } catch (error) {
      failure = error;
    }
    const drill = await record(dependencies, { id, backup, requestedBy }, result, failure);
    const tidyUp = async () => {
      await removeScratch(dependencies, scratch, requestedBy);
      if (open) await removeFiles(dependencies, open, scratch);
      await operations.pool.query('update drills set scratch_removed = true where id = $1', [id]);
    };
    await tidyUp().catch((error: unknown) => {
      // Why the drill failed matters more, and the next one of this tenant removes what is left of it.
      if (drill.state !== 'failed') throw error;
    });
    return drill;
  };
  return withTenantLock(dependencies, tenantId, work, request.signal);
}

/** Counts rows through the client that the product uses, and compares with the backup. @throws BackupError `backup_digest_differs` */
async function openAsProduct(
  { application }: BackupDependencies,
  scratch: string,
  { manifest }: OpenBackup,
): Promise<void> {
  const directory = directoryOf(application);
  // The scratch tenant stays `provisioning`, so that nothing mails or bills for it; only this manager serves it.
  const manager = new DataSourceManager(async () => ({
    directory: {
      ...directory,
      async placement(id) {
        const placement = await directory.placement(id);
        return placement && id === scratch ? { ...placement, status: 'active' } : placement;
      },
    },
    verifyAccessToken: () => Promise.reject(new Error('A drill has no users.')),
  }));
  try {
    const client = await manager.getClientForTenant(scratch, true);
    for (const name of OPENED) {
      const expected = manifest.tables.find((table) => table.name === name)?.rows ?? 0;
      const { count, error } = await client.from(name).select('id', { count: 'exact' }).limit(1);
      if (error)
        throw new BackupError('backup_digest_differs', `The restored ${name} cannot be read: ${error.code}.`);
      if (count !== expected)
        throw new BackupError('backup_digest_differs', `Of ${expected} ${name} the product finds ${count}.`);
    }
  } finally {
    await manager.close();
  }
}

async function record(
  dependencies: BackupDependencies,
  { id, backup, requestedBy }: { id: string; backup: Backup; requestedBy: string },
  result: object,
  failure: unknown,
): Promise<Drill> {
  const { pool } = dependencies.operations;
  const error = failure === undefined ? null : recorded(failure);
  const { rows } = await pool.query<Drill>(
    `update drills set state = $2, finished_at = now(), result = $3, error = $4 where id = $1 returning ${DRILL_COLUMNS}`,
    [id, error ? 'failed' : 'passed', JSON.stringify(result), error && JSON.stringify(error)],
  );
  if (error) {
    await audit(dependencies, 'backups.drill_failed', backup.tenantId, backup.id, requestedBy, {
      drill: id,
      ...error,
    });
  } else {
    await pool.query('update backups set proven_at = now(), verified_at = now() where id = $1', [backup.id]);
    await audit(dependencies, 'backups.drill_passed', backup.tenantId, backup.id, requestedBy, {
      drill: id,
      ...result,
    });
  }
  return rows[0] as Drill;
}
