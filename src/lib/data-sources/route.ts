import type { PoolLimits } from './pool-config';

export type TenantStatus = 'active' | 'suspended' | 'provisioning' | (string & {});

/** What the application database says of a tenant's place; no credentials. */
export interface TenantPlacement {
  tenantId: string;
  status: TenantStatus;
  /** The registry's row; one pool each. */
  dataSourceId: string;
  kind: 'postgres' | 'supabase';
  epoch: string;
  tenantIdInDataSource: string;
  /** `connection_pool_config` as stored. */
  connectionPoolConfig: unknown;
}

/** How to reach a tenant's data source. Read only when a connection is to be opened. */
export interface DataSourceCredentials {
  /** Where the tenant is now: a caller that waited may hold an older route. */
  dataSourceId: string;
  /** PostgreSQL URL of the router's login, or the Supabase project's URL. */
  url: string;
  anonKey: string | null;
  serviceKey: string | null;
}

/** Where a tenant's data live, as this process knows it at the moment. */
export interface Route {
  readonly tenantId: string;
  readonly dataSourceId: string;
  readonly kind: 'postgres' | 'supabase';
  readonly epoch: string;
  readonly tenantIdInDataSource: string;
  readonly limits: PoolLimits;
}

/** Where routes come from: the application database, or what a test says. */
export interface TenantDirectory {
  placement(tenantId: string): Promise<TenantPlacement | undefined>;
  credentials(tenantId: string): Promise<DataSourceCredentials | undefined>;
  /**
   * Calls `changed` for each change of a tenant's route, and with no arguments whenever changes may have been missed
   * (after a reconnect). Resolves once it listens.
   */
  listen(changed: (tenantId?: string, epoch?: string) => void): Promise<{ close(): Promise<void> }>;
}

/** Who acts in a tenant's data: trusted server code for the whole tenant, or one of its users. */
export type Identity =
  | { readonly role: 'tenant_service' }
  | { readonly role: 'authenticated'; readonly userId: string; readonly userRole: string };

export const SERVICE: Identity = Object.freeze({ role: 'tenant_service' });

/** `request.jwt.claims` as the tenant data's policies read them. */
export function claimsOf(route: Route, identity: Identity): string {
  if (identity.role === 'tenant_service') {
    return `{"role":"tenant_service","tenant_id":"${route.tenantIdInDataSource}"}`;
  }
  return JSON.stringify({
    role: 'authenticated',
    tenant_id: route.tenantIdInDataSource,
    sub: identity.userId,
    user_role: identity.userRole,
  });
}
