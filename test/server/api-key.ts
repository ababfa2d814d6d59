import { type ApiKeyKind, ApiKeys } from '@/lib/identity';
import type { OperationsDatabase } from '@/lib/operations';

/** A key of a tenant, as the command line makes one. */
export async function apiKeyOf(
  operations: OperationsDatabase,
  tenantId: string,
  kind: ApiKeyKind,
): Promise<string> {
  const keys = new ApiKeys({ operations, application: { announceUser: async () => {} } });
  return (await keys.create({ tenantId, kind, name: 'test', createdBy: 'test' })).key;
}
