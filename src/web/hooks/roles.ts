import { type Role, useSession } from './session';

/** What a screen may offer. The database decides what is allowed; this only keeps hopeless buttons away. */
export type Permission =
  | 'sales'
  | 'operations'
  | 'money'
  | 'prices'
  | 'delete'
  | 'settings'
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
  export: ['owner', 'admin', 'manager', 'sales'],
  checkout: ['owner', 'admin', 'manager', 'staff'],
  tasks: ['owner', 'admin', 'manager', 'sales', 'staff'],
  reports: ['owner', 'admin', 'manager', 'viewer'],
};

/** Whether the signed-in user's role is among those a thing is meant for. */
export function useMay(): (permission: Permission) => boolean {
  const { data } = useSession();
  const role = data?.user.role;
  return (permission) => role !== undefined && GRANTS[permission].includes(role);
}
