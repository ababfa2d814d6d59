// The write-ahead log: replication slots, standbys, the archive.
import type { Finding } from '../catalogue';
import { seen } from '../evidence';
import { noOutcome } from '../round';
import { degraded, MINUTE, type Probe, size } from './probe';

const POSITION = 'case when pg_is_in_recovery() then pg_last_wal_receive_lsn() else pg_current_wal_lsn() end';

/** Slots of each kind of fault that are named. */
const MOST_SLOTS = 5;

export const slots: Probe = {
  name: 'slots',
  everyMs: 0,
  text: `select slot_name::text, active, wal_status, pg_wal_lsn_diff(${POSITION}, restart_lsn)::float8 as retained
    from pg_replication_slots order by wal_status = 'lost' desc nulls last, retained desc nulls last limit 100`,
  judge(rows, { thresholds: { slot_degraded_bytes: soon, slot_unhealthy_bytes: now } }) {
    const findings: Finding[] = [];
    const retained = Math.max(0, ...rows.map((row) => Number(row.retained)));
    const isLost = (row: (typeof rows)[number]) => row.wal_status === 'lost';
    for (const row of rows.filter(isLost).slice(0, MOST_SLOTS))
      findings.push(degraded('slot_lost', seen('slot_lost', { slot: String(row.slot_name) })));
    for (const row of rows.filter((row) => !isLost(row)).slice(0, MOST_SLOTS)) {
      const bytes = Number(row.retained);
      if (bytes > soon)
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

export const standbys: Probe = {
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

export const archiving: Probe = {
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
