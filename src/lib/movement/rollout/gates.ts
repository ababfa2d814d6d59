// The gates of a rollout. Each returns what has failed, or undefined.

import type pg from 'pg';
import { clientOf } from '@/lib/tenant-data/rows';
import { type Move, objectName } from '../control/move';
import type { MoveDependencies } from '../control/ports';
import { NEEDS_OPERATOR } from '../errors';
import { type SignedCertificate, verifyCertificate } from '../verify/certificate';
import { verifyMove } from '../verify/verify-move';
import { gateText } from './gate-words';
import { countsBySource, emptyCounts, p95, type StatementCounts, sumCounts } from './health';
import type { FailedGate, Rollout, RolloutStore } from './rollout-store';

/** Smaller differences in latency are not noticeable, ms. */
const NOTICED_MS = 10;
/** Consecutive failed probes of the target before it counts as unreachable. */
const UNREACHABLE_TIMES = 3;
/** How long rows that differ are compared again, because writes may be on their way. */
const SETTLE_MS = 10_000;

export interface Wave {
  rollout: Rollout;
  /** The current moves of its tenants. */
  moves: readonly Move[];
}

/** Moves that need the operator, found a rogue write, paused their tenant for too long or have an invalid certificate. */
export async function checkMoves(
  { rollout, moves }: Wave,
  { signatures }: Pick<MoveDependencies, 'signatures'>,
): Promise<FailedGate | undefined> {
  const { gates, cutOverAttempts } = rollout.options;
  const { pauseMs: longest = 2_000 } = gates;
  for (const { tenantId, error, progress, finishedAt, step, wanted, certificate } of moves) {
    const fails = (gate: string, message: string, code?: string): FailedGate => ({
      ...{ gate, tenantId, message },
      ...(code ? { code } : {}),
    });
    if (error?.code === 'move_rogue_write') return fails('rogue_write', error.message, error.code);
    if (error?.code === 'move_verification_failed') return fails('verification', error.message, error.code);
    if (error && /^move_shadow_reads/.test(error.code))
      return fails('shadow_reads', error.message, error.code);
    if (error && wanted === 'run' && NEEDS_OPERATOR.has(error.code))
      return fails('move', error.message, error.code);
    if (error && (progress.cutOverAttempts ?? 0) >= cutOverAttempts)
      return fails('cut_over', error.message, error.code);
    if (finishedAt && step !== 'completed') return fails('move', gateText('ended'));
    if (step !== 'reverse_replication') continue;
    if ((progress.pauseMs ?? 0) > longest) {
      return fails('pause', gateText('pause', { waited: Math.round(progress.pauseMs ?? 0), longest }));
    }
    try {
      if (certificate) await verifyCertificate(certificate as unknown as SignedCertificate, signatures);
    } catch (failure) {
      return fails('certificate', (failure as Error).message, (failure as { code?: string }).code);
    }
  }
  return undefined;
}

/** Statements that fail more often or take longer than at the source: of each tenant, and of the whole wave. */
export async function checkHealth(pool: pg.Pool, { rollout, moves }: Wave): Promise<FailedGate | undefined> {
  const moved = moves.filter(({ step }) => step === 'reverse_replication');
  const counts = await countsBySource(
    pool,
    rollout.id,
    moved.map(({ tenantId }) => tenantId),
  );
  const of = ({ tenantId }: Move, source: string) => counts.get(tenantId)?.get(source) ?? emptyCounts();
  const pairs = moved.map((move) => ({
    tenantId: move.tenantId as string | undefined,
    before: of(move, move.fromSource),
    after: of(move, move.toSource),
  }));
  const all = {
    tenantId: undefined,
    before: sumCounts(pairs.map(({ before }) => before)),
    after: sumCounts(pairs.map(({ after }) => after)),
  };
  for (const { tenantId, before, after } of [...pairs, all]) {
    const worse = compareCounts(before, after, rollout.options.gates);
    if (worse) return { ...worse, ...(tenantId ? { tenantId } : {}) };
  }
  return undefined;
}

