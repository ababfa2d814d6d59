// The server: its clock, version and connections.
import { seen } from '../evidence';
import { noOutcome } from '../round';
import { degraded, type Probe, seconds, unhealthy } from './probe';

/** Community end of life of each major version: https://www.postgresql.org/support/versioning/ */
const LAST_FIXES: Record<number, string> = {
  13: '2025-11-13',
  14: '2026-11-12',
  15: '2027-11-11',
  16: '2028-11-09',
  17: '2029-11-08',
  18: '2030-11-14',
};

export const server: Probe = {
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

export const connections: Probe = {
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

/** Measures traffic of all clients, including the probes. No value is a finding. */
export const traffic: Probe = {
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
