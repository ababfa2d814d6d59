// What operators do with tenants, at the command line and in the console.
import { z } from 'zod';
import type { ApplicationDatabase, Author, Tenant } from '@/lib/application';
import { type NewTenant, provisionTenant } from '@/lib/data-sources';
import { firstPassword, hashPassword } from '@/lib/identity';
import type { OperationsDatabase } from '@/lib/operations';
import { TenantError } from './errors';

interface Databases {
  application: ApplicationDatabase;
  operations: OperationsDatabase;
}

export interface FirstOwner {
  email: string;
  /** To be changed at the first sign-in. */
  password: string;
}

/**
 * Creates a tenant on a data source and, if an address is given, its first owner.
 *
 * @throws TenantError `email_invalid`, before anything is made; as `provisionTenant`
 */
export async function createTenant(
  databases: Databases,
  { owner, ...tenant }: NewTenant & { owner?: string | undefined },
  by?: Author,
): Promise<{ tenant: Tenant; owner: FirstOwner | undefined }> {
  if (owner !== undefined && !z.email().max(254).safeParse(owner).success)
    throw new TenantError('email_invalid', `“${owner}” is not an email address.`);
  const created = await provisionTenant(databases, tenant, by);
  return {
    tenant: created,
    owner: owner === undefined ? undefined : await addOwner(databases, created, owner, by),
  };
}

async function addOwner(
  { application }: Databases,
  { id: tenantId }: Tenant,
  email: string,
  by: Author | undefined,
): Promise<FirstOwner> {
  const password = firstPassword();
  const displayName = email.split('@')[0] ?? email;
  const passwordHash = await hashPassword(password);
  const account = {
    tenantId,
    email,
    displayName,
    role: 'owner',
    passwordHash,
    mustChangePassword: true,
  } as const;
  await application.users.create(account, by);
  return { email, password };
}

/**
 * Suspends a tenant, whose users are then refused while its data stay, or ends the suspension. Does nothing if the tenant has that status already.
 *
 * @throws TenantError `tenant_not_ready`; ApplicationError `tenant_unknown`
 */
export async function setSuspended(
  { application: { tenants } }: Pick<Databases, 'application'>,
  id: string,
  isSuspended: boolean,
  by?: Author,
): Promise<Tenant> {
  const tenant = await tenants.get(id);
  const status = isSuspended ? 'suspended' : 'active';
  if (tenant.status === status) return tenant;
  if (tenant.status === 'provisioning')
    throw new TenantError('tenant_not_ready', `The tenant ${tenant.subdomain} is still being set up.`);
  return tenants.setStatus(id, status, by);
}
