// Removes backups that the retention does not keep.

import { audit } from './audit';
import { cleanUpTenant } from './clean-up';
import type { BackupDependencies } from './dependencies';
import { prefixOf } from './format/places';
import { type Backup, listBackups, listHolds } from './records';
import { openStore } from './stores/open-store';
import { withTenantLock } from './tenant-lock';

/** How many days, weeks and months with a backup keep their newest one. */
export interface Retention {
  daily: number;
  weekly: number;
  monthly: number;
}

export const DEFAULT_RETENTION: Retention = { daily: 7, weekly: 5, monthly: 12 };

/**
 * Which backups of one tenant stay: the newest of each of the last days, weeks (from Monday) and months that have any, in UTC; the
 * newest of all; and the newest that a drill has proven.
 */
export function keptBackups(
  backups: readonly Pick<Backup, 'id' | 'asOf' | 'provenAt'>[],
  { daily, weekly, monthly }: Retention,
): Set<string> {
  const newestFirst = backups
    .filter((backup) => backup.asOf !== null)
    .sort((one, other) => Number(other.asOf) - Number(one.asOf));
  const kept = new Set<string>();
  const keep = (count: number, periodOf: (at: Date) => string) => {
    const periods = new Set<string>();
    for (const { id, asOf } of newestFirst) {
      const period = periodOf(asOf as Date);
      if (periods.has(period)) continue;
      if (periods.size === count) return;
      periods.add(period);
      kept.add(id);
    }
  };
  keep(daily, (at) => at.toISOString().slice(0, 10));
  keep(weekly, (at) => String(Math.floor((at.getTime() / 86_400_000 + 3) / 7)));
  keep(monthly, (at) => at.toISOString().slice(0, 7));
  for (const one of [newestFirst[0], newestFirst.find(({ provenAt }) => provenAt !== null)])
    if (one) kept.add(one.id);
  return kept;
}

export interface Pruned {
  removed: Backup[];
  kept: number;
  /** A legal hold keeps all of them. */
  held: boolean;
}

/** Prunes the backups of one tenant. @param options.dryRun only says what would be removed @throws BackupError `backup_busy`, `backup_store_*` */
export async function pruneBackups(
  dependencies: BackupDependencies,
  tenantId: string,
  {
    retention = DEFAULT_RETENTION,
    requestedBy,
    dryRun = false,
  }: { retention?: Retention; requestedBy: string; dryRun?: boolean },
): Promise<Pruned> {
  const { pool } = dependencies.operations;
  return withTenantLock(dependencies, tenantId, async () => {
    if (!dryRun) await cleanUpTenant(dependencies, tenantId);
    const all = (await listBackups(pool, { tenantId, limit: 100_000 })).filter(
      ({ state }) => state === 'complete',
    );
    const held = (await listHolds(pool)).some((hold) => hold.tenantId === tenantId);
    const kept = keptBackups(all, retention);
    const removed = held ? [] : all.filter(({ id }) => !kept.has(id));
    if (!dryRun) for (const backup of removed) await removeBackup(dependencies, backup, requestedBy);
    return { removed, kept: all.length - removed.length, held };
  });
}

/** Removes one backup: its manifest is forgotten first, so that no half of it can be restored. */
export async function removeBackup(
  dependencies: BackupDependencies,
  backup: Backup,
  requestedBy: string,
): Promise<void> {
  const { pool } = dependencies.operations;
  await pool.query(`update backups set state = 'removing', manifest = null where id = $1`, [backup.id]);
  await (await openStore(backup.store)).removeAll(prefixOf(backup));
  await pool.query(`update backups set state = 'removed' where id = $1`, [backup.id]);
  const { tenantId, id, asOf } = backup;
  await audit(dependencies, 'backups.removed', tenantId, id, requestedBy, { asOf });
}
