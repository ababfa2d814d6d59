// Reads and writes rollouts in the operations database.
import pg from 'pg';
import { withTransaction } from '@/lib/operations';
import type { MoveOptions } from '../control/move';
import { MovementError } from '../errors';
import type { PlannedWave } from './waves';

export type RolloutStep =
  | 'moving'
  | 'soaking'
  | 'closing'
  | 'returning'
  | 'halted'
  | 'completed'
  | 'rolled_back';
/** A command of the operator. A rollout records the last one. */
export type RolloutCommand = 'run' | 'pause' | 'halt' | 'rollback';

/** Limits of a wave. If one is exceeded, the wave is rolled back and the rollout halts. */
export interface GateLimits {
  /** Maximum time that a tenant's statements wait at its cut-over, ms. Default 2,000. */
  pauseMs?: number;
  /** Maximum growth of the share of failing statements. Default 0.01. */
  errorRate?: number;
  /** Maximum ratio of the 95th percentile of latency at the target to that at the source. Default 2. */
  latencyRatio?: number;
  /** Minimum number of statements to judge by, since the first ones meet cold connections and caches. Default 100. */
  statements?: number;
  /** Maximum lag of reverse replication and of the target's standbys, bytes of WAL. Default 64 MiB. */
  lagBytes?: number;
  /** Maximum share of the target's connections in use. Default 0.9. */
  connections?: number;
}

/** Recorded options of a rollout, see `StartRollout`. */
export interface RolloutOptions {
  /** How long a wave is watched after its last cut-over, ms. */
  soakMs: number;
  /** Number of shadow reads to compare before a tenant's cut-over. */
  shadowReads: number;
  /** Maximum time to wait for the shadow reads, ms. */
  shadowReadsMs: number;
  /** Whether to leave the moves of a wave uncompleted. Each keeps a replication slot at the target. */
  keepRollback: boolean;
  /** Number of failed cut-overs of a tenant after which its wave fails. */
  cutOverAttempts: number;
  gates: GateLimits;
  move: MoveOptions;
}

/** The gate that has halted a rollout. */
export interface FailedGate {
  gate: string;
  /** The tenant that the gate failed for, if it is about one. */
  tenantId?: string;
  message: string;
  /** Code of the error, if the message is that of an error. */
  code?: string;
  /** Set if the wave is not rolled back, because the source may be wrong: the operator has to check. */
  stays?: boolean;
}

/** A recorded rollout. */
export interface Rollout {
  id: string;
  fromSources: string[];
  toSource: string;
  waves: string[];
  wave: number;
  step: RolloutStep;
  stepSince: Date;
  wanted: RolloutCommand;
  options: RolloutOptions;
  failed: FailedGate | null;
  unreachable: number;
  requestedBy: string;
  createdAt: Date;
  finishedAt: Date | null;
}

export interface RolloutTenant {
  tenantId: string;
  place: number;
  wave: number;
  fromSource: string;
  moveId: string | null;
  skipped: string | null;
}

export interface RolloutEvent {
  at: Date;
  wave: number;
  event: string;
  detail: Record<string, unknown>;
}

const COLUMNS = `id, from_sources "fromSources", to_source "toSource", waves, wave, step, step_since "stepSince", wanted, options, failed,
  unreachable, requested_by "requestedBy", created_at "createdAt", finished_at "finishedAt"`;
const ENDS = new Set<RolloutStep>(['completed', 'rolled_back']);
const LOCK = 7302464;

interface RolloutFilter {
  open?: boolean | undefined;
  before?: string | undefined;
  limit?: number | undefined;
}

/** The recorded rollouts. */
export class RolloutStore {
  constructor(private readonly pool: pg.Pool) {}

  /** @throws MovementError `rollout_already_under_way` */
  async create(
    rollout: Pick<Rollout, 'fromSources' | 'toSource' | 'options' | 'requestedBy'>,
    waves: readonly (PlannedWave & { from: ReadonlyMap<string, string> })[],
  ): Promise<Rollout> {
    const tenants = waves.flatMap(({ tenants: ids, from }, wave) =>
      ids.map((id) => ({ id, wave, from: from.get(id) ?? '' })),
    );
    try {
      const { rows } = await this.pool.query<{ id: string }>(
        `with made as (insert into rollouts (from_sources, to_source, waves, options, requested_by)
           values ($1, $2, $3, $4, $5) returning id),
         taken as (insert into rollout_tenants (rollout_id, tenant_id, place, wave, from_source)
           select made.id, t, p, w, f from made, unnest($6::uuid[], $7::int[], $8::int[], $9::text[]) as u (t, p, w, f))
         select id from made`,
        [
          rollout.fromSources,
          rollout.toSource,
          waves.map(({ name }) => name),
          JSON.stringify(rollout.options),
          rollout.requestedBy,
          tenants.map(({ id }) => id),
          tenants.map((_, place) => place),
          tenants.map(({ wave }) => wave),
          tenants.map(({ from }) => from),
        ],
      );
      return await this.get(rows[0]?.id ?? '');
    } catch (error) {
      if (error instanceof pg.DatabaseError && error.constraint === 'rollouts_one_to_a_source') {
        throw new MovementError('rollout_already_under_way', 'A rollout to this data source is under way.', {
          hint: 'See: marquee rollout status',
        });
      }
      throw error;
    }
  }

  /** @throws MovementError `rollout_unknown` */
  async get(id: string): Promise<Rollout> {
    const { rows } = await this.pool.query<Rollout>(`select ${COLUMNS} from rollouts where id::text = $1`, [
      id,
    ]);
    const [row] = rows;
    if (row) return row;
    throw new MovementError('rollout_unknown', 'There is no such rollout.', {
      hint: 'List them with: marquee rollout status',
    });
  }

