// The probes of a PostgreSQL source: one query each, and what its rows mean. Any login may run them; what a login may not see is
// said in `facts` (`grant pg_monitor to …` shows it).
import { statfs } from 'node:fs/promises';
import { isLocal, parsePostgresUrl } from '@/lib/postgres';
import type { CauseName, Finding } from './catalogue';
import { seen } from './evidence';
import { type Memory, noOutcome, type Outcome } from './round';
import type { Thresholds } from './thresholds';

export interface Probe {
  name: string;
  /** 0: in each round. */
  everyMs: number;
  /** Where it fails the source cannot be used. */
  isVital?: true;
  text: string;
  judge(rows: Record<string, unknown>[], context: ProbeContext): Outcome | Promise<Outcome>;
}

export interface ProbeContext {
  thresholds: Thresholds;
  /** May be changed. */
  memory: Memory;
  url: string;
  /** How long the query took, ms, and when it was sent by this machine's clock. */
  took: number;
  sentAt: number;
}

const MINUTE = 60_000;
/** Community end of life of each major version: https://www.postgresql.org/support/versioning/ */
const LAST_FIXES: Record<number, string> = {
  13: '2025-11-13',
  14: '2026-11-12',
  15: '2027-11-11',
  16: '2028-11-09',
  17: '2029-11-08',
  18: '2030-11-14',
};

const server: Probe = {
  name: 'server',
  everyMs: 0,
  isVital: true,
  text: `select extract(epoch from clock_timestamp()) * 1000 as now, current_setting('server_version_num')::int as number,
    current_setting('server_version') as version, pg_is_in_recovery() as standby, current_setting('default_transaction_read_only') as read_only`,
  judge([row = {}], { thresholds, took, sentAt }) {
    const { measures, facts, findings } = noOutcome();
    const skew = Number(row.now) - (sentAt + took / 2);
    const version = Number(row.number);
    Object.assign(measures, { round_trip_ms: took, clock_skew_ms: skew, server_version: version });
    facts.version = String(row.version);
    if (took > thresholds.round_trip_slow_ms)
      findings.push(degraded('slow', seen('round_trip', { ms: Math.round(took) })));
    if (Math.abs(skew) > thresholds.clock_skew_ms + took)
      findings.push(
        degraded(
          'clock_skewed',
          seen(skew < 0 ? 'clock_behind' : 'clock_ahead', { time: seconds(Math.abs(skew) / 1000) }),
        ),
      );
    if (row.standby) findings.push(unhealthy('read_only', seen('in_recovery')));
    else if (row.read_only === 'on') findings.push(unhealthy('read_only', seen('reads_only')));
    const major = Math.floor(version / 10_000);
    const ended = LAST_FIXES[major] ?? (major < 13 ? 'long ago' : undefined);
    if (ended === 'long ago' || (ended && Date.now() > Date.parse(ended)))
      findings.push(
        degraded(
          'version_old',
          seen(ended === 'long ago' ? 'fixes_ended_long_ago' : 'fixes_ended', {
            ...{ version: String(row.version), major },
            ...(ended === 'long ago' ? {} : { day: ended }),
          }),
        ),
      );
    return { measures, facts, findings };
  },
};

const connections: Probe = {
  name: 'connections',
  everyMs: 0,
  text: `select most, most - used as free, used,
      least(case when role_limit >= 0 then role_limit - of_role end, case when database_limit >= 0 then database_limit - of_database end) as own_free
    from (select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true)::int, 0) as most,
      (select coalesce(sum(numbackends), 0)::int from pg_stat_database) as used,
      (select rolconnlimit from pg_roles where rolname = current_user) as role_limit,
      (select datconnlimit from pg_database where datname = current_database()) as database_limit,
      (select count(*)::int from pg_stat_activity where usename = current_user) as of_role,
      (select count(*)::int from pg_stat_activity where datname = current_database()) as of_database) s`,
  judge([row = {}], { thresholds }) {
    const [server, own] = [
      Number(row.free),
      row.own_free === null ? Number.POSITIVE_INFINITY : Number(row.own_free),
    ];
    const free = Math.max(0, Math.min(server, own));
    const measures = { connections_left: free, connections_used: Number(row.used) };
    const left =
      own < server
        ? seen('connections_of_login', { free })
        : seen('connections_of_server', { free, most: Number(row.most) });
    const findings = free < thresholds.connections_left ? [degraded('connections_short', left)] : [];
    return { ...noOutcome(), measures, findings };
  },
};

