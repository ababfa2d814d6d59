// Rollouts and moves that do not go on by themselves, read from what they have recorded.
import type pg from 'pg';
import { type Condition, titled } from '@/lib/alerts';
import { MoveStore, NEEDS_OPERATOR, RolloutStore } from '@/lib/movement';
import type { OperationsDatabase } from '@/lib/operations';
import { SchemaRolloutStore } from '../schema-rollout';

export const RULES = ['rollout-halted', 'rollout-stuck', 'move-failed'] as const;

/** Time without a record after which a rollout that should continue counts as stalled, ms. */
const STUCK_MS = 3_600_000;
/** The same for a schema rollout that waits for moves or for processes of older versions, ms. */
const WAITING_MS = 24 * 3_600_000;

/** The cause of each names one occurrence: what halts again later is another one. */
export async function findStalled({
  pool,
  dataSources,
}: Pick<OperationsDatabase, 'pool' | 'dataSources'>): Promise<Condition[]> {
  const names = await dataSources.names();
  const nameOf = (id: string) => names.get(id) ?? id;
  const [schema, rollouts, moves] = await Promise.all([
    ofSchemaRollout(pool),
    ofRollouts(pool, nameOf),
    ofMoves(pool, nameOf),
  ]);
  return [...schema, ...rollouts, ...moves];
}

async function ofSchemaRollout(pool: pg.Pool): Promise<Condition[]> {
  const rollout = await new SchemaRolloutStore(pool).open();
  if (!rollout) return [];
  const { id, toVersion, step, stepSince, failed, waitsFor } = rollout;
  const since = stepSince.toISOString();
  if (step === 'halted') {
    const findings = [
      ...(failed ? [`${failed.source}: ${failed.message} [${failed.code || failed.gate}]`] : []),
      'Next step: repair the database, then marquee migrate resume. See: marquee migrate status',
    ];
    return [
      {
        rule: 'rollout-halted',
        cause: `${id} ${since}`,
        title: titled('schema_rollout_halted', { version: toVersion }),
        findings,
      },
    ];
  }
  const idleMs = await idle(
    pool,
    `select greatest(r.updated_at, max(s.started_at), max(s.finished_at)) as at
     from schema_rollouts r left join schema_rollout_sources s on s.rollout_id = r.id where r.id = $1 group by r.updated_at`,
    id,
  );
  const waitsLong = step === 'waiting' && stepSince.getTime() < Date.now() - WAITING_MS;
  if (idleMs < STUCK_MS && !waitsLong) return [];
  const findings = [
    waitsLong
      ? `It has waited since ${since} for ${waitsFor ?? 'something'}.`
      : `Nothing was recorded for ${hours(idleMs)}; it is ${step}.`,
    'Next step: marquee migrate status. It goes on in servers of its version, or by: marquee migrate resume',
  ];
  return [
    {
      rule: 'rollout-stuck',
      cause: `${id} ${since}`,
      title: titled('schema_rollout_stuck', { version: toVersion }),
      findings,
    },
  ];
}

async function ofRollouts(pool: pg.Pool, nameOf: (source: string) => string): Promise<Condition[]> {
  const found: Condition[] = [];
  const store = new RolloutStore(pool);
  for (const { id, toSource, step, stepSince, wanted, options, failed } of await store.list({ open: true })) {
    const next = `Next step: marquee rollout status ${id}`;
    if (failed?.gate === 'operator') continue;
    if (failed) {
      const at = (await store.events(id)).findLast(({ event }) => event === 'gate_failed')?.at;
      const cause = `${id} ${at?.toISOString() ?? failed.gate}`;
      const tenantId = failed.tenantId ?? '';
      const findings = [`${failed.message} [${failed.gate}]`, next];
      found.push({
        rule: 'rollout-halted',
        cause,
        title: titled('rollout_halted', { source: nameOf(toSource) }),
        tenantId,
        findings,
      });
      continue;
    }
    const soaks = step === 'soaking' && stepSince.getTime() + options.soakMs + STUCK_MS > Date.now();
    if (wanted === 'pause' || step === 'halted' || soaks) continue;
    const idleMs = await idle(
      pool,
      `select greatest(r.updated_at, max(m.updated_at)) as at from rollouts r
         left join rollout_tenants t on t.rollout_id = r.id left join moves m on m.id = t.move_id
       where r.id = $1 group by r.updated_at`,
      id,
    );
    if (idleMs < STUCK_MS) continue;
    const cause = `${id} ${stepSince.toISOString()}`;
    const findings = [`Nothing was recorded for ${hours(idleMs)}; it is ${step}.`, next];
    found.push({
      rule: 'rollout-stuck',
      cause,
      title: titled('rollout_stuck', { source: nameOf(toSource) }),
      findings,
    });
  }
  return found;
}

/** Moves that wait for the operator. A rollout halts because of its own, so they are left out. */
async function ofMoves(pool: pg.Pool, nameOf: (source: string) => string): Promise<Condition[]> {
  const { rows } = await pool.query<{ id: string }>(
    `select move_id as id from rollout_tenants t join rollouts r on r.id = t.rollout_id where r.finished_at is null and move_id is not null`,
  );
  const inRollouts = new Set(rows.map(({ id }) => id));
  const moves = await new MoveStore(pool).list({ open: true });
  return moves
    .filter(({ id, error }) => error && NEEDS_OPERATOR.has(error.code) && !inRollouts.has(id))
    .map(({ id, tenantId, attempt, error, fromSource, toSource }) => ({
      rule: 'move-failed',
      cause: `${id} ${attempt} ${error?.code}`,
      title: titled('move_failed', { from: nameOf(fromSource), to: nameOf(toSource) }),
      tenantId,
      findings: [`${error?.message} [${error?.code}]`, `Next step: marquee move status ${id}`],
    }));
}

async function idle(pool: pg.Pool, lastActivity: string, id: string): Promise<number> {
  const { rows } = await pool.query<{ ms: number }>(
    `select (extract(epoch from now() - at) * 1000)::float8 as ms from (${lastActivity}) activity`,
    [id],
  );
  return rows[0]?.ms ?? 0;
}

function hours(ms: number): string {
  const whole = Math.floor(ms / 3_600_000);
  return whole === 1 ? 'an hour' : `${whole} hours`;
}
