// One tenant's backup, restore, drill, export and erasure. docs/backups.md describes them.
export { tenantsWithCopies } from './abandoned-copies';
export { adoptBackups } from './adopt';
export { type AnyTenant, anyTenant, removedTenants } from './any-tenant';
export { cleanUp } from './clean-up';
export { type BackupRequest, createBackup } from './create';
export type { BackupDependencies, BackupPoint, TenantFiles } from './dependencies';
export { type DrillRequest, drillBackup } from './drill';
export { type ErasureCertificate, eraseTenant, listErasures } from './erase';
export { BackupError, type BackupErrorCode } from './errors';
export { exportTenant } from './export/export-tenant';
export {
  createExport,
  listExports,
  openExport,
} from './export/stored-export';
export type { Manifest } from './format/manifest';
export { placeHold, releaseHold } from './holds';
export { type BackupSchedule, startBackupJobs, startCleanUp } from './jobs';
export { openBackup } from './open';
export { DEFAULT_RETENTION, type Pruned, pruneBackups, type Retention } from './prune';
export {
  type Backup,
  type BackupState,
  backupStates,
  countBackups,
  type Drill,
  expectNoHold,
  findBackup,
  type LegalHold,
  listBackups,
  listDrills,
  listHolds,
  newestBackup,
  type RecordedError,
  recorded,
} from './records';
export { restoreAsNewTenant } from './restore/as-new-tenant';
export { restoreInPlace } from './restore/in-place';
export type { Restored } from './restore/record';
export { restoreToDataSource } from './restore/to-data-source';
export { storeKeys } from './store-keys';
export { openStore, storeFor } from './stores/open-store';
export type { BackupStore } from './stores/store';
export { type VerifiedBackup, verifyBackup } from './verify';
