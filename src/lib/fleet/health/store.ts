// The tables of health in the operations database: who probes what, and what was found.

import { hostname } from 'node:os';
import type pg from 'pg';
import { withTransaction } from '@/lib/operations';
import { type Finding, inOrder, isWorse, type Level, worst } from './catalogue';
import { seen } from './evidence';
import type { Memory, Round } from './round';
import { nextState, type State } from './state';
import type { Thresholds } from './thresholds';

/** A source that is due to be probed, held by this process: no other one changes what is known of it meanwhile. */
export interface Claimed {
  id: string;
  name: string;
  engine: 'postgresql' | 'supabase';
  /** Version of its row in the registry: credentials read from an earlier version may be outdated. */
  version: number;
  memory: Memory;
  state: State;
  /** Levels of the last rounds, the latest first. */
  levels: Level[];
  /** What the state rests on. */
  findings: Finding[];
  /** A round was kept a moment ago. */
  isSampled: boolean;
  /** Circuit breakers that are not closed, in words; null where all are. */
  circuits: string[] | null;
}

/** A change of state, or of the cause of a state that stays. */
export interface Change {
  name: string;
  from: State;
  to: State;
  findings: Finding[];
}

/** Longer than any round: its deadlines together. A process that is killed leaves its sources to others after that. */
export const LEASE_SECONDS = 30;
/** Rounds that are kept one by one; others only where their level is a new one. */
const SAMPLE_SECONDS = 15;

/**
 * Sources that are in use are probed from now on; many new ones spread over the time that so many rounds take.
 *
 * @param mostASecond rounds of all sources together
 * @returns how many there are
 */
export async function enrol(pool: pg.Pool, mostASecond: number): Promise<number> {
  await pool.query(
    `insert into health_sources (data_source_id, next_at)
     select s.id, now() + random() * make_interval(secs => greatest(3, count(*) over () / $1::float8))
     from data_sources s where status in ('active', 'draining')
       and not exists (select from health_sources h where h.data_source_id = s.id)
     on conflict do nothing`,
    [mostASecond],
  );
  const { rows } = await pool.query<{ count: number }>('select count(*)::int as count from health_sources');
  return rows[0]?.count ?? 0;
}

/** Takes sources that are due and that no other process holds. */
export async function claim(pool: pg.Pool, holder: string, most: number): Promise<Claimed[]> {
  const { rows } = await pool.query<Claimed>(
    `with due as (
       select data_source_id from health_sources join data_sources s on s.id = data_source_id
       where next_at <= now() and leased_until <= now() and s.status in ('active', 'draining')
       order by next_at limit $2 for update of health_sources skip locked)
     update health_sources h set holder = $1, leased_until = now() + make_interval(secs => $3)
     from due join data_sources s on s.id = due.data_source_id where h.data_source_id = due.data_source_id
     returning s.id, s.name, s.engine, s.version, h.memory, h.state, h.levels, h.findings,
       coalesce(h.sampled_at > now() - make_interval(secs => $4), false) as "isSampled",
       (select array_agg(c.process || ': ' || coalesce(c.reason, c.state) order by c.process) from health_circuits c
          where c.data_source_id = h.data_source_id and c.seen_at > now() - interval '30 seconds') as circuits`,
    [holder, most, LEASE_SECONDS, SAMPLE_SECONDS],
  );
  return rows;
}

/** Gives a source back without a result, to be probed again soon. */
export async function postpone(pool: pg.Pool, id: string, holder: string, ms: number): Promise<void> {
  await pool.query(
    `update health_sources set leased_until = '-infinity', next_at = now() + make_interval(secs => $3)
     where data_source_id = $1 and holder = $2`,
    [id, holder, ms / 1000],
  );
}

/** Gives back what a process holds when it stops. */
export async function release(pool: pg.Pool, holder: string): Promise<void> {
  await pool.query(`update health_sources set leased_until = '-infinity', holder = null where holder = $1`, [
    holder,
  ]);
  await pool.query('delete from health_circuits where process_id = $1', [holder]);
}

/**
 * Writes a round, and the change of state that follows: one statement where nothing changes.
 *
 * @param everyMs until the next round
 * @param changed runs in the same transaction as the change
 * @returns undefined where another process has taken the source over meanwhile: the round does not count
 */
