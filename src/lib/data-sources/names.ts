import type { ApplicationDatabase } from '@/lib/application';
import type { OperationsDatabase } from '@/lib/operations';

/** What commands and screens call tenants and data sources. For one that no longer exists, the id is returned. */
export interface Names {
  /** A tenant's subdomain. */
  tenant(id: string): string;
  /** A data source's name; anything else, such as a service with bills of its own, is returned as it is. */
  source(id: string): string;
}

/** Reads the names of these tenants and of all data sources. */
export async function readNames(
  {
    application,
    operations,
  }: {
    application: Pick<ApplicationDatabase, 'tenants'>;
    operations: Pick<OperationsDatabase, 'dataSources'>;
  },
  tenantIds: Iterable<string>,
): Promise<Names> {
  const [tenants, sources] = await Promise.all([
    application.tenants.names(tenantIds),
    operations.dataSources.names(),
  ]);
  return {
    tenant: (id) => tenants.get(id)?.subdomain ?? id,
    source: (id) => sources.get(id) ?? id,
  };
}
