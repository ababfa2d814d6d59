// Tenants' data sources: finding a tenant's database, keeping inside it, and setting databases and tenants up.
export { statusOfSqlstate } from '@/lib/rest';
export {
  ConnectionPoolConfig,
  DEFAULT_LIMITS,
  type PoolLimits,
  readPoolLimits,
} from './admission/pool-config';
export { SharedBudgets } from './admission/server-budgets';
export type { ClientOptions, TenantTransactionOptions } from './call-options';
export { connectionError, failureOf } from './connection-errors';
export { dependenciesFrom, directoryOf, tokenVerifier } from './dependencies';
export { errorResponse } from './error-response';
export { DataSourceError, type DataSourceErrorCode } from './errors';
export { DataSourceManager, type DataSourceManagerDependencies, dataSourceManager } from './manager';
export { type Names, readNames } from './names';
export { provisionDataSource } from './provisioning/data-source';
export { planDataSource } from './provisioning/dba-script';
export { DEFAULT_SOURCE, defaultSource, isDefaultSource } from './provisioning/default-source';
export { setDirectUrl } from './provisioning/direct-url';
export type { UrlRules } from './provisioning/given-url';
export { readHosts, setHosts, withFurtherHosts } from './provisioning/hosts';
export { atAddressOf } from './provisioning/logins';
export {
  type MigratedDataSource,
  type MigrateSourceOptions,
  migrateDataSource,
  migrateDataSources,
  withAdministrator,
} from './provisioning/migrations';
export type { NewDataSource, ProvisionedDataSource } from './provisioning/new-data-source';
export { removeTenant, removeUnmoved } from './provisioning/remove-tenant';
export { readReplicaLags } from './provisioning/replica-lags';
export { addReplica, placesOf, removeReplica, replicasOf } from './provisioning/replicas';
export { type RotatedLogins, type RotateLoginsOptions, rotateLogins } from './provisioning/rotate-logins';
export { rotateSeal, sealedSources } from './provisioning/rotate-seals';
export { withScratchDatabase } from './provisioning/scratch-database';
export { reloadProject } from './provisioning/supabase-project';
export {
  type NewTenant,
  type ProvisioningDatabases,
  placeOn,
  placeTenant,
  provisionTenant,
  requireRegion,
} from './provisioning/tenant';
export { openTenantFence, removeTenantRows } from './provisioning/tenant-fence';
export { withLogin } from './provisioning/with-login';
export type { Route } from './routing/route';
export { SEEN_BY_NONE } from './routing/router';
export { ORIGIN_HEADER, type TenantClient } from './routing/tenant-client';
export { replaceIds } from './routing/translation';
export { type CopyTarget, copyIn, copyOut, type PageOptions, readInPages } from './sources/postgres/bulk';
export type { ServedBy } from './sources/postgres/replicas/replica-set';
export {
  type ObservedRead,
  type ObservedStatement,
  repeatRead,
  type StatementObserver,
} from './sources/postgres/statement-observer';
export type { TenantTransaction } from './sources/postgres/transaction-client';
export { ProjectConnection } from './sources/supabase/project-connection';
export type {
  ConnectionCheck,
  ConnectionTarget,
  ConnectionTestOptions,
  ConnectionTestResult,
} from './testing/check';
export { testConnection } from './testing/connection-test';
export { type LoginTest, testDataSource, testNewDataSource, type UntriedSource } from './testing/login-tests';
export type { CheckHint, CheckPart, CheckWord } from './testing/words';
