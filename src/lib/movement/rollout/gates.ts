// What keeps a rollout from going on. Each gate answers with what failed, or with nothing.
import pg from 'pg';
import { guardWire, WIDE } from '@/lib/data-sources';
import { objectName } from '../control/clean-up';
import type { Move } from '../control/move-store';
import type { MoveDependencies } from '../control/ports';
import { verifyMove } from '../control/requests';
import { NEEDS_OPERATOR } from '../errors';
import { type SignedCertificate, verifyCertificate } from '../verify/certificate';
import { type Fared, faredIn, nothing, p95, together } from './health';
import type { FailedGate, Rollout, RolloutStore } from './rollout-store';

/** Differences smaller than this are nobody's concern, ms. */
const NOTICED_MS = 10;
/** Probes of the new home that fail one after the other before it counts as gone. */
const UNREACHABLE_TIMES = 3;
/** Rows that differ are read again for so long: writes may be on their way. */
const SETTLE_MS = 10_000;

export interface Wave {
  rollout: Rollout;
  /** The moves of its tenants, as they stand. */
  moves: readonly Move[];
}

/** A move that cannot go on by itself, refused a rogue write, paused its tenant for too long or proves nothing. */
export function checkMoves({ rollout, moves }: Wave, sign: MoveDependencies['sign']): FailedGate | undefined {
  const { gates, cutOverAttempts } = rollout.options;
  const { pauseMs: longest = 2_000 } = gates;
  for (const { tenantId, error, progress, finishedAt, step, wanted, certificate } of moves) {
    const fails = (gate: string, message: string): FailedGate => ({ gate, tenantId, message });
    if (error?.code === 'move_rogue_write') return fails('rogue_write', error.message);
    if (error?.code === 'move_verification_failed') return fails('verification', error.message);
    if (error && /^move_dark_reads/.test(error.code)) return fails('dark_reads', error.message);
    if (error && wanted === 'run' && NEEDS_OPERATOR.has(error.code)) return fails('move', error.message);
    if (error && (progress.cutOverAttempts ?? 0) >= cutOverAttempts) return fails('cut_over', error.message);
    if (finishedAt && step !== 'completed') return fails('move', 'Somebody else has ended the move.');
    if (step !== 'way_back') continue;
    if ((progress.pauseMs ?? 0) > longest) {
      return fails(
        'pause',
        `Statements waited ${Math.round(progress.pauseMs ?? 0)} ms; at most ${longest} ms may be.`,
      );
    }
    try {
      if (certificate) verifyCertificate(certificate as unknown as SignedCertificate, sign);
    } catch (failure) {
      return fails('certificate', (failure as Error).message);
    }
  }
  return undefined;
}

/** Statements that fail or last more than in the old home: of each tenant, and of all of the wave together. */
export async function checkHealth(pool: pg.Pool, { rollout, moves }: Wave): Promise<FailedGate | undefined> {
  const moved = moves.filter(({ step }) => step === 'way_back');
  const homes = await faredIn(
    pool,
    rollout.id,
    moved.map(({ tenantId }) => tenantId),
  );
  const of = ({ tenantId }: Move, source: string) => homes.get(tenantId)?.get(source) ?? nothing();
  const pairs = moved.map((move) => ({
    tenantId: move.tenantId as string | undefined,
    before: of(move, move.fromSource),
    after: of(move, move.toSource),
  }));
  const all = {
    tenantId: undefined,
    before: together(pairs.map(({ before }) => before)),
    after: together(pairs.map(({ after }) => after)),
  };
  for (const { tenantId, before, after } of [...pairs, all]) {
    const worse = compareFared(before, after, rollout.options.gates);
    if (worse) return { ...worse, ...(tenantId ? { tenantId } : {}) };
  }
  return undefined;
}

export function compareFared(
  before: Fared,
  after: Fared,
  { errorRate = 0.01, latencyRatio = 2, statements = 100 }: Rollout['options']['gates'],
): FailedGate | undefined {
  if (after.statements < statements) return undefined;
  const rate = ({ faults, statements: n }: Fared) => (n > 0 ? faults / n : 0);
  const percent = (part: number) => `${(part * 100).toFixed(1)} %`;
  // Without a before, every fault is one too many.
  if (rate(after) - rate(before) > errorRate) {
    return {
      gate: 'errors',
      message: `${percent(rate(after))} of statements fail in the new home, ${percent(rate(before))} did in the old one.`,
    };
  }
  if (before.statements < statements) return undefined;
  const [was, is] = [p95(before), p95(after)];
  if (is > was * latencyRatio && is - was > NOTICED_MS) {
    return {
      gate: 'latency',
      message: `The 95th percentile is ${is.toFixed(1)} ms in the new home and was ${was.toFixed(1)} ms in the old one.`,
    };
  }
  return undefined;
}

/** Whether the new home answers, has connections to spare, and whether what follows it keeps up. */
export async function checkNewHome(
  dependencies: MoveDependencies,
  store: RolloutStore,
  { rollout, moves }: Wave,
): Promise<FailedGate | undefined> {
  const { lagBytes = 64 << 20, connections = 0.9 } = rollout.options.gates;
  const slots = moves.filter(({ step }) => step === 'way_back').map(({ id }) => objectName(id, 'back'));
  let found: { used: number; lag: number };
  try {
    found = await probe(dependencies, rollout.toSource, slots);
  } catch {
    const times = rollout.unreachable + 1;
    await store.setUnreachable(rollout.id, times);
    if (times < UNREACHABLE_TIMES) return undefined;
    return { gate: 'new_home', message: 'The new home does not answer.' };
  }
  if (rollout.unreachable > 0) await store.setUnreachable(rollout.id, 0);
  if (found.used > connections) {
    return {
      gate: 'new_home',
      message: `${Math.round(found.used * 100)} % of the new home’s connections are in use.`,
    };
  }
  if (found.lag > lagBytes) {
    return {
      gate: 'lag',
      message: `What follows the new home is ${Math.round(found.lag / (1 << 20))} MiB behind.`,
    };
  }
  return undefined;
}

async function probe(dependencies: MoveDependencies, source: string, slots: readonly string[]) {
  const { url } = await dependencies.home(source);
  const client = new pg.Client({
    connectionString: url,
    application_name: 'marquee rollout',
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
  });
  client.on('error', () => {});
  guardWire(client, WIDE);
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

/** After the soak: both homes of each tenant still hold the same rows, and so the way back is one. */
export async function checkRows(
  dependencies: MoveDependencies,
  { moves }: Wave,
  signal?: AbortSignal,
): Promise<FailedGate | undefined> {
  for (const { id, tenantId, step, mode } of moves) {
    if (step !== 'way_back' || mode === 'offline') continue;
    const { differences } = await verifyMove(dependencies, id, SETTLE_MS, signal);
    if (differences.length === 0) continue;
    const tables = [...new Set(differences.map(({ table }) => table))].join(', ');
    return {
      gate: 'verification',
      tenantId,
      message: `${differences.length} rows differ between the homes (${tables}).`,
      stays: true,
    };
  }
  return undefined;
}
