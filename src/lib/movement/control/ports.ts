import type pg from 'pg';
import type { MoveHooks } from './hooks';

/** A database that a tenant can live in, as the mover reaches it. */
export interface Home {
  dataSourceId: string;
  name: string;
  region: string | null;
  /** `host:port`. */
  serverKey: string;
  /** URL of the mover's login. */
  url: string;
  /** URL of the router's login, which serves tenants. */
  routerUrl: string;
}

/** A home, and the tenant's id in it. */
export interface TenantHome extends Home {
  tenantId: string;
}

/** A tenant of a data source. */
export interface TenantThere {
  id: string;
  /** As operators call it. */
  name: string;
  tenantIdInDataSource: string;
}

/** What the application database says of a tenant's place. */
export interface TenantRoute {
  dataSourceId: string;
  tenantIdInDataSource: string;
  epoch: bigint;
  requiredRegion: string | null;
}

/** What a move needs of the rest of Marquee. */
export interface MoveDependencies {
  /** The operations database: where moves stand. Its connections must be sessions. */
  operations: pg.Pool;
  /** @throws when there is no such data source or it has no login for moves */
  home(dataSourceId: string): Promise<Home>;
  /** @throws when there is no such tenant or the application database cannot be asked */
  route(tenantId: string): Promise<TenantRoute>;
  /** The tenants that live in a data source, those being set up left out. */
  tenantsIn(dataSourceId: string): Promise<TenantThere[]>;
  /** The tenant whose route points to an id in a data source; undefined where there is none. */
  tenantAt(dataSourceId: string, tenantIdThere: string): Promise<TenantThere | undefined>;
  /**
   * The decision: compare-and-set of the route, `expectedEpoch` → `expectedEpoch + 1`, in one transaction.
   *
   * @returns false when the epoch is another one
   * @throws when the answer is unknown
   */
  decide(
    tenantId: string,
    place: { dataSourceId: string; tenantIdInDataSource: string; expectedEpoch: bigint },
    actor: string,
  ): Promise<boolean>;
  /** Appends to the audit log. */
  audit(record: {
    tenantId: string;
    action: string;
    entityId: string;
    details: Record<string, unknown>;
    actor: string;
  }): Promise<void>;
  /** Signs the text of a certificate. */
  sign(text: string): string;
  /** Where certificates are written as files; nowhere when left out. */
  certificateDirectory?: string;
  hooks?: MoveHooks;
}
