// What each command needs of an operator who is signed in at the command line. A test compares it with the commands there are.
import type { Command } from 'commander';
import type { OperatorPermission } from '@/lib/identity';

/** Needs no permission: it touches nothing of the service, or it is the sign-in itself. */
const ANYONE = null;

export const COMMAND_PERMISSIONS: Record<string, OperatorPermission | typeof ANYONE> = {
  // The server itself, and what reads files and variables only.
  start: ANYONE,
  doctor: ANYONE,
  rest: ANYONE,
  types: ANYONE,
  'audit verify-proof': ANYONE,
  'operator sign-in': ANYONE,
  'operator sign-out': ANYONE,
  'operator demo-code': ANYONE,
  'operator whoami': ANYONE,

  migrate: 'service.migrate',
  'jobs list': 'service.read',
  'jobs queues': 'service.read',
  'jobs show': 'service.read',
  'jobs retry': 'service.change',
  'jobs cancel': 'service.change',
  'migrate status': 'service.read',
  'migrate script': 'service.read',
  'migrate drift': 'service.migrate',
  'migrate retry': 'service.migrate',
  'migrate skip': 'service.migrate',
  'migrate cancel': 'service.migrate',
  'migrate resume': 'service.migrate',

  'tenant list': 'tenants.read',
  'tenant show': 'tenants.read',
  'tenant create': 'tenants.change',
  'tenant place': 'tenants.change',
  'tenant connect': 'tenants.change',
  'tenant pool': 'tenants.change',
  'tenant region': 'tenants.change',
  'tenant fill': 'tenants.change',
  'tenant suspend': 'tenants.change',
  'tenant resume': 'tenants.change',
  'tenant delete': 'tenants.delete',
  'request list': 'tenants.read',
  'request approve': 'data_sources.change',
  'request done': 'tenants.change',
  'request decline': 'tenants.change',
  'import legacy': 'tenants.change',

  'user list': 'users.read',
  'user add': 'users.change',
  'user reset': 'users.change',
  'user disable': 'users.change',
  'user enable': 'users.change',
  'user role': 'users.change',

  'operator list': 'operators.read',
  'operator add': 'operators.change',
  'operator reset': 'operators.change',
  'operator disable': 'operators.change',
  'operator enable': 'operators.change',
  'operator role': 'operators.change',
  'operator remove': 'operators.change',

  'key list': 'api_keys.read',
  'key create': 'api_keys.change',
  'key revoke': 'api_keys.change',

  'secrets status': 'secrets.read',
  'secrets rotate': 'secrets.rotate',
  'secrets migrate': 'secrets.rotate',
  'secrets retire': 'secrets.retire',
  'tokens status': 'secrets.read',
  'tokens rotate': 'secrets.rotate',
  'tokens revoke': 'secrets.rotate',
  'seal rotate': 'secrets.rotate',
  'signing-keys status': 'secrets.read',
  'signing-keys rotate': 'secrets.rotate',

  'source list': 'data_sources.read',
  'source test': 'data_sources.read',
  'source replica list': 'data_sources.read',
  'source replica add': 'data_sources.change',
  'source replica remove': 'data_sources.change',
  'source add': 'data_sources.change',
  'source edit': 'data_sources.change',
  'source set-direct-url': 'data_sources.change',
  'source remove': 'data_sources.change',
  'source reload': 'data_sources.change',
  'source rotate-password': 'secrets.rotate',

  'move status': 'moves.read',
  'move watch': 'moves.read',
  'move certificate': 'moves.read',
  'move verify': 'moves.read',
  'move start': 'moves.change',
  'move cut-over': 'moves.change',
  'move pause': 'moves.change',
  'move resume': 'moves.change',
  'move abort': 'moves.change',
  'move rollback': 'moves.change',
  'move complete': 'moves.change',

  'rollout status': 'moves.read',
  'rollout watch': 'moves.read',
  'rollout start': 'moves.change',
  'rollout pause': 'moves.change',
  'rollout resume': 'moves.change',
  'rollout halt': 'moves.change',
  'rollout rollback': 'moves.change',

  'backup list': 'backups.read',
  'backup show': 'backups.read',
  'backup drills': 'backups.read',
  'backup holds': 'backups.read',
  'backup create': 'backups.change',
  'backup verify': 'backups.change',
  'backup restore': 'backups.change',
  'backup drill': 'backups.change',
  'backup prune': 'backups.change',
  'backup adopt': 'backups.change',
  'backup clean-up': 'backups.change',
  'backup export': 'backups.give_out',
  'backup erase': 'backups.give_out',
  'backup hold': 'backups.give_out',
  'backup release': 'backups.give_out',

  'usage show': 'usage.read',
  'usage statements': 'usage.read',
  'cost show': 'usage.read',
  'cost months': 'usage.read',
  'cost plan': 'usage.read',
  'cost export': 'usage.read',
  'cost bill list': 'usage.read',
  'cost budget list': 'usage.read',
  'cost weights': 'usage.change',
  'cost capacity': 'usage.change',
  'cost margin': 'usage.change',
  'cost bill add': 'usage.change',
  'cost bill correct': 'usage.change',
  'cost budget set': 'usage.change',

  status: 'service.read',
  'health show': 'data_sources.read',
  'health thresholds': 'data_sources.change',

  'alerts list': 'alerts.read',
  'alerts acknowledge': 'alerts.acknowledge',
  'alerts rules': 'alerts.change',
  'alerts test': 'alerts.change',

  'audit list': 'audit.read',
  'audit verify': 'audit.read',
  'audit key': 'audit.read',
  'audit proof': 'audit.read',
  'audit checkpoint': 'audit.sign',
  'audit archive': 'audit.archive',

  'support list': 'support_access.read',
  'support ask': 'support_access.use',
  'support open': 'support_access.use',
  'support end': 'support_access.use',
};

interface Showing {
  permission: OperatorPermission;
  /** Whether a call of the command changes nothing. */
  isMeant: (args: readonly string[], options: Readonly<Record<string, unknown>>) => boolean;
}

/** Commands that also show what they change, and what they need for that. */
export const SHOWING: Record<string, Showing> = {
  migrate: { permission: 'service.read', isMeant: (_, { dryRun }) => dryRun === true },
  'migrate drift': { permission: 'service.read', isMeant: (_, { accept }) => !accept },
  'tenant create': { permission: 'tenants.read', isMeant: (_, { dryRun }) => dryRun === true },
  'tenant pool': {
    permission: 'tenants.read',
    isMeant: (_, options) => Object.keys(options).every((name) => name === 'json'),
  },
  'cost weights': { permission: 'usage.read', isMeant: (weights) => weights.length === 0 },
  'health thresholds': { permission: 'data_sources.read', isMeant: ([, ...changes]) => changes.length === 0 },
  'alerts rules': {
    permission: 'alerts.read',
    isMeant: ([, ...changes], { file, reset }) => changes.length === 0 && file === undefined && !reset,
  },
};

/** What this call of a command needs; one that the table lacks is for owners. */
export function permissionFor(
  name: string,
  command: Pick<Command, 'args' | 'opts'>,
): OperatorPermission | typeof ANYONE {
  const showing = SHOWING[name];
  if (showing?.isMeant(command.args, command.opts())) return showing.permission;
  const permission = COMMAND_PERMISSIONS[name];
  return permission === undefined ? 'operators.change' : permission;
}
