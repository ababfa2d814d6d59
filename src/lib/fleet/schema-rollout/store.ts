// Reads and writes schema rollouts in the operations database.
import pg from 'pg';
import { MOVES_AND_SCHEMAS, withTransaction } from '@/lib/operations';
import { SchemaRolloutError } from './errors';
import type { SchemaRolloutOptions } from './options';
import type { Wave } from './waves';

export type SchemaRolloutStep = 'migrating' | 'soaking' | 'waiting' | 'halted' | 'completed' | 'cancelled';
export type SourceState = 'waiting' | 'pinned' | 'running' | 'expanded' | 'done' | 'failed' | 'skipped';

/** Why a rollout halted. */
export interface FailedGate {
  gate: 'migration' | 'readable' | 'index' | 'drift';
  source: string;
  code: string;
  message: string;
}

export interface SchemaRollout {
  id: string;
  toVersion: number;
  /** Digest of its migrations and functions. */
  files: string;
  phase: 'expand' | 'contract';
  step: SchemaRolloutStep;
  stepSince: Date;
  waves: string[];
  wave: number;
  waitsFor: string | null;
  onlyNewSince: Date | null;
  options: SchemaRolloutOptions;
  failed: FailedGate | null;
  requestedBy: string;
  createdAt: Date;
  finishedAt: Date | null;
}

export interface SchemaRolloutSource {
  dataSourceId: string;
  name: string;
  wave: number;
  state: SourceState;
  fromVersion: number | null;
  version: number | null;
  attempts: number;
  tookMs: number | null;
  problem: { code: string; message: string } | null;
}

const COLUMNS = `id, to_version "toVersion", files, phase, step, step_since "stepSince", waves, wave, waits_for "waitsFor",
  only_new_since "onlyNewSince", options, failed, requested_by "requestedBy", created_at "createdAt", finished_at "finishedAt"`;

export class SchemaRolloutStore {
  constructor(private readonly pool: pg.Pool) {}

