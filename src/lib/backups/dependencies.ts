import type { ApplicationDatabase } from '@/lib/application';
import type { OperationsDatabase } from '@/lib/operations';
import type { SecretBox } from '@/lib/secrets';

/** The storage of tenants' attachments. Keys are `<tenant>/<name>`. */
export interface TenantFiles {
  put(key: string, content: Uint8Array, mimeType: string): Promise<void>;
  /** Rejects with the code `file_missing` where there is none. */
  get(key: string): Promise<Uint8Array>;
  remove(key: string): Promise<void>;
  /** The keys of all files of a tenant. */
  list(tenantId: string): Promise<string[]>;
}

/** Points at which tests interrupt. */
export type BackupPoint =
  | 'recorded'
  | 'part'
  | 'before_manifest'
  | 'before_complete'
  | 'fence_held'
  | 'table'
  | 'before_commit'
  | 'committed'
  | 'tenant_created'
  | 'opened';

export interface BackupDependencies {
  application: ApplicationDatabase;
  operations: OperationsDatabase;
  secretBox: SecretBox;
  /** Without it, backups hold no files. */
  files?: TenantFiles;
  hooks?: (point: BackupPoint) => Promise<void> | void;
}