/** A login sees when its own transactions began. Of others it sees only that there are some, so those are timed by when they were first seen. */
const transactions: Probe = {
  name: 'transactions',
  everyMs: 0,
  text: `(select 'open' as kind, a.pid::text as id, a.pid, a.usename::text as usename, a.state, extract(epoch from clock_timestamp() - a.xact_start)::float8 as seconds
      from pg_stat_activity a where a.xact_start is not null and a.backend_type = 'client backend' and a.pid <> pg_backend_pid()
      order by a.xact_start limit 1)
    union all
    (select 'hidden', l.virtualtransaction || ' ' || l.pid, l.pid, a.usename::text, null, null
      from pg_locks l join pg_stat_activity a using (pid)
      where l.locktype = 'virtualxid' and l.granted and l.mode = 'ExclusiveLock' and a.xact_start is null and a.backend_type is null
        and a.usename is not null and l.pid <> pg_backend_pid() limit 500)
    union all
    (select 'prepared', gid, null, owner::text, null, extract(epoch from clock_timestamp() - prepared)::float8
      from pg_prepared_xacts order by prepared limit 1)`,
  judge(rows, { thresholds, memory, sentAt }) {
    const { transaction_degraded_s: degradedAfter, transaction_unhealthy_s: unhealthyAfter } = thresholds;
    const known = memory.transactions ?? {};
    const hidden = rows.filter(({ kind }) => kind === 'hidden');
    memory.transactions = Object.fromEntries(
      hidden.map(({ id }) => [String(id), known[String(id)] ?? sentAt]),
    );
    const aged = rows.map((row) => ({
      ...row,
      kind: String(row.kind),
      age:
        row.kind === 'hidden'
          ? (sentAt - (memory.transactions?.[String(row.id)] ?? sentAt)) / 1000
          : Number(row.seconds),
    }));
    const findings: Finding[] = [];
    const levelOf = (age: number) => (age > unhealthyAfter ? 'unhealthy' : 'degraded');
    const oldest = (kinds: string[]) =>
      aged.filter(({ kind }) => kinds.includes(kind)).sort((one, other) => other.age - one.age)[0];
    const open = oldest(['open', 'hidden']) as ((typeof aged)[number] & Record<string, unknown>) | undefined;
    if (open && open.age > degradedAfter) {
      const of = { pid: Number(open.pid), user: String(open.usename), time: seconds(open.age) };
      const evidence =
        open.kind === 'hidden'
          ? seen('hidden_transaction', of)
          : seen('transaction', { ...of, state: `(${open.state})` });
      findings.push({ cause: 'transaction_old', level: levelOf(open.age), ...evidence });
    }
    const prepared = oldest(['prepared']) as typeof open;
    if (prepared && prepared.age > degradedAfter) {
      const evidence = seen('prepared', {
        ...{ id: String(prepared.id).slice(0, 60), user: String(prepared.usename) },
        time: seconds(prepared.age),
      });
      findings.push({ cause: 'prepared_transaction_old', level: levelOf(prepared.age), ...evidence });
    }
    const age = Math.max(0, open?.age ?? 0, prepared?.age ?? 0);
    return { ...noOutcome(), measures: { oldest_transaction_s: age }, findings };
  },
};

const locks: Probe = {
  name: 'locks',
  everyMs: 0,
  text: `select count(*)::int as blocked, coalesce(max(extract(epoch from clock_timestamp() - waitstart)), 0)::float8 as seconds,
      (select array_to_string(pg_blocking_pids(pid), ', ') from pg_locks where not granted order by waitstart limit 1) as blockers
    from pg_locks where not granted`,
  judge([row = {}], { thresholds }) {
    const [blocked, age] = [Number(row.blocked), Number(row.seconds)];
    const findings: Finding[] = [];
    if (age > thresholds.lock_wait_degraded_s) {
      const evidence = seen('blocked', {
        ...{ count: blocked, time: seconds(age), blockers: String(row.blockers) },
      });
      const level = age > thresholds.lock_wait_unhealthy_s ? 'unhealthy' : 'degraded';
      findings.push({ cause: 'locks_blocked', level, ...evidence });
    }
    return { ...noOutcome(), measures: { blocked_locks: blocked, longest_lock_wait_s: age }, findings };
  },
};

