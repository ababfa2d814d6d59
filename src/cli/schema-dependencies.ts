import type { SchemaRolloutDependencies } from '@/lib/fleet/schema-rollout';
import { tenantDataFiles } from '@/lib/tenant-data';
import type { Instance } from './instance';

/** What schema rollouts of this program's version need. */
export async function schemaDependencies({
  operations,
  application,
}: Instance): Promise<SchemaRolloutDependencies> {
  return { operations, application, files: await tenantDataFiles() };
}