export async function writeRound(
  pool: pg.Pool,
  claimed: Claimed,
  {
    round,
    thresholds,
    holder,
    everyMs,
  }: { round: Round; thresholds: Thresholds; holder: string; everyMs: number },
  changed: (client: pg.PoolClient, change: Change) => Promise<void>,
): Promise<State | undefined> {
  const { id, name, state } = claimed;
  const findings = inOrder([...round.findings, ...circuitFinding(claimed.circuits)]);
  const level = worst(findings.map((finding) => finding.level));
  const next = nextState(state, claimed.levels, level, thresholds);
  const isChange = next.state !== state;
  const shown = isChange || level === next.state ? findings : claimed.findings;
  const isNews = level !== (claimed.levels[0] ?? 'healthy');
  const isConfirmed = next.state !== 'unknown' && !isWorse(level, next.state);
  const pauseMs = isConfirmed ? everyMs * (0.9 + Math.random() * 0.2) : thresholds.confirm_after_ms;
  const write = async (client: Pick<pg.ClientBase, 'query'>) => {
    const { rowCount } = await client.query(WRITE_ROUND, [
      ...[id, holder, pauseMs / 1000, next.state, isChange, next.levels, JSON.stringify(shown)],
      ...[JSON.stringify(round.measures), JSON.stringify(round.facts), JSON.stringify(round.memory)],
      ...[
        isChange || isNews || !claimed.isSampled,
        Number(level === 'degraded'),
        Number(level === 'unhealthy'),
      ],
      findings[0]?.cause ?? null,
    ]);
    return rowCount === 0 ? undefined : next.state;
  };
  // Another cause of the same state is news for the alert that is open.
  if (!isChange && shown[0]?.cause === claimed.findings[0]?.cause) return write(pool);
  return withTransaction(pool, async (client) => {
    const written = await write(client);
    if (written === undefined) return undefined;
    if (isChange) {
      await client.query(
        'insert into health_changes (data_source_id, from_state, to_state, findings) values ($1, $2, $3, $4)',
        [id, state, next.state, JSON.stringify(shown)],
      );
    }
    await changed(client, { name, from: state, to: next.state, findings: shown });
    return written;
  });
}

const WRITE_ROUND = `with written as (
    update health_sources set leased_until = '-infinity', next_at = now() + make_interval(secs => $3), probed_at = now(),
      state = $4, since = case when $5 then now() else since end, levels = $6, findings = $7, measures = $8, facts = $9, memory = $10,
      sampled_at = case when $11 then now() else sampled_at end
    where data_source_id = $1 and holder = $2 returning data_source_id),
  sampled as (
    insert into health_samples (data_source_id, seconds, at, degraded, unhealthy, cause, measures)
    select data_source_id, 0, clock_timestamp(), $12, $13, $14, (select coalesce(
        jsonb_object_agg(name, jsonb_build_object('avg', value, 'max', value)), '{}') from jsonb_each($8::jsonb) m (name, value))
    from written where $11 on conflict do nothing)
  select from written`;

function circuitFinding(circuits: string[] | null): Finding[] {
  if (!circuits) return [];
  return [
    { cause: 'circuit_open', level: 'degraded', ...seen('circuits', { circuits: circuits.join('; ') }) },
  ];
}

/** A circuit breaker that is not closed, in one process. */
export interface OpenCircuit {
  dataSourceId: string;
  state: 'open' | 'half-open';
  reason: string | undefined;
}

/** Writes which circuit breakers of a process are not closed. */
export async function writeCircuits(
  pool: pg.Pool,
  processId: string,
  open: readonly OpenCircuit[],
): Promise<void> {
  await pool.query(
    `with now_open as (
       select o.* from unnest($2::uuid[], $3::text[], $4::text[]) o (data_source_id, state, reason)
         join data_sources s on s.id = o.data_source_id),
     gone as (
       delete from health_circuits where (process_id = $1 and data_source_id <> all ($2::uuid[])) or seen_at < now() - interval '5 minutes')
     insert into health_circuits as c (process_id, process, data_source_id, state, reason)
     select $1, $5, data_source_id, state, reason from now_open
     on conflict (data_source_id, process_id) do update set state = excluded.state, reason = excluded.reason, seen_at = now()`,
    [
      processId,
      open.map(({ dataSourceId }) => dataSourceId),
      open.map(({ state }) => state),
      open.map(({ reason }) => reason ?? null),
      `${hostname()} (${process.pid})`,
    ],
  );
}