  /** Lists rollouts, newest first: at most 500, or all that are open. @param filter.before id of a rollout: only older ones are listed */
  async list(filter: RolloutFilter = {}): Promise<Rollout[]> {
    const { open = false, before = null, limit = open ? null : 500 } = filter;
    const { rows } = await this.pool.query<Rollout>(
      `select ${COLUMNS} from rollouts where (not $1 or finished_at is null)
         and ($2::uuid is null or (created_at, id) < (select r.created_at, r.id from rollouts r where r.id = $2))
       order by created_at desc, id desc limit $3`,
      [open, before, limit],
    );
    return rows;
  }

  async tenants(id: string): Promise<RolloutTenant[]> {
    const { rows } = await this.pool.query<RolloutTenant>(
      `select tenant_id "tenantId", place, wave, from_source "fromSource", move_id "moveId", skipped
       from rollout_tenants where rollout_id = $1 order by place`,
      [id],
    );
    return rows;
  }

  async setStep(rollout: Rollout, step: RolloutStep, wave = rollout.wave): Promise<void> {
    await this.#setStep(rollout, step, wave);
  }

  /**
   * As `setStep`, unless the operator has given another command since `rollout` was read: then the step stays as it was.
   *
   * @param because noted before the step
   */
  async goOn(
    rollout: Rollout,
    step: RolloutStep,
    wave = rollout.wave,
    because?: Pick<RolloutEvent, 'event' | 'detail'>,
  ): Promise<void> {
    await this.#setStep(rollout, step, wave, rollout.wanted, because);
  }

  async #setStep(
    rollout: Rollout,
    step: RolloutStep,
    wave: number,
    wanted?: RolloutCommand,
    because?: Pick<RolloutEvent, 'event' | 'detail'>,
  ): Promise<void> {
    const { rowCount } = await this.pool.query(
      `update rollouts set step = $2, wave = $3, step_since = now(), updated_at = now(), unreachable = 0,
         finished_at = case when $4 then now() end where id = $1 and ($5::text is null or wanted = $5)`,
      [rollout.id, step, wave, ENDS.has(step), wanted],
    );
    if (rowCount !== 1) return;
    if (because) await this.note(rollout, because.event, because.detail);
    Object.assign(rollout, { step, wave, stepSince: new Date() });
    await this.note(rollout, step);
  }

  async note(rollout: Pick<Rollout, 'id' | 'wave'>, event: string, detail: object = {}): Promise<void> {
    await this.pool.query(
      'insert into rollout_events (rollout_id, wave, event, detail) values ($1, $2, $3, $4)',
      [rollout.id, rollout.wave, event, JSON.stringify(detail)],
    );
  }

  async events(id: string): Promise<RolloutEvent[]> {
    const { rows } = await this.pool.query<RolloutEvent>(
      'select at, wave, event, detail from rollout_events where rollout_id = $1 order by seq',
      [id],
    );
    return rows;
  }

  async want(id: string, wanted: RolloutCommand, instead?: readonly RolloutCommand[]): Promise<void> {
    await this.pool.query(
      `update rollouts set wanted = $2, updated_at = now()
       where id = $1 and finished_at is null and ($3::text[] is null or wanted = any ($3))`,
      [id, wanted, instead],
    );
  }

  /**
   * As `want`, and notes it among the rollout's events.
   *
   * @param given.at the steps at which the command is possible
   * @returns false if the rollout has ended or is at another step, or its command is none of `instead`
   */
  async command(
    id: string,
    wanted: RolloutCommand,
    given: { by: string; at: readonly RolloutStep[]; instead?: readonly RolloutCommand[] | undefined },
  ): Promise<boolean> {
    const { by, at, instead } = given;
    const { rowCount } = await this.pool.query(
      `with changed as (update rollouts set wanted = $2, updated_at = now()
         where id = $1 and finished_at is null and step = any ($5) and ($3::text[] is null or wanted = any ($3)) returning id, wave)
       insert into rollout_events (rollout_id, wave, event, detail) select id, wave, 'commanded', $4 from changed`,
      [id, wanted, instead, JSON.stringify({ command: wanted, by }), at],
    );
    return rowCount === 1;
  }

  async setFailed(id: string, failed: FailedGate | null): Promise<void> {
    await this.pool.query('update rollouts set failed = $2 where id = $1', [
      id,
      failed && JSON.stringify(failed),
    ]);
  }

  async setUnreachable(id: string, times: number): Promise<void> {
    await this.pool.query('update rollouts set unreachable = $2 where id = $1', [id, times]);
  }

  async setMove(id: string, tenantId: string, moveId: string | null): Promise<void> {
    await this.pool.query(
      'update rollout_tenants set move_id = $3 where rollout_id = $1 and tenant_id = $2',
      [id, tenantId, moveId],
    );
  }

  async skip(id: string, tenantId: string, why: string): Promise<void> {
    await this.pool.query(
      'update rollout_tenants set skipped = $3, move_id = null where rollout_id = $1 and tenant_id = $2',
      [id, tenantId, why],
    );
  }

  /** Runs `work` unless another process is advancing this rollout. */
  async exclusively(id: string, work: () => Promise<void>): Promise<void> {
    await withTransaction(this.pool, async (client) => {
      const { rows } = await client.query<{ taken: boolean }>(
        'select pg_try_advisory_xact_lock(hashtextextended($1, $2)) as taken',
        [id, LOCK],
      );
      if (rows[0]?.taken) await work();
    });
  }
}
