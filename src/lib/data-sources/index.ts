// Tenants' data sources: finding a tenant's database, keeping inside it, and setting databases and tenants up.
export { guardWire, WIDE } from '@/lib/rest';
export { type CopyTarget, copyIn, copyOut, type PageOptions, readInPages } from './bulk';
export type {
  ConnectionCheck,
  ConnectionTarget,
  ConnectionTestOptions,
  ConnectionTestResult,
} from './connection-test';
export { testConnection } from './connection-test';
export { dependenciesFrom, directoryOf, tokenVerifier } from './dependencies';
export { errorResponse, statusOf } from './error-response';
export { DataSourceError, type DataSourceErrorCode } from './errors';
export type { TenantTransaction } from './lent-client';
export {
  type ClientOptions,
  DataSourceManager,
  type DataSourceManagerDependencies,
  dataSourceManager,
  type TenantTransactionOptions,
} from './manager';
export { ConnectionPoolConfig, DEFAULT_LIMITS, type PoolLimits, readPoolLimits } from './pool-config';
export {
  type NewDataSource,
  type ProvisionedDataSource,
  planDataSource,
  provisionDataSource,
  registerDataSource,
  setDirectUrl,
} from './provisioning/data-source';
export { DEFAULT_SOURCE, defaultSource } from './provisioning/default-source';
export { atAddressOf } from './provisioning/logins';
export { type MigratedDataSource, migrateDataSources, reloadProject } from './provisioning/migrations';
export { admitNewTenant, removeNewTenant } from './provisioning/place';
export {
  type NewTenant,
  type ProvisioningDatabases,
  placeOn,
  placeTenant,
  provisionTenant,
  removeTenant,
} from './provisioning/tenant';
export type { Route } from './route';
export { SEEN_BY_NONE } from './router';
export { SharedBudgets } from './server-budgets';
export {
  type ObservedRead,
  type ObservedStatement,
  repeatRead,
  type StatementObserver,
} from './statement-observer';
export { ORIGIN_HEADER, type TenantClient } from './tenant-client';
