import type { ApplicationDatabase } from '@/lib/application';
import type { DataSourceManager } from '@/lib/data-sources/manager';
import type { OperationsDatabase } from '@/lib/operations';
import type { SecretBox } from '@/lib/secrets';

/** What keys are replaced in. */
export interface RotationDependencies {
  application: ApplicationDatabase;
  operations: OperationsDatabase;
  /** Needed for tenants in Supabase projects only. */
  manager: Pick<DataSourceManager, 'getClientForTenant'>;
  secretBox: SecretBox;
}
