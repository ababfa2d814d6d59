import type { Tenant } from '@/lib/application';
import { OperationsError } from '@/lib/operations';
import type { AnyTenant } from './any-tenant';
import { cleanUpTenant } from './clean-up';
import type { BackupDependencies } from './dependencies';
import { BackupError } from './errors';
import { withTenantLock } from './tenant-lock';

/**
 * Works on all of a tenant's rows: alone, after what earlier work has left was cleaned up, and while no move of the tenant is open or begins.
 *
 * @param work gets the tenant, whose route stays; a signal that is aborted when that is no longer sure; why earlier work was not cleaned up
 * @throws BackupError `backup_busy`; ApplicationError `tenant_unknown`
 */
export function withoutMove<T>(
  dependencies: BackupDependencies,
  tenantId: string,
  work: (tenant: Tenant, signal: AbortSignal, problems: readonly unknown[]) => Promise<T>,
): Promise<T> {
  const find = () => dependencies.application.tenants.get(tenantId);
  return withoutMoveOf(dependencies, tenantId, find, work);
}

/** As `withoutMove`. @param find reads the tenant, which may have been removed, once no move of it can begin */
export async function withoutMoveOf<T, Found extends AnyTenant>(
  dependencies: BackupDependencies,
  tenantId: string,
  find: () => Promise<Found>,
  work: (tenant: Found, signal: AbortSignal, problems: readonly unknown[]) => Promise<T>,
): Promise<T> {
  const { operations } = dependencies;
  const { reservedIds } = operations;
  return withTenantLock(dependencies, tenantId, async (signal) => {
    const problems = await cleanUpTenant(dependencies, tenantId);
    const unmoved = async (locked: AbortSignal) => {
      const tenant = await find();
      const { dataSourceId, tenantIdInDataSource, subdomain } = tenant;
      if (dataSourceId && (await reservedIds.moveOf(dataSourceId, tenantIdInDataSource))) {
        throw new BackupError('backup_busy', `A move of ${subdomain} is open.`, {
          hint: 'End it first: marquee move complete, rollback or abort.',
        });
      }
      return work(tenant, AbortSignal.any([signal, locked]), problems);
    };
    return reservedIds.withoutNewMoves(tenantId, unmoved).catch((error: unknown) => {
      if (!(error instanceof OperationsError && error.code === 'job_running')) throw error;
      throw new BackupError('backup_busy', 'A move of the tenant begins, or it is being deleted.', {
        hint: 'See: marquee move status',
        cause: error,
      });
    });
  });
}
