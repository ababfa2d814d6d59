// The tenant of a request, and what its signed-in user may do there.
import type { Context } from 'hono';
import type { Tenant, User } from '@/lib/application';
import type { TenantClient } from '@/lib/data-sources';
import type { Session as IdentifiedSession } from '@/lib/identity';
import type { Environment } from './context';
import type { ServerDependencies } from './dependencies';
import { RequestError, sendProblem } from './errors';
import { refuseOtherCompany, sessionOfToken } from './session';

/** A signed-in user of a tenant, and a client with that user's rights. */
export interface TenantContext {
  user: User;
  /** owner, admin, manager, sales, staff or viewer. */
  role: string;
  tenant: Tenant;
  accessToken: string;
  /** Undefined for a token that trusted code signed for itself. */
  sessionId: string | undefined;
  /** Undefined where `sessionId` is. */
  record: IdentifiedSession['record'];
  client: TenantClient;
}

/** The tenant that the address names. @throws RequestError `tenant_unknown`, `tenant_suspended`, `tenant_provisioning` */
export async function requireTenant(
  subdomain: string | undefined,
  parts: ServerDependencies,
): Promise<Tenant> {
  const tenant = subdomain ? await parts.application.tenants.findBySubdomain(subdomain) : undefined;
  if (!tenant) {
    throw new RequestError('tenant_unknown', 'There is no company at this address.', {
      hint: 'Check the address: it begins with your company’s name.',
    });
  }
  refuseInactive(tenant);
  return tenant;
}

/**
 * For an API route: the user, the tenant, and a client for that tenant's data; or the answer to send instead.
 *
 * A request that names a tenant in its address is refused when its user belongs to another one.
 */
export async function getTenantContext(
  context: Context<Environment>,
  parts: ServerDependencies,
): Promise<TenantContext | Response> {
  try {
    return await requireTenantContext(context, parts);
  } catch (error) {
    return sendProblem(context, error, context.get('requestId'));
  }
}

/** As `getTenantContext`. @throws RequestError `not_signed_in`, `forbidden`, `tenant_suspended`, `tenant_provisioning` */
export async function requireTenantContext(
  context: Context<Environment>,
  parts: ServerDependencies,
): Promise<TenantContext> {
  const { user, token, sessionId, record } = await sessionOfToken(context, parts);
  if (!user.tenantId) throw new RequestError('forbidden', 'The operator has no access to business data.');
  const tenant = await parts.application.tenants.get(user.tenantId);
  refuseOtherCompany(context, tenant);
  refuseInactive(tenant);
  context.set('tenantId', tenant.id);
  context.set('actor', `user:${user.id}`);
  const client = await parts.manager.getClientForTenant(tenant.id, false, { accessToken: token });
  return { user, role: user.role, tenant, accessToken: token, sessionId, record, client };
}

/** @throws RequestError `tenant_suspended`, `tenant_provisioning` */
export function refuseInactive(tenant: Tenant): void {
  if (tenant.status === 'active') return;
  if (tenant.status === 'provisioning') {
    throw new RequestError('tenant_provisioning', 'This company is still being set up.', {
      hint: 'Try again in a minute.',
    });
  }
  throw new RequestError('tenant_suspended', 'This company is suspended.', {
    hint: 'Ask the operator of the service.',
  });
}
