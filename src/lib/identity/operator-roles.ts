// What operators may do: one table for the command line and HTTP.
import {
  type ApplicationDatabase,
  type Author,
  OPERATOR_ROLES,
  type OperatorRole,
  type User,
} from '@/lib/application';
import { IdentityError } from './errors';
import type { SessionRecord } from './sessions';

const EVERYONE = OPERATOR_ROLES;
const OWNERS: readonly OperatorRole[] = ['owner'];
const ENGINEERS: readonly OperatorRole[] = ['owner', 'engineer'];
const SUPPORT: readonly OperatorRole[] = ['owner', 'support'];

/** The roles that may do each thing. Every command and every route of operators names one of these. */
export const OPERATOR_PERMISSIONS = {
  'service.read': EVERYONE,
  'service.change': ENGINEERS,
  'service.migrate': ENGINEERS,
  'tenants.read': EVERYONE,
  'tenants.change': ENGINEERS,
  'tenants.delete': OWNERS,
  'users.read': EVERYONE,
  'users.change': SUPPORT,
  'operators.read': ['owner', 'auditor'],
  'operators.change': OWNERS,
  'api_keys.read': EVERYONE,
  'api_keys.change': ENGINEERS,
  'secrets.read': EVERYONE,
  'secrets.rotate': ENGINEERS,
  'secrets.retire': OWNERS,
  'data_sources.read': EVERYONE,
  'data_sources.change': ENGINEERS,
  'moves.read': EVERYONE,
  'moves.change': ENGINEERS,
  'usage.read': EVERYONE,
  'usage.change': ENGINEERS,
  'backups.read': EVERYONE,
  'backups.change': ENGINEERS,
  'backups.give_out': OWNERS,
  'alerts.read': EVERYONE,
  'alerts.acknowledge': ['owner', 'engineer', 'support'],
  'alerts.change': ENGINEERS,
  'audit.read': ['owner', 'engineer', 'auditor'],
  'audit.sign': ['owner', 'engineer', 'auditor'],
  'audit.archive': OWNERS,
  'support_access.read': ['owner', 'support', 'auditor'],
  'support_access.use': SUPPORT,
} as const satisfies Record<string, readonly OperatorRole[]>;

export type OperatorPermission = keyof typeof OPERATOR_PERMISSIONS;

export function mayOperator(
  { operatorRole }: Pick<User, 'operatorRole'>,
  permission: OperatorPermission,
): boolean {
  const allowed: readonly OperatorRole[] = OPERATOR_PERMISSIONS[permission];
  return operatorRole !== null && allowed.includes(operatorRole);
}

/**
 * Whether the session's operator may do this now. A refusal is recorded in the audit log.
 *
 * @param to what is done: a command, or a route
 * @throws IdentityError `operator_role_insufficient`, `operator_second_factor_missing`
 */
export async function requireOperatorPermission(
  { audit }: Pick<ApplicationDatabase, 'audit'>,
  { user, record }: { user: User; record: SessionRecord | undefined },
  permission: OperatorPermission,
  { to, by }: { to: string; by: Author },
): Promise<void> {
  if (mayOperator(user, permission) && record?.secondFactor) return;
  const needs = OPERATOR_PERMISSIONS[permission];
  const { id, operatorRole } = user;
  const refusal = mayOperator(user, permission)
    ? new IdentityError('operator_second_factor_missing', 'Operators act with a second factor only.')
    : new IdentityError('operator_role_insufficient', `This needs an operator who is ${needs.join(' or ')}.`);
  await audit.append(
    {
      ...{ tenantId: user.tenantId, action: 'operators.refused', entity: 'users', entityId: id },
      details: { to, permission, role: operatorRole, needs, reason: refusal.code },
    },
    by,
  );
  throw refusal;
}
