// Implements MoveDependencies with the application database, the operations database and the registry of data sources.
import { createHmac, hkdfSync } from 'node:crypto';
import { type ApplicationDatabase, ApplicationError, type Tenant } from '@/lib/application';
import { atAddressOf } from '@/lib/data-sources';
import type { OperationsDatabase } from '@/lib/operations';
import { idTaken, MovementError } from '../errors';
import type { MoveHooks } from './hooks';
import type { MoveDependencies, PlacedTenant } from './ports';

/** Tenants read by one statement. */
const PAGE = 1_000;

export interface MoveDependenciesOptions {
  application: ApplicationDatabase;
  operations: OperationsDatabase;
  /** The 32 bytes of ENCRYPTION_KEY, from which the key that signs certificates is derived. */
  encryptionKey: Uint8Array;
  /** Where certificates are written as files; nowhere when left out. */
  certificateDirectory?: string;
  hooks?: MoveHooks;
}

/** Signs certificates: HMAC-SHA-256 with a key of its own, derived from ENCRYPTION_KEY. */
function certificateSigner(encryptionKey: Uint8Array): (text: string) => string {
  const key = Buffer.from(hkdfSync('sha256', encryptionKey, Buffer.alloc(0), 'marquee/move-certificate', 32));
  return (text) => `hmac-sha256:${createHmac('sha256', key).update(text).digest('base64url')}`;
}

export function moveDependencies(options: MoveDependenciesOptions): MoveDependencies {
  const { application, operations, encryptionKey, certificateDirectory, hooks } = options;
  const { dataSources } = operations;
  return {
    operations: operations.pool,
    async endpoint(dataSourceId) {
      const [source, { moverUrl, routerUrl }] = await Promise.all([
        dataSources.get(dataSourceId),
        dataSources.credentials(dataSourceId),
      ]);
      if (!moverUrl) {
        throw new MovementError(
          'move_not_possible',
          `The data source ${source.name} has no login for moves.`,
          {
            hint: 'Provision it again, or give its mover_url; a Supabase project is moved over its PostgreSQL URL.',
          },
        );
      }
      return {
        dataSourceId,
        name: source.name,
        region: source.region,
        serverKey: source.serverKey,
        url: moverUrl,
        // Requests may go through a pooler; shadow reads connect to the server itself.
        routerUrl: routerUrl ? atAddressOf(moverUrl, routerUrl) : '',
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
      for (let after: Tenant | undefined; ; ) {
        const page = await application.tenants.list({
          dataSourceId,
          limit: PAGE,
          ...(after ? { after } : {}),
        });
        found.push(...page.filter(({ status }) => status !== 'provisioning').map(placed));
        after = page.at(-1);
        if (page.length < PAGE) return found;
      }
    },
    async tenantAt(dataSourceId, tenantIdInDataSource) {
      const [tenant] = await application.tenants.list({ dataSourceId, tenantIdInDataSource, limit: 1 });
      return tenant && placed(tenant);
    },
    async changeRoute(tenantId, { dataSourceId, tenantIdInDataSource, expectedEpoch }, actor) {
      const [source, { routerUrl, anonKey, serviceKey }] = await Promise.all([
        dataSources.get(dataSourceId),
        dataSources.credentials(dataSourceId),
      ]);
      const place = {
        ...{ dataSourceId, engine: source.engine, region: source.region, url: routerUrl ?? '' },
        ...{ anonKey, serviceKey, tenantIdInDataSource, expectedEpoch },
      };
      try {
        await application.tenants.setDataSource(tenantId, place, { actor });
        return true;
      } catch (error) {
        if (error instanceof ApplicationError && error.code === 'route_changed') return false;
        if (error instanceof ApplicationError && error.code === 'place_taken')
          throw idTaken(`belongs to another tenant in ${source.name}`, error);
        throw error;
      }
    },
    async audit({ tenantId, action, entityId, details, actor }) {
      await application.audit.append({ tenantId, action, entity: 'moves', entityId, details }, { actor });
    },
    sign: certificateSigner(encryptionKey),
    ...(certificateDirectory ? { certificateDirectory } : {}),
    ...(hooks ? { hooks } : {}),
  };
}

function placed({ id, subdomain, tenantIdInDataSource }: Tenant): PlacedTenant {
  return { id, name: subdomain, tenantIdInDataSource };
}