export function compareCounts(
  before: StatementCounts,
  after: StatementCounts,
  { errorRate = 0.01, latencyRatio = 2, statements = 100 }: Rollout['options']['gates'],
): FailedGate | undefined {
  if (after.statements < statements) return undefined;
  const rate = ({ faults, statements: n }: StatementCounts) => (n > 0 ? faults / n : 0);
  const percent = (part: number) => `${(part * 100).toFixed(1)} %`;
  // Without statements at the source, its rate counts as 0.
  if (rate(after) - rate(before) > errorRate) {
    return {
      gate: 'errors',
      message: gateText('errors', { after: percent(rate(after)), before: percent(rate(before)) }),
    };
  }
  if (before.statements < statements) return undefined;
  const [was, is] = [p95(before), p95(after)];
  if (is > was * latencyRatio && is - was > NOTICED_MS) {
    return {
      gate: 'latency',
      message: gateText('latency', { is: is.toFixed(1), was: was.toFixed(1) }),
    };
  }
  return undefined;
}

/** A target that does not answer, is short of connections, or whose standbys or reverse replication lag. */
export async function checkTarget(
  dependencies: MoveDependencies,
  store: RolloutStore,
  { rollout, moves }: Wave,
): Promise<FailedGate | undefined> {
  const { lagBytes = 64 << 20, connections = 0.9 } = rollout.options.gates;
  const slots = moves
    .filter(({ step }) => step === 'reverse_replication')
    .map(({ id }) => objectName(id, 'reverse'));
  let found: { used: number; lag: number };
  try {
    found = await probe(dependencies, rollout.toSource, slots);
  } catch {
    const times = rollout.unreachable + 1;
    await store.setUnreachable(rollout.id, times);
    if (times < UNREACHABLE_TIMES) return undefined;
    return { gate: 'target', message: gateText('silent') };
  }
  if (rollout.unreachable > 0) await store.setUnreachable(rollout.id, 0);
  if (found.used > connections) {
    return {
      gate: 'target',
      message: gateText('connections', { percent: Math.round(found.used * 100) }),
    };
  }
  if (found.lag > lagBytes) {
    return {
      gate: 'lag',
      message: gateText('lag', { size: Math.round(found.lag / (1 << 20)) }),
    };
  }
  return undefined;
}

async function probe(dependencies: MoveDependencies, source: string, slots: readonly string[]) {
  const { url } = await dependencies.endpoint(source);
  const client = clientOf(url, {
    application_name: 'marquee rollout',
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
  });
  try {
    await client.connect();
    const { rows } = await client.query<{ used: number; lag: number }>(
      `select (select sum(numbackends) from pg_stat_database)::float8 / current_setting('max_connections')::float8 as used,
         greatest(
           (select max(pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)) from pg_replication_slots where slot_name = any ($1)),
           (select max(pg_wal_lsn_diff(pg_current_wal_lsn(), r.replay_lsn)) from pg_stat_replication r
              where not exists (select from pg_replication_slots s where s.active_pid = r.pid and s.slot_type = 'logical')),
           0)::float8 as lag`,
      [slots],
    );
    return rows[0] as { used: number; lag: number };
  } finally {
    await client.end().catch(() => {});
  }
}

/** After the soak: rows that differ between source and target, so that a rollback would lose changes. */
export async function checkRows(
  dependencies: MoveDependencies,
  { moves }: Wave,
  signal?: AbortSignal,
): Promise<FailedGate | undefined> {
  for (const { id, tenantId, step, mode } of moves) {
    if (step !== 'reverse_replication' || mode === 'offline') continue;
    const { differences } = await verifyMove(dependencies, id, SETTLE_MS, signal);
    if (differences.length === 0) continue;
    const tables = [...new Set(differences.map(({ table }) => table))].join(', ');
    return {
      gate: 'verification',
      tenantId,
      message: gateText('rows', { count: differences.length, tables }),
      stays: true,
    };
  }
  return undefined;
}
