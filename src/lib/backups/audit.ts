import type { AuditAction } from '@/lib/application';
import type { BackupDependencies } from './dependencies';

/** Records what was done with a tenant's backup in the audit log. */
export async function audit(
  { application }: Pick<BackupDependencies, 'application'>,
  action: AuditAction,
  tenantId: string,
  entityId: string,
  actor: string,
  details: Record<string, unknown> = {},
): Promise<void> {
  await application.audit.append({ tenantId, action, entity: 'backups', entityId, details }, { actor });
}
