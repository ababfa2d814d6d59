import type { DataSourceEngine, TenantCredentials, TenantPlacement } from '@/lib/application';
import { sealClaims } from '@/lib/tenant-data';
import type { PoolLimits } from '../admission/pool-config';

/** Where a tenant's data live, as this process knows it at the moment. */
export interface Route {
  readonly tenantId: string;
  readonly dataSourceId: string;
  readonly engine: DataSourceEngine;
  readonly epoch: string;
  readonly tenantIdInDataSource: string;
  /** The ids by which requests may name the tenant besides, in lower case: the application's, and those it had elsewhere. */
  readonly otherIds: readonly string[];
  readonly limits: PoolLimits;
}

/** Where routes come from: the application database, or what a test says. */
export interface TenantDirectory {
  placement(tenantId: string): Promise<TenantPlacement | undefined>;
  /** Read only when a connection is to be opened. */
  credentials(tenantId: string): Promise<TenantCredentials | undefined>;
  /**
   * Calls `changed` for each change of a tenant's route, and with no arguments whenever changes may have been missed
   * (after a reconnect). Resolves once it listens.
   */
  listen(
    changed: (tenantId?: string, epoch?: string) => void,
    schemaChanged?: (dataSourceId: string) => void,
  ): Promise<{ close(): Promise<void> }>;
  /** Called after each change of a tenant's data by way of this process. @param origin the screen it came from */
  changed?(tenantId: string, origin?: string): void;
}

/** Who acts in a tenant's data: trusted server code for the whole tenant, or one of its users. */
export type Identity =
  | { readonly role: 'tenant_service' }
  | { readonly role: 'authenticated'; readonly userId: string; readonly userRole: string };

export const SERVICE: Identity = Object.freeze({ role: 'tenant_service' });

/** What `tenancy.enter` makes of an identity: what may be read, and so what a statement's plan is. */
export type DatabaseRole = 'tenant_service' | 'authenticated' | 'authenticated_manager';

const MANAGERS = new Set(['owner', 'admin', 'manager']);

export function databaseRoleOf(identity: Identity): DatabaseRole {
  if (identity.role === 'tenant_service') return 'tenant_service';
  return MANAGERS.has(identity.userRole) ? 'authenticated_manager' : 'authenticated';
}

/** Claims of trusted server code are the same for as long as a route is: sealed once. */
const serviceClaims = new WeakMap<Route, { key: Buffer | undefined; claims: string }>();

/** `request.jwt.claims` as the tenant data's policies read them, sealed with the source's key. */
export function claimsOf(route: Route, identity: Identity, key: Buffer | undefined): string {
  if (identity.role !== 'tenant_service') return sealClaims(plainClaimsOf(route, identity), key);
  let known = serviceClaims.get(route);
  if (known?.key !== key || !known) {
    known = { key, claims: sealClaims(plainClaimsOf(route, identity), key) };
    serviceClaims.set(route, known);
  }
  return known.claims;
}

/** The same without a seal. */
export function plainClaimsOf(route: Route, identity: Identity): string {
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
