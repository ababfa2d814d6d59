import type pg from 'pg';
import type { AuditAction } from '@/lib/application';
import type { DataSourceStatus, RegionalPlace } from '@/lib/operations';
import type { Signatures } from '../verify/signatures';
import type { MoveHooks } from './hooks';

/** A database that a move goes from or to, as the mover reaches it. */
export interface Endpoint {
  dataSourceId: string;
  name: string;
  /** The source's server and replicas, with their regions. */
  places: readonly RegionalPlace[];
  /** `host:port`. */
  serverKey: string;
  /** In the registry; only an `active` one takes tenants. */
  status: DataSourceStatus;
  /** Maximum number of tenants; null for no limit. */
  capacity: number | null;
  /** URL of the mover's login. */
  url: string;
  /** URL of the router's login, with which tenants' statements run. */
  routerUrl: string;
}

/** An endpoint, and the tenant's id in it. */
export interface TenantEndpoint extends Endpoint {
  tenantId: string;
}

/** A tenant as listed for a data source. */
export interface PlacedTenant {
  id: string;
  /** The tenant's subdomain, by which operators know it. */
  name: string;
  tenantIdInDataSource: string;
}

/** The tenant's route in the application database. */
export interface TenantRoute {
  dataSourceId: string;
  tenantIdInDataSource: string;
  epoch: bigint;
  requiredRegion: string | null;
}

/**
 * Changes the route, in one transaction, if its epoch is `expectedEpoch`; the new epoch is `expectedEpoch + 1`.
 *
 * @returns false when the epoch is another one
 * @throws when it is unknown whether the route was changed
 */
export type ChangeRoute = (expectedEpoch: bigint, actor: string) => Promise<boolean>;

/** What a move needs of the other rooms. */
export interface MoveDependencies {
  /** The operations database, which records moves. Its connections must be sessions, not pooled transactions. */
  operations: pg.Pool;
  /** @throws when there is no such data source or it has no login for moves */
  endpoint(dataSourceId: string): Promise<Endpoint>;
  /** @throws when there is no such tenant or the application database does not answer */
  route(tenantId: string): Promise<TenantRoute>;
  /** The tenants of a data source, without those that are being provisioned. */
  tenantsIn(dataSourceId: string): Promise<PlacedTenant[]>;
  /** The tenant whose route points to an id in a data source. */
  tenantAt(dataSourceId: string, tenantIdInDataSource: string): Promise<PlacedTenant | undefined>;
  /** Reads and encrypts everything for a change of the route. Call the returned function soon, since credentials may be rotated meanwhile. */
  prepareRoute(
    tenantId: string,
    place: { dataSourceId: string; tenantIdInDataSource: string },
  ): Promise<ChangeRoute>;
  /** Appends to the audit log. */
  audit(record: {
    /** Undefined for a rollout. */
    tenantId?: string;
    action: AuditAction;
    /** Default `moves`. */
    entity?: 'moves' | 'rollouts';
    entityId: string;
    details: Record<string, unknown>;
    actor: string;
  }): Promise<void>;
  /** Signs and verifies certificates. */
  signatures: Signatures;
  /** Directory for certificates as files; undefined if none are written. */
  certificateDirectory?: string;
  hooks?: MoveHooks;
}
