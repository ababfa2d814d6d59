import type { ApplicationDatabase } from '@/lib/application';
import { type ApiKeyKind, ApiKeys } from '@/lib/identity';
import type { OperationsDatabase } from '@/lib/operations';

/** A key of a tenant, as the command line makes one. */
export async function apiKeyOf(
  operations: OperationsDatabase,
  tenantId: string,
  kind: ApiKeyKind,
  createdBy = 'test',
): Promise<string> {
  // Making a key uses nothing of the application database.
  const keys = new ApiKeys({ operations, application: {} as ApplicationDatabase });
  return (await keys.create({ tenantId, kind, name: 'test', createdBy })).key;
}
