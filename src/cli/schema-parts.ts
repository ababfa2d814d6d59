import type { SchemaRolloutParts } from '@/lib/fleet/schema-rollout';
import { tenantDataFiles } from '@/lib/tenant-data';
import type { Instance } from './instance';

/** What schema rollouts of this program's version need. */
export async function schemaParts({ operations, application }: Instance): Promise<SchemaRolloutParts> {
  return { operations, application, files: await tenantDataFiles() };
}
