// What is stored: the disk, dead rows, transaction ids before their wraparound.
import { statfs } from 'node:fs/promises';
import { isLocal, parsePostgresUrl } from '@/lib/postgres';
import type { Finding } from '../catalogue';
import { seen } from '../evidence';
import { noOutcome } from '../round';
import { degraded, MINUTE, type Probe } from './probe';

export const storage: Probe = {
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

const DEAD_ROWS_THAT_COUNT = 100_000;

export const bloat: Probe = {
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

export const wraparound: Probe = {
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