const POSITION = 'case when pg_is_in_recovery() then pg_last_wal_receive_lsn() else pg_current_wal_lsn() end';

const slots: Probe = {
  name: 'slots',
  everyMs: 0,
  text: `select slot_name::text, active, wal_status, pg_wal_lsn_diff(${POSITION}, restart_lsn)::float8 as retained
    from pg_replication_slots order by retained desc nulls last limit 100`,
  judge(rows, { thresholds: { slot_degraded_bytes: soon, slot_unhealthy_bytes: now } }) {
    const findings: Finding[] = [];
    const retained = Math.max(0, ...rows.map((row) => Number(row.retained)));
    for (const row of rows.slice(0, 5)) {
      const bytes = Number(row.retained);
      if (row.wal_status === 'lost')
        findings.push(degraded('slot_lost', seen('slot_lost', { slot: String(row.slot_name) })));
      else if (bytes > soon)
        findings.push({
          cause: 'slot_retains_wal',
          level: bytes > now ? 'unhealthy' : 'degraded',
          ...seen(row.active ? 'slot_read' : 'slot_unread', {
            slot: String(row.slot_name),
            size: size(bytes),
          }),
        });
    }
    return { ...noOutcome(), measures: { slots: rows.length, slot_retained_bytes: retained }, findings };
  },
};

const standbys: Probe = {
  name: 'standbys',
  everyMs: 0,
  text: `select count(*)::int as senders, max(case when not pg_is_in_recovery() then pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) end)::float8 as lag
    from pg_stat_replication`,
  judge([row = {}], { thresholds }) {
    const measures: Record<string, number> = { wal_senders: Number(row.senders) };
    const lag = Number(row.lag ?? 0);
    // A login without pg_read_all_stats sees no positions.
    if (row.lag !== null) measures.standby_lag_bytes = lag;
    const findings =
      lag > thresholds.standby_lag_bytes
        ? [degraded('standby_behind', seen('not_replayed', { size: size(lag) }))]
        : [];
    return { ...noOutcome(), measures, findings };
  },
};

const storage: Probe = {
  name: 'storage',
  everyMs: MINUTE,
  text: `select pg_database_size(current_database())::float8 as own,
      (select sum(pg_database_size(oid))::float8 from pg_database where datallowconn and has_database_privilege(oid, 'CONNECT')) as visible,
      (select setting from pg_settings where name = 'data_directory') as directory`,
  async judge([row = {}], { thresholds, url }) {
    const measures: Record<string, number> = { database_bytes: Number(row.own) };
    const facts: Record<string, string> = {};
    const parsed = parsePostgresUrl(url);
    const disk =
      parsed && isLocal(parsed) && row.directory
        ? await statfs(String(row.directory)).catch(() => undefined)
        : undefined;
    let used: number | undefined;
    if (disk && disk.blocks > 0) used = 1 - disk.bavail / disk.blocks;
    else if (thresholds.disk_bytes > 0) used = Number(row.visible) / thresholds.disk_bytes;
    else
      facts.disk =
        'not visible to this login; say how large it is with: marquee health thresholds … disk_bytes=…';
    if (used === undefined) return { measures, facts, findings: [] };
    measures.disk_used_share = used;
    const level = used > thresholds.disk_unhealthy_share ? 'unhealthy' : 'degraded';
    const evidence = seen('disk_used', { percent: (used * 100).toFixed(0) });
    const findings: Finding[] =
      used > thresholds.disk_degraded_share ? [{ cause: 'disk_full', level, ...evidence }] : [];
    return { measures, facts, findings };
  },
};

