// Everything that can be wrong with a data source: a text, and the next step.
import type { MessageDescriptor } from '@/lib/failures';

interface Cause {
  /** What is wrong, without numbers. */
  title: string;
  /** What the operator can do, as sentences. */
  nextStep: string;
  /** Whether users notice it, so that the status page shows it. */
  isFelt?: true;
}

/** The most telling first: if several apply, the first of them is shown as the cause. */
export const CAUSES = {
  credentials_unreadable: {
    isFelt: true,
    title: 'The stored credentials cannot be decrypted',
    nextStep: 'Check the key provider and ENCRYPTION_KEY with: marquee secrets status',
  },
  sign_in_refused: {
    isFelt: true,
    title: 'The server refuses the login',
    nextStep:
      'Give the login its password back, or replace it with: marquee source rotate-password. Open sessions go on meanwhile, new ones fail.',
  },
  database_missing: {
    isFelt: true,
    title: 'The database does not exist on the server',
    nextStep: 'Check that it was not dropped or renamed; restore it from a backup if it was.',
  },
  connections_exhausted: {
    isFelt: true,
    title: 'The server has no connection left',
    nextStep:
      'See who holds them: select usename, application_name, state, count(*) from pg_stat_activity group by 1, 2, 3. End idle ones, or raise max_connections.',
  },
  no_primary: {
    isFelt: true,
    title: 'No host of the cluster can be written to',
    nextStep:
      'Look at the cluster’s manager (Patroni: patronictl list). Reads are answered by a standby meanwhile; see docs/failover.md.',
  },
  address_refused: {
    isFelt: true,
    title: 'The address may not be connected to',
    nextStep: 'The host’s name leads to a network that is not allowed for this source. Check its DNS entry.',
  },
  tls_refused: {
    isFelt: true,
    title: 'The server’s certificate is not accepted',
    nextStep: 'Renew the certificate, or give Marquee the authority that signed it.',
  },
  server_starting: {
    isFelt: true,
    title: 'The server is starting or shutting down',
    nextStep: 'Wait for it. If it lasts, read the server’s log: it may be recovering after a crash.',
  },
  server_unreachable: {
    isFelt: true,
    title: 'The server cannot be reached',
    nextStep: 'Check that the server runs, its address and port, and firewalls between here and there.',
  },
  server_not_answering: {
    isFelt: true,
    title: 'The server takes connections but does not answer',
    nextStep:
      'Its machine may be overloaded, suspended or out of memory. Look at the machine; restart the server if it stays so.',
  },
  project_paused: {
    isFelt: true,
    title: 'The Supabase project is paused',
    nextStep: 'Resume it in the project’s dashboard.',
  },
  project_failing: {
    isFelt: true,
    title: 'The Supabase project’s REST API fails',
    nextStep: 'Look at the project’s status and logs in its dashboard.',
  },
  query_refused: {
    isFelt: true,
    title: 'The server refuses a simple query',
    nextStep: 'Run the connection test: marquee source test. Read the server’s log.',
  },
  query_not_answering: {
    isFelt: true,
    title: 'A simple query is not answered in time',
    nextStep: 'The server is overloaded or its disk is stuck. Look at its load, disk and memory.',
  },
  read_only: {
    isFelt: true,
    title: 'The database takes no writes',
    nextStep:
      'It is a standby, or default_transaction_read_only is on (Supabase does that when the disk is full). Give the primary’s address, or make room.',
  },
  disk_full: {
    title: 'The disk is nearly full',
    nextStep:
      'Enlarge the volume. WAL that a slot retains and dead rows take room too; see the other findings.',
  },
  slot_retains_wal: {
    title: 'A replication slot retains WAL',
    nextStep:
      'Start what reads the slot, or drop it: select pg_drop_replication_slot(…). Until then the disk fills up.',
  },
  slot_lost: {
    title: 'A replication slot was invalidated',
    nextStep: 'What read it must start again from a new copy. Drop the slot.',
  },
  wraparound: {
    title: 'Transaction ids have not been frozen for long',
    nextStep:
      'Find what holds vacuum back (old transactions, prepared transactions, slots), then run VACUUM (FREEZE) in the named database.',
  },
  prepared_transaction_old: {
    title: 'A prepared transaction was left open',
    nextStep:
      'Commit or roll it back: rollback prepared ‘…’. It holds locks and keeps vacuum from removing rows.',
  },
  transaction_old: {
    title: 'A transaction has been open for long',
    nextStep:
      'End it if nothing needs it: select pg_terminate_backend(pid). It keeps vacuum from removing dead rows, and may hold locks.',
  },
  locks_blocked: {
    isFelt: true,
    title: 'Statements wait for a lock',
    nextStep: 'End the session that holds it: select pg_terminate_backend(pid).',
  },
  connections_short: {
    isFelt: true,
    title: 'Few connections are left',
    nextStep: 'Raise max_connections, end idle sessions, or lower the source’s connection budget.',
  },
  standby_unreachable: {
    title: 'A host of the cluster is missing',
    nextStep: 'The source is served, but a failover has fewer places to go to. Repair the host.',
  },
  standby_behind: {
    title: 'A standby is far behind',
    nextStep:
      'Look at its disk and network, and at long queries on it. Reads there are old; a failover would lose time.',
  },
  archiving_fails: {
    title: 'WAL is not archived',
    nextStep:
      'Read the server’s log for archive_command. WAL piles up, and backups cannot reach a recent point.',
  },
  circuit_open: {
    isFelt: true,
    title: 'Marquee’s servers refuse requests to this source',
    nextStep:
      'Their attempts failed repeatedly; they try again by themselves. If this source is healthy here, look at the network of the named processes.',
  },
  slow: {
    isFelt: true,
    title: 'The server answers slowly',
    nextStep: 'Look at its load and at the network between Marquee and the server.',
  },
  probe_incomplete: {
    isFelt: true,
    title: 'A probe was not answered in time',
    nextStep: 'The server answers simple queries. If it stays so, look at its load.',
  },
  rate_limited: {
    isFelt: true,
    title: 'The Supabase project limits requests',
    nextStep: 'Look at its usage; a larger plan has higher limits.',
  },
  schema_missing: {
    isFelt: true,
    title: 'The tenant schema is not served',
    nextStep: 'Run: marquee migrate, then reload the project’s schema with: marquee source reload',
  },
  dead_rows: {
    title: 'Tables hold many dead rows',
    nextStep:
      'Autovacuum does not keep up. Lower autovacuum_vacuum_scale_factor, or run VACUUM on the named table.',
  },
  clock_skewed: {
    title: 'The server’s clock differs from Marquee’s',
    nextStep:
      'Synchronize both clocks (NTP): times of changes, and tokens that expire, are compared across them.',
  },
  certificate_expires: {
    title: 'The server’s certificate expires soon',
    nextStep: 'Renew it before that day: afterwards no verified connection is possible.',
  },
  version_old: {
    title: 'The server’s version gets no fixes any more',
    nextStep: 'Upgrade PostgreSQL, or move the tenants: marquee rollout start',
  },
} as const satisfies Record<string, Cause>;

