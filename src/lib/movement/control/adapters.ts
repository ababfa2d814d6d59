// Implements MoveDependencies with the application database, the operations database and the registry of data sources.
import { type ApplicationDatabase, ApplicationError, type Tenant } from '@/lib/application';
import { atAddressOf, placesOf, replicasOf } from '@/lib/data-sources';
import type { OperationsDatabase } from '@/lib/operations';
import { idTaken, MovementError } from '../errors';
import { Signatures } from '../verify/signatures';
import type { MoveHooks } from './hooks';
import type { MoveDependencies, PlacedTenant } from './ports';
import { refusalText } from './refusal-words';

/** Options of `moveDependencies`. */
export interface MoveDependenciesOptions {
  application: ApplicationDatabase;
  operations: OperationsDatabase;
  /** Directory for certificates as files. Default: none are written. */
  certificateDirectory?: string;
  /** For tests: called at named points of a move. */
  hooks?: MoveHooks;
}

/** What moves need, from the application and the operations database. */
export function moveDependencies(options: MoveDependenciesOptions): MoveDependencies {
  const { application, operations, certificateDirectory, hooks } = options;
  const { dataSources } = operations;
  return {
    operations: operations.pool,
    async endpoint(dataSourceId) {
      const [source, { moverUrl, routerUrl }] = await Promise.all([
        dataSources.get(dataSourceId),
        dataSources.credentials(dataSourceId),
      ]);
      if (!moverUrl) {
        throw new MovementError('move_not_possible', refusalText('no_login', { source: source.name }), {
          hint: 'Provision it again, or give its mover_url; a Supabase project is moved over its PostgreSQL URL.',
        });
      }
      return {
        dataSourceId,
        name: source.name,
        places: await placesOf(operations, source),
        ...{ serverKey: source.serverKey, status: source.status, capacity: source.capacity },
        url: moverUrl,
        // Requests may go through a pooler, but shadow reads connect to the server itself. A Supabase project has no router login.
        routerUrl: routerUrl && source.engine === 'postgresql' ? atAddressOf(moverUrl, routerUrl) : '',
      };
    },
    async route(tenantId) {
      const tenant = await application.tenants.get(tenantId);
      return {
        dataSourceId: tenant.dataSourceId ?? '',
        tenantIdInDataSource: tenant.tenantIdInDataSource,
        epoch: BigInt(tenant.routeEpoch),
        requiredRegion: tenant.requiredRegion,
      };
    },
    async tenantsIn(dataSourceId) {
      const found: PlacedTenant[] = [];
      for await (const tenant of application.tenants.all({ dataSourceId }))
        if (tenant.status !== 'provisioning') found.push(placed(tenant));
      return found;
    },
    async tenantAt(dataSourceId, tenantIdInDataSource) {
      const [tenant] = await application.tenants.list({ dataSourceId, tenantIdInDataSource, limit: 1 });
      return tenant && placed(tenant);
    },
    async prepareRoute(tenantId, { dataSourceId, tenantIdInDataSource }) {
      const [source, { routerUrl, anonKey, serviceKey }] = await Promise.all([
        dataSources.get(dataSourceId),
        dataSources.credentials(dataSourceId),
      ]);
      const place = {
        ...{ dataSourceId, engine: source.engine, region: source.region, url: routerUrl ?? '' },
        ...{ anonKey, serviceKey, tenantIdInDataSource },
        replicas: await replicasOf(operations, source),
      };
      const set = await application.tenants.prepareDataSource(tenantId, place);
      return async (expectedEpoch, actor) => {
        try {
          await set(expectedEpoch, { actor });
          return true;
        } catch (error) {
          if (error instanceof ApplicationError && error.code === 'route_changed') return false;
          if (error instanceof ApplicationError && error.code === 'place_taken')
            throw idTaken(refusalText('id_of_other', { source: source.name }), error);
          throw error;
        }
      };
    },
    async audit({ actor, ...record }) {
      await application.audit.append({ entity: 'moves', ...record }, { actor });
    },
    signatures: new Signatures(operations.signingKeys),
    ...(certificateDirectory ? { certificateDirectory } : {}),
    ...(hooks ? { hooks } : {}),
  };
}

function placed({ id, subdomain, tenantIdInDataSource }: Tenant): PlacedTenant {
  return { id, name: subdomain, tenantIdInDataSource };
}
