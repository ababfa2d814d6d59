import type { ApplicationDatabase } from '@/lib/application';
import type { OperationsDatabase } from '@/lib/operations';
import { isService } from './cost/bills';

interface Databases {
  application: Pick<ApplicationDatabase, 'tenants'>;
  operations: Pick<OperationsDatabase, 'dataSources'>;
}

/** Names of tenants and data sources; of what is gone, its id. */
export async function namesOf({ application, operations }: Databases) {
  const tenants = new Map<string, string>();
  for await (const { id, subdomain } of application.tenants.all()) tenants.set(id, subdomain);
  const sources = await operations.dataSources.list();
  return {
    tenant: (id: string) => tenants.get(id) ?? id,
    /** @param place id of a data source, or a service */
    source: (place: string) => sources.find(({ id }) => id === place)?.name ?? place,
    region: (place: string) => sources.find(({ id }) => id === place)?.region ?? null,
  };
}

/** A bill's target by its name: the id of a data source, or the name of a service. @throws OperationsError `data_source_unknown` */
export async function targetOf({ operations }: Pick<Databases, 'operations'>, name: string): Promise<string> {
  return isService(name) ? name : (await operations.dataSources.get(name)).id;
}