export type CauseName = keyof typeof CAUSES;

export type Level = 'healthy' | 'degraded' | 'unhealthy';

/** Something that is wrong. */
export interface Finding {
  cause: CauseName;
  level: Exclude<Level, 'healthy'>;
  /** What was seen, with numbers; no credential, no value of a row. */
  evidence: string;
  /** The same as code and values. */
  said: MessageDescriptor;
}

const SEVERITY: Record<Level, number> = { healthy: 0, degraded: 1, unhealthy: 2 };
const PLACE = new Map(Object.keys(CAUSES).map((name, place) => [name, place]));

/** How much of it users notice. */
export function feltLevel(findings: readonly Finding[]): Level {
  const isFelt = ({ cause }: Finding) =>
    (CAUSES as Record<string, Cause | undefined>)[cause]?.isFelt ?? false;
  return worst(findings.filter(isFelt).map(({ level }) => level));
}

/** The worst first, then the most telling. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  const place = ({ cause }: Finding) => PLACE.get(cause) ?? PLACE.size;
  return [...findings].sort(
    (one, other) => SEVERITY[other.level] - SEVERITY[one.level] || place(one) - place(other),
  );
}

export function worst(levels: readonly Level[]): Level {
  return levels.reduce((one, other) => (SEVERITY[other] > SEVERITY[one] ? other : one), 'healthy');
}

export function isWorse(one: Level, than: Level): boolean {
  return SEVERITY[one] > SEVERITY[than];
}

/** The least bad of several. */
export function best(levels: readonly Level[]): Level {
  return levels.reduce((one, other) => (SEVERITY[other] < SEVERITY[one] ? other : one), 'unhealthy');
}
