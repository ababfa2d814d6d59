import { isId, TENANT_ROLES, type UserRole, type Users } from '@/lib/application';
import type { ApiKey } from './api-keys';

const FROM_LEAST: readonly UserRole[] = ['operator', ...[...TENANT_ROLES].reverse()];

/** A role's place among the roles of a tenant: the more it may, the greater. */
export function rankOf(role: UserRole): number {
  return FROM_LEAST.indexOf(role);
}

/**
 * The role that the key's maker has now: `owner` for the command line, `viewer` where the account is gone or disabled. A key
 * makes and changes no account above it.
 */
export async function roleOfMaker(
  users: Pick<Users, 'find'>,
  { tenantId, createdBy }: ApiKey,
): Promise<UserRole> {
  if (!isId(createdBy)) return 'owner';
  const maker = await users.find(createdBy);
  return maker?.tenantId === tenantId && maker.status === 'active' ? maker.role : 'viewer';
}
