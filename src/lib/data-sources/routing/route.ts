import type { DataSourceEngine, TenantCredentials, TenantPlacement, TenantReplica } from '@/lib/application';
import { sealClaims } from '@/lib/tenant-data';
import type { PoolLimits } from '../admission/pool-config';

/** Where a tenant's data live, as last read by this process. */
export interface Route {
  readonly tenantId: string;
  readonly dataSourceId: string;
  readonly engine: DataSourceEngine;
  readonly epoch: string;
  readonly tenantIdInDataSource: string;
  /** Other ids by which requests may name the tenant, in lower case: the application's, and those in former data sources. */
  readonly otherIds: readonly string[];
  readonly limits: PoolLimits;
}

/** The source of routes: the application database, or a test's own. */
export interface TenantDirectory {
  placement(tenantId: string): Promise<TenantPlacement | undefined>;
  /** Read only before a connection is opened. */
  credentials(tenantId: string): Promise<TenantCredentials | undefined>;
  /** Readable copies of the tenant's data source. */
  replicas?(tenantId: string): Promise<readonly TenantReplica[]>;
  /**
   * Calls `changed` for each change of a tenant's route, and with no arguments whenever changes may have been missed
   * (after a reconnect). Resolves once it listens.
   */
  listen(
    changed: (tenantId?: string, epoch?: string) => void,
    schemaChanged?: (dataSourceId: string) => void,
  ): Promise<{ close(): Promise<void> }>;
  /** Called after each change of a tenant's data by this process. */
  changed?(tenantId: string): void;
}

/** The identity in a tenant's database: trusted server code for the whole tenant, or one of its users. */
export type Identity =
  | { readonly role: 'tenant_service' }
  | {
      readonly role: 'authenticated';
      readonly userId: string;
      readonly userRole: string;
      /** The screen that sends the request: the log of changed rows names it. */
      readonly screen?: string;
    };

export const SERVICE: Identity = Object.freeze({ role: 'tenant_service' });

/** As `tenancy.role_of` has it. Policies of `authenticated` give a user of an unknown role nothing. */
const DATABASE_ROLES = {
  owner: 'tenant_manager',
  admin: 'tenant_manager',
  manager: 'tenant_manager',
  sales: 'tenant_sales',
  staff: 'tenant_staff',
  viewer: 'tenant_viewer',
} as const;

/** The database role of an identity. It decides which rows are seen, and so how a statement is planned. */
export type DatabaseRole =
  | 'tenant_service'
  | 'authenticated'
  | (typeof DATABASE_ROLES)[keyof typeof DATABASE_ROLES];

export function databaseRoleOf(identity: Identity): DatabaseRole {
  if (identity.role === 'tenant_service') return 'tenant_service';
  const roles: Readonly<Record<string, DatabaseRole>> = DATABASE_ROLES;
  return roles[identity.userRole] ?? 'authenticated';
}

/** A role with the same privileges as an identity's: those of users differ between managers and others only. */
export type SchemaRole = 'tenant_service' | 'tenant_manager' | 'tenant_user';

export function schemaRoleOf(identity: Identity): SchemaRole {
  const role = databaseRoleOf(identity);
  return role === 'tenant_service' || role === 'tenant_manager' ? role : 'tenant_user';
}

/** Claims of trusted server code do not change with the request, so they are sealed once for each route. */
const serviceClaims = new WeakMap<Route, { key: Buffer | undefined; claims: string }>();

/** `request.jwt.claims` as policies read them, sealed with the source's key. */
export function claimsOf(route: Route, identity: Identity, key: Buffer | undefined): string {
  if (identity.role !== 'tenant_service') return sealClaims(plainClaimsOf(route, identity), key);
  let known = serviceClaims.get(route);
  if (known?.key !== key || !known) {
    known = { key, claims: sealClaims(plainClaimsOf(route, identity), key) };
    serviceClaims.set(route, known);
  }
  return known.claims;
}

/** `request.jwt.claims` without a seal. */
export function plainClaimsOf(route: Route, identity: Identity): string {
  if (identity.role === 'tenant_service') {
    return `{"role":"tenant_service","tenant_id":"${route.tenantIdInDataSource}"}`;
  }
  return JSON.stringify({
    role: 'authenticated',
    tenant_id: route.tenantIdInDataSource,
    sub: identity.userId,
    user_role: identity.userRole,
    ...(identity.screen && { screen: identity.screen }),
  });
}
