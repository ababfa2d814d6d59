// Imports a tenant from a database that is not Marquee's: maps, copies and compares its rows, and activates it only then.

import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { ApplicationDatabase, Tenant } from '@/lib/application';
import { openTenantFence, placeOn, removeTenantRows } from '@/lib/data-sources';
import type { OperationsDatabase } from '@/lib/operations';
import { sealKeyOf, seedTenantDefaults } from '@/lib/tenant-data';
import { BEGIN_COPYING, endQuietly, inTransaction } from '@/lib/tenant-data/rows';
import { connectMover } from '../control/mover-connection';
import { MovementError } from '../errors';
import { copyLegacy, type ImportedTable } from './copy-legacy';
import type { LegacyMap } from './map';

export type { ImportedTable } from './copy-legacy';
export { type LegacyMap, readLegacyMap } from './map';

export interface LegacyImport {
  /** PostgreSQL URL of the legacy database; it is read in one read-only transaction. */
  sourceUrl: string;
  map: LegacyMap;
  /** The tenant's value in the legacy database, for `:tenant` in the map. */
  legacyTenant: string;
  name: string;
  /** One DNS label. */
  subdomain: string;
  /** Id or name of the data source for the tenant. */
  dataSource: string;
  requestedBy: string;
}

export interface ImportedTenant {
  tenant: Tenant;
  tables: ImportedTable[];
}

/**
 * Creates a tenant from a legacy database's rows. A failed import leaves neither the tenant nor rows.
 *
 * @throws MovementError `legacy_map_invalid`, `move_verification_failed`, `move_not_possible`; ApplicationError
 *   `subdomain_taken`; OperationsError `data_source_unknown`
 */
export async function importLegacy(
  { application, operations }: { application: ApplicationDatabase; operations: OperationsDatabase },
  request: LegacyImport,
): Promise<ImportedTenant> {
  const { name, subdomain, requestedBy } = request;
  const dataSource = await operations.dataSources.get(request.dataSource);
  const { moverUrl, routerUrl } = await operations.dataSources.credentials(dataSource.id);
  if (!moverUrl || !routerUrl) {
    throw new MovementError('move_not_possible', `${dataSource.name} has no logins of its own.`, {
      hint: 'Add it again: marquee source add',
    });
  }
  const by = { actor: requestedBy };
  const id = randomUUID();
  const source = await connectMover({ url: request.sourceUrl, moveId: id }).catch((cause: unknown) => {
    throw new MovementError('move_not_possible', 'The legacy database cannot be reached.', {
      hint: 'Check the URL, and that its login may connect from here.',
      cause,
    });
  });
  let target: pg.Client | undefined;
  try {
    const mover = await connectMover({ url: moverUrl, moveId: id });
    target = mover;
    const place = await placeOn(operations, dataSource, id);
    const created = await application.tenants.create(
      { id, name, subdomain, place, status: 'provisioning' },
      by,
    );
    try {
      await openTenantFence(operations, mover, dataSource, created);
      await seed(routerUrl, created);
      // The map names tables as the customer's own statements do, so the login's search_path applies.
      await source.query('reset search_path; begin isolation level repeatable read read only');
      const tables = await inTransaction(mover, BEGIN_COPYING, () =>
        copyLegacy({ source, target: mover }, request.map, { tenant: request.legacyTenant, tenantId: id }),
      );
      const tenant = await application.tenants.setStatus(id, 'active', by);
      const record = { tenantId: id, action: 'tenants.imported', entity: 'tenants', entityId: id } as const;
      await application.audit.append({ ...record, details: { tables } }, by);
      return { tenant, tables };
    } catch (error) {
      // Report the first error. Rows that cannot be removed are unreachable, because no route points to them.
      await application.tenants.remove(id, by);
      await removeTenantRows(mover, dataSource, created).catch(() => {});
      throw error;
    }
  } finally {
    await Promise.all([endQuietly(source), endQuietly(target)]);
  }
}

async function seed(routerUrl: string, { id: tenantId, routeEpoch: epoch, name }: Tenant): Promise<void> {
  const router = await connectMover({ url: routerUrl, moveId: tenantId });
  try {
    await seedTenantDefaults(router, { tenantId, epoch, name, sealKey: sealKeyOf(routerUrl) });
  } finally {
    await endQuietly(router);
  }
}