  /** @throws SchemaRolloutError `schema_rollout_running` */
  async create(rollout: {
    toVersion: number;
    files: string;
    waves: readonly Wave[];
    options: SchemaRolloutOptions;
    requestedBy: string;
    /** Versions of the sources, by name. */
    versions: ReadonlyMap<string, number>;
  }): Promise<SchemaRollout> {
    const { toVersion, files, waves, options, requestedBy, versions } = rollout;
    const places = waves.flatMap(({ sources }, wave) => sources.map((name) => ({ name, wave })));
    try {
      return await withTransaction(this.pool, async (client) => {
        // A data source that is being removed is left out, or keeps its place until the rollout has ended.
        await client.query(MOVES_AND_SCHEMAS);
        const { rows } = await client.query<SchemaRollout>(
          `insert into schema_rollouts (to_version, files, waves, options, requested_by)
           values ($1, $2, $3, $4, $5) returning ${COLUMNS}`,
          [toVersion, files, waves.map(({ name }) => name), JSON.stringify(options), requestedBy],
        );
        const created = rows[0] as SchemaRollout;
        await client.query(
          `insert into schema_rollout_sources (rollout_id, data_source_id, wave, place, from_version)
           select $1, d.id, s.wave, s.place, s.version
           from unnest($2::text[], $3::int[], $4::int[]) with ordinality as s (name, wave, version, place)
           join data_sources d on d.name = s.name`,
          [
            created.id,
            places.map(({ name }) => name),
            places.map(({ wave }) => wave),
            places.map(({ name }) => versions.get(name) ?? null),
          ],
        );
        return created;
      });
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || error.constraint !== 'schema_rollouts_one_open')
        throw error;
      const open = await this.open();
      throw new SchemaRolloutError(
        'schema_rollout_running',
        `${open?.requestedBy ?? 'Another operator'} has started a schema rollout already${open ? `, at ${open.createdAt.toISOString()}` : ''}.`,
        { hint: 'See it: marquee migrate status. Go on with it: marquee migrate resume' },
      );
    }
  }

  async open(): Promise<SchemaRollout | undefined> {
    const { rows } = await this.pool.query<SchemaRollout>(
      `select ${COLUMNS} from schema_rollouts where finished_at is null`,
    );
    return rows[0];
  }

  /** The newest first. */
  async list(limit = 20): Promise<SchemaRollout[]> {
    const { rows } = await this.pool.query<SchemaRollout>(
      `select ${COLUMNS} from schema_rollouts order by created_at desc limit $1`,
      [limit],
    );
    return rows;
  }

  /** @param id left out: the open one, else the newest @throws SchemaRolloutError `schema_rollout_unknown` */
  async get(id?: string): Promise<SchemaRollout> {
    const { rows } = await this.pool.query<SchemaRollout>(
      `select ${COLUMNS} from schema_rollouts where $1::text is null or id::text = $1
       order by finished_at is null desc, created_at desc limit 1`,
      [id],
    );
    if (rows[0]) return rows[0];
    throw new SchemaRolloutError('schema_rollout_unknown', 'There is no such schema rollout.', {
      hint: 'List them: marquee migrate status',
    });
  }

  /** By wave and place. */
  async sources(id: string): Promise<SchemaRolloutSource[]> {
    const { rows } = await this.pool.query<SchemaRolloutSource>(
      `select s.data_source_id "dataSourceId", coalesce(d.name, gone.name) as name, s.wave, s.state, s.from_version "fromVersion", s.version, s.attempts,
         s.took_ms "tookMs", s.problem
       from schema_rollout_sources s left join data_sources d on d.id = s.data_source_id
         left join retired_data_sources gone on gone.id = s.data_source_id
       where s.rollout_id = $1
       order by s.wave, s.place`,
      [id],
    );
    return rows;
  }

  async events(id: string): Promise<{ at: Date; event: string; detail: Record<string, unknown> }[]> {
    const { rows } = await this.pool.query(
      'select at, event, detail from schema_rollout_events where rollout_id = $1 order by seq',
      [id],
    );
    return rows;
  }

  /**
   * Takes a database's turn, unless a tenant is moved from or to it.
   *
   * @returns false where a move pins it, or the rollout was cancelled
   */
  async begin(id: string, dataSourceId: string): Promise<boolean> {
    return withTransaction(this.pool, async (client) => {
      await client.query(MOVES_AND_SCHEMAS);
      const { rows } = await client.query<{ state: SourceState }>(
        `update schema_rollout_sources set attempts = attempts + 1, started_at = now(), problem = null,
           state = case when exists (select from moves where finished_at is null and $2::uuid::text in (from_source, to_source))
             then 'pinned' else 'running' end
         where rollout_id = $1 and data_source_id = $2::uuid
           and exists (select from schema_rollouts where id = $1 and finished_at is null) returning state`,
        [id, dataSourceId],
      );
      return rows[0]?.state === 'running';
    });
  }

  async setSource(
    id: string,
    dataSourceId: string,
    set: {
      state: SourceState;
      version?: number;
      tookMs?: number;
      problem?: { code: string; message: string };
    },
  ): Promise<void> {
    await this.pool.query(
      `update schema_rollout_sources set state = $3, version = coalesce($4, version), took_ms = coalesce($5, took_ms),
         problem = $6, finished_at = now() where rollout_id = $1 and data_source_id = $2`,
      [
        ...[id, dataSourceId, set.state, set.version, set.tookMs],
        set.problem ? JSON.stringify(set.problem) : null,
      ],
    );
  }

  /** Changes the state of every database that is in another one. @returns how many */
  async setStates(id: string, from: readonly SourceState[], to: SourceState): Promise<number> {
    const { rowCount } = await this.pool.query(
      'update schema_rollout_sources set state = $3 where rollout_id = $1 and state = any ($2)',
      [id, from, to],
    );
    return rowCount ?? 0;
  }

  /** Records a step with what belongs to it, and an event where the step is another one. Does nothing once the rollout has ended. */
  async setStep(
    id: string,
    step: SchemaRolloutStep,
    set: {
      wave?: number;
      phase?: SchemaRollout['phase'];
      waitsFor?: string;
      failed?: FailedGate;
    } = {},
  ): Promise<void> {
    const ended = step === 'completed' || step === 'cancelled';
    await this.pool.query(
      `with former as (select * from schema_rollouts where id = $1 and finished_at is null for update),
       changed as (update schema_rollouts r set step = $2, wave = coalesce($3, r.wave), phase = coalesce($4, r.phase),
           waits_for = $5, failed = $6, updated_at = now(), finished_at = case when $7 then now() end,
           step_since = case when former.step = $2 and former.wave = coalesce($3, r.wave) then r.step_since else now() end
         from former where r.id = former.id
         returning r.id, r.waves[r.wave + 1] as wave, r.phase,
           former.step <> $2 or former.wave <> r.wave or former.waits_for is distinct from $5 as is_new)
       insert into schema_rollout_events (rollout_id, event, detail)
       select id, $2, jsonb_strip_nulls(jsonb_build_object('phase', phase, 'wave', wave, 'waitsFor', $5::text, 'failed', $6::jsonb))
       from changed where is_new`,
      [
        ...[id, step, set.wave, set.phase, set.waitsFor],
        set.failed ? JSON.stringify(set.failed) : null,
        ended,
      ],
    );
  }

  /** Since when only processes of the new version run; null: an older one was seen. @returns it */
  async setOnlyNew(id: string, isSo: boolean): Promise<Date | null> {
    const { rows } = await this.pool.query<{ since: Date | null }>(
      `update schema_rollouts set only_new_since = case when $2 then coalesce(only_new_since, now()) end
       where id = $1 returning only_new_since as since`,
      [id, isSo],
    );
    return rows[0]?.since ?? null;
  }
}
