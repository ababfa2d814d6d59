import type { TENANT_ROLES } from '@/lib/application';
import { RequestError } from './errors';

type Role = (typeof TENANT_ROLES)[number];

export const OWNERS: readonly Role[] = ['owner'];
export const ADMINS: readonly Role[] = [...OWNERS, 'admin'];
export const MANAGERS: readonly Role[] = [...ADMINS, 'manager'];
export const SALES: readonly Role[] = [...MANAGERS, 'sales'];
export const STAFF: readonly Role[] = [...SALES, 'staff'];

const PEOPLE: Record<Role, string> = {
  owner: 'owners',
  admin: 'admins',
  manager: 'managers',
  sales: 'sales',
  staff: 'staff',
  viewer: 'viewers',
};
const list = new Intl.ListFormat('en');

/** The caller, who has one of these roles in the company. @throws RequestError `forbidden` */
export function requireRole<Caller extends { role: string }>(caller: Caller, roles: readonly Role[]): Caller {
  if (roles.some((role) => role === caller.role)) return caller;
  throw new RequestError('forbidden', `Only ${list.format(roles.map((role) => PEOPLE[role]))} may do this.`, {
    hint: 'Ask one of them.',
  });
}
