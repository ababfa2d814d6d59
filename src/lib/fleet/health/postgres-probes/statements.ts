// What runs: old transactions, and statements that wait for locks.
import type { Finding } from '../catalogue';
import { seen } from '../evidence';
import { noOutcome } from '../round';
import { type Probe, seconds } from './probe';

/** A login sees when its own transactions began. Of others it sees only that there are some, so those are timed by when they were first seen. */
export const transactions: Probe = {
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

export const locks: Probe = {
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
