import type { Tenant } from '@/lib/application';
import type { ServerParts } from '../../context';
import { RequestError } from '../../errors';

/** @param name id or subdomain @throws RequestError `not_found` */
export async function tenantNamed({ application }: ServerParts, name: string): Promise<Tenant> {
  const { tenants } = application;
  const tenant = (await tenants.find(name)) ?? (await tenants.findBySubdomain(name));
  if (tenant) return tenant;
  throw new RequestError('not_found', `There is no tenant “${name.slice(0, 63)}”.`);
}
