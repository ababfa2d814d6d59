// What the routes of backups have in common.
import { z } from '@hono/zod-openapi';
import type { BackupDependencies } from '@/lib/backups';
import type { OperatorDependencies } from '../dependencies';

/** Why a backup or a drill failed. */
export const Failure = z.object({ code: z.string(), message: z.string() }).nullable();
export const ByBackup = z.object({ id: z.string().min(4).max(36) });

export function backupsOf({ application, operations, operator }: OperatorDependencies): BackupDependencies {
  const { files } = operator.backups;
  return { application, operations, secretBox: operator.secretBox, ...(files ? { files } : {}) };
}

/** The tenant's name; of one that was removed its id. */
export async function titleOf({ application }: OperatorDependencies, tenantId: string): Promise<string> {
  return (await application.tenants.find(tenantId))?.name ?? tenantId;
}
