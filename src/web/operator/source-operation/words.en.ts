/** Texts of a data source’s operation: connections, replicas, failovers, rotation and drift. */
export const sourceOperation = {
  title: 'Connections and failovers',
  pool: 'Pool of the server that answers',
  notUsed: 'Not used yet',
  poolText: '{{inUse}} in use, {{idle}} idle',
  waiting: 'Statements waiting',
  processes: 'Connections of each process',
  noProcesses: 'No process runs',
  failover: 'Timeline of the cluster',
  failoverSeen: '{{timeline}}, first seen {{when}}',
  noFailover: 'No failover was seen',
  interruptions: 'Times without a primary',
  replica: {
    follows: 'Follows',
    promoted: 'Is a primary now',
    unreachable: 'Not reachable',
  },
  lag: 'Behind the primary',
  drift: 'Schema drift',
  driftText:
    'Compares every table, policy and function of this database with what its own version consists of.',
  compare: 'Compare now',
  rotate: 'Replace logins',
  rotation: {
    title: 'Replace the logins of {{name}}?',
    made: 'New logins with new passwords are made beside the old ones. All tenants are switched in one transaction.',
    goesOn: 'Statements under way are finished; new connections use the new logins.',
    dropped:
      'The old logins are dropped when no session uses them. Those with sessions after a minute can no longer sign in, and are dropped by the next rotation.',
    pooler: 'A pooler in front of the server must accept the new logins.',
    which: 'Which login',
    logins: {
      both: 'Both',
      router: 'Of tenants’ requests',
      mover: 'Of moves and backups',
    },
    owner: 'PostgreSQL URL of the owner',
    ownerHint: 'Only where Marquee has none. Used once, and not kept.',
    done: '{{created}} made; {{dropped}} dropped; {{count, number}} tenants switched.',
    none: 'none',
    remaining: 'Still with sessions: {{logins}}. Replace the logins again to drop them.',
  },
};