/** Measures traffic of all clients, including the probes. No value is a finding. */
const traffic: Probe = {
  name: 'traffic',
  everyMs: 0,
  text: `select (xact_commit + xact_rollback)::float8 as transactions, extract(epoch from clock_timestamp()) * 1000 as at
    from pg_stat_database where datname = current_database()`,
  judge([row = {}], { memory }) {
    const now = { transactions: Number(row.transactions), at: Number(row.at) };
    const before = memory.traffic;
    memory.traffic = now;
    // The counter begins again after a crash.
    if (!before || before.at >= now.at || before.transactions > now.transactions) return noOutcome();
    const perSecond = (now.transactions - before.transactions) / ((now.at - before.at) / 1000);
    return { ...noOutcome(), measures: { transactions_per_s: perSecond } };
  },
};

const DEAD_ROWS_THAT_COUNT = 100_000;

const bloat: Probe = {
  name: 'dead rows',
  everyMs: 5 * MINUTE,
  text: `select relname::text as table, n_dead_tup::float8 as dead, n_live_tup::float8 as live from pg_stat_user_tables order by n_dead_tup desc limit 1`,
  judge([row], { thresholds }) {
    if (!row) return noOutcome();
    const [dead, live] = [Number(row.dead), Number(row.live)];
    const share = dead / Math.max(1, dead + live);
    const counts = dead >= DEAD_ROWS_THAT_COUNT && share > thresholds.dead_rows_share;
    const evidence = seen('dead_rows', {
      ...{ table: String(row.table), dead: Math.round(dead), rows: Math.round(dead + live) },
      percent: (share * 100).toFixed(0),
    });
    return {
      ...noOutcome(),
      measures: { dead_rows: dead, dead_rows_share: share },
      findings: counts ? [degraded('dead_rows', evidence)] : [],
    };
  },
};

const wraparound: Probe = {
  name: 'wraparound',
  everyMs: 5 * MINUTE,
  text: `select datname::text as database, greatest(age(datfrozenxid), mxid_age(datminmxid))::float8 as age from pg_database order by age desc limit 1`,
  judge([row = {}], { thresholds: { wraparound_degraded_age: soon, wraparound_unhealthy_age: now } }) {
    const age = Number(row.age);
    const evidence = seen('transaction_ids', {
      ...{ database: String(row.database), millions: Math.round(age / 1e6) },
    });
    const level = age > now ? 'unhealthy' : 'degraded';
    const findings: Finding[] = age > soon ? [{ cause: 'wraparound', level, ...evidence }] : [];
    return { ...noOutcome(), measures: { wraparound_age: age }, findings };
  },
};

const archiving: Probe = {
  name: 'archiving',
  everyMs: MINUTE,
  text: `select failed_count::float8 as failed, last_failed_wal as wal, last_failed_time > coalesce(last_archived_time, '-infinity') as failing,
      current_setting('archive_mode') <> 'off' as archives from pg_stat_archiver`,
  judge([row = {}]) {
    const isFailing = row.archives === true && row.failing === true;
    const evidence = seen('archiving', { count: Number(row.failed), wal: String(row.wal) });
    return { ...noOutcome(), findings: isFailing ? [degraded('archiving_fails', evidence)] : [] };
  },
};

export const PROBES: readonly Probe[] = [
  ...[server, connections, traffic, transactions, locks, slots, standbys],
  ...[storage, archiving, bloat, wraparound],
];

type Seen = ReturnType<typeof seen>;

function degraded(cause: CauseName, evidence: Seen): Finding {
  return { cause, level: 'degraded', ...evidence };
}

function unhealthy(cause: CauseName, evidence: Seen): Finding {
  return { cause, level: 'unhealthy', ...evidence };
}

function seconds(count: number): string {
  if (count < 120) return `${count < 10 ? count.toFixed(1) : Math.round(count)} s`;
  return count < 7_200 ? `${Math.round(count / 60)} min` : `${Math.round(count / 3600)} h`;
}

function size(bytes: number): string {
  const mb = bytes / 1024 ** 2;
  return mb < 1024 ? `${mb.toFixed(mb < 10 ? 1 : 0)} MB` : `${(mb / 1024).toFixed(1)} GB`;
}
