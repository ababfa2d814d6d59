import type { User } from '@/lib/application';
import { hashPassword, refuseCommonPassword } from '@/lib/identity';
import type { ServerDependencies } from '../dependencies';

/** The hash of a password that a user has chosen. @throws IdentityError `password_common` */
export async function hashChosenPassword(
  { application }: Pick<ServerDependencies, 'application'>,
  { tenantId, email, displayName }: Pick<User, 'tenantId' | 'email' | 'displayName'>,
  password: string,
): Promise<string> {
  const tenant = tenantId === null ? undefined : await application.tenants.find(tenantId);
  const names = [email, displayName, tenant?.name, tenant?.subdomain];
  await refuseCommonPassword(
    password,
    names.filter((name) => name !== undefined),
  );
  return hashPassword(password);
}
