import { type Role, useSession } from './session';

/** Permissions that decide which controls are shown. The database enforces them. */
export type Permission =
  | 'sales'
  | 'operations'
  | 'money'
  | 'prices'
  | 'delete'
  | 'settings'
  | 'ownership'
  | 'export'
  | 'checkout'
  | 'tasks'
  | 'reports';

const GRANTS: Record<Permission, readonly Role[]> = {
  sales: ['owner', 'admin', 'manager', 'sales'],
  operations: ['owner', 'admin', 'manager'],
  money: ['owner', 'admin', 'manager'],
  prices: ['owner', 'admin', 'manager', 'sales', 'viewer'],
  delete: ['owner', 'admin', 'manager'],
  settings: ['owner', 'admin'],
  ownership: ['owner'],
  export: ['owner', 'admin', 'manager', 'sales'],
  checkout: ['owner', 'admin', 'manager', 'staff'],
  tasks: ['owner', 'admin', 'manager', 'sales', 'staff'],
  reports: ['owner', 'admin', 'manager', 'viewer'],
};

/** Checks a permission against the signed-in user's role. */
export function useMay(): (permission: Permission) => boolean {
  const { data } = useSession();
  const role = data?.user.role;
  return (permission) => role !== undefined && GRANTS[permission].includes(role);
}
