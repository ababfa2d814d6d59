import type { BackupDependencies } from './dependencies';

/** Forbids to erase a tenant's data and to prune its backups, until the hold is released. Another reason replaces the one before. */
export async function placeHold(
  { operations, application }: BackupDependencies,
  tenantId: string,
  reason: string,
  requestedBy: string,
): Promise<void> {
  await operations.pool.query(
    `insert into legal_holds (tenant_id, reason, placed_by) values ($1, $2, $3)
     on conflict (tenant_id) do update set reason = excluded.reason, placed_by = excluded.placed_by, placed_at = now()`,
    [tenantId, reason, requestedBy],
  );
  const record = {
    tenantId,
    action: 'backups.hold_placed',
    entity: 'legal_holds',
    entityId: tenantId,
  } as const;
  await application.audit.append({ ...record, details: { reason } }, { actor: requestedBy });
}

/** @returns whether there was one */
export async function releaseHold(
  { operations, application }: BackupDependencies,
  tenantId: string,
  requestedBy: string,
): Promise<boolean> {
  const { rowCount } = await operations.pool.query('delete from legal_holds where tenant_id = $1', [
    tenantId,
  ]);
  if (!rowCount) return false;
  const record = {
    tenantId,
    action: 'backups.hold_released',
    entity: 'legal_holds',
    entityId: tenantId,
  } as const;
  await application.audit.append(record, { actor: requestedBy });
  return true;
}
