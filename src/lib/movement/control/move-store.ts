// Reads and writes moves in the operations database. Only the current attempt of a move may change what it records.
import type pg from 'pg';
import pgModule from 'pg';
import { mayBeginMove, withTransaction } from '@/lib/operations';
import { idTaken, MovementError } from '../errors';
import type {
  CopiedTable,
  CopyRange,
  Move,
  MoveCommand,
  MoveEvent,
  MoveMode,
  MoveObject,
  MoveOptions,
  MoveProgress,
  MoveStep,
  NewMove,
} from './move';
import { refusalText } from './refusal-words';

const COLUMNS = `id, tenant_id "tenantId", from_source "fromSource", to_source "toSource", from_tenant_id "fromTenantId",
  to_tenant_id "toTenantId", from_epoch::text "fromEpoch", mode, step, wanted, attempt, deciding_epoch::text "decidingEpoch", options, progress, error, certificate,
  requested_by "requestedBy", created_at "createdAt", updated_at "updatedAt", finished_at "finishedAt"`;

type Stored = Omit<Move, 'decidingEpoch' | 'fromEpoch'> &
  Record<'decidingEpoch' | 'fromEpoch', string | null>;

/** Reserves the tenant ids of the moves selected as `m`, at their sources and targets. */
const RESERVE = `insert into reserved_ids (data_source, tenant_id, move_id)
  select place.data_source, place.tenant_id, m.id
  from m cross join lateral (values (from_source, from_tenant_id), (to_source, to_tenant_id)) as place (data_source, tenant_id)`;

/**
 * Refuses data sources that a schema rollout is migrating. A rollout takes the same lock before it migrates a database, and skips databases
 * that moves use.
 *
 * @throws MovementError `move_not_possible`
 */
async function refuseWhileMigrated(client: pg.ClientBase, sources: readonly string[]): Promise<void> {
  await client.query("select pg_advisory_xact_lock(hashtextextended('moves and schema rollouts', 0))");
  const { rows } = await client.query<{ name: string }>(
    `select d.name from schema_rollout_sources s join schema_rollouts r on r.id = s.rollout_id
       join data_sources d on d.id = s.data_source_id
     where r.finished_at is null and s.state = 'running' and s.data_source_id::text = any ($1)`,
    [sources],
  );
  if (!rows[0]) return;
  throw new MovementError('move_not_possible', refusalText('migrating', { source: rows[0].name }), {
    hint: 'Start the move again in a minute. See: marquee migrate status',
  });
}

export interface MoveFilter {
  open?: boolean | undefined;
  tenantId?: string | undefined;
  ids?: readonly string[] | undefined;
  before?: string | undefined;
  limit?: number | undefined;
}

export class MoveStore {
  constructor(private readonly pool: pg.Pool) {}

  /**
   * Records a move and reserves the tenant's ids at its source and target until the move has ended.
   *
   * @throws MovementError `move_already_under_way`; `move_id_taken` when another move has reserved one of the ids; `move_not_possible`
   *   while the tenant's rows are restored or removed, or a schema is migrated
   */
  async create(move: NewMove): Promise<Move> {
    const { id, tenantId, fromSource, toSource, fromTenantId, toTenantId, fromEpoch, mode, options } = move;
    try {
      const { rows } = await withTransaction(this.pool, async (client) => {
        if (!(await mayBeginMove(client, tenantId))) throw rowsTaken();
        await refuseWhileMigrated(client, [fromSource, toSource]);
        return client.query<Stored>(
          `with m as (
           insert into moves (tenant_id, from_source, to_source, from_tenant_id, to_tenant_id, mode, options, requested_by, id, from_epoch)
           values ($1, $2, $3, $4, $5, $6, $7, $8, coalesce($9, gen_random_uuid()), $10) returning *),
         reserved as (${RESERVE})
         select ${COLUMNS} from m`,
          [
            tenantId,
            fromSource,
            toSource,
            fromTenantId,
            toTenantId,
            mode,
            JSON.stringify(options),
            move.requestedBy,
            id,
            fromEpoch === undefined ? null : String(fromEpoch),
          ],
        );
      });
      return toMove(rows[0] as Stored);
    } catch (error) {
      if (error instanceof pgModule.DatabaseError && error.constraint === 'moves_one_of_a_tenant') {
        await this.refuseOpen(tenantId);
        throw underWay();
      }
      if (isReserved(error)) throw idTaken(refusalText('id_reserved'));
      throw error;
    }
  }

  /** @throws MovementError `move_already_under_way` where the tenant is being moved */
  async refuseOpen(tenantId: string): Promise<void> {
    const [open] = await this.list({ open: true, tenantId, limit: 1 });
    if (open) throw underWay(open.requestedBy);
  }

  /** @throws MovementError `move_unknown` */
  async get(id: string): Promise<Move> {
    const { rows } = await this.pool.query<Stored>(`select ${COLUMNS} from moves where id::text = $1`, [id]);
    const [row] = rows;
    if (row) return toMove(row);
    throw new MovementError('move_unknown', 'There is no such move.', {
      hint: 'List them with: marquee move status',
    });
  }

  /** Lists moves, newest first: at most 500, or all of `ids`. @param filter.before id of a move: only older ones are listed */
  async list(filter: MoveFilter = {}): Promise<Move[]> {
    const { open = false, tenantId, ids, before, limit = ids?.length ?? 500 } = filter;
    const { rows } = await this.pool.query<Stored>(
      `select ${COLUMNS} from moves where (not $1 or finished_at is null) and ($2::uuid is null or tenant_id = $2)
         and ($3::uuid[] is null or id = any ($3))
         and ($4::uuid is null or (created_at, id) < (select m.created_at, m.id from moves m where m.id = $4))
       order by created_at desc, id desc limit $5`,
      [open, tenantId ?? null, ids ?? null, before ?? null, limit],
    );
    return rows.map(toMove);
  }

  /**
   * Begins the next attempt. From now on, earlier attempts can neither change the route nor open a fence.
   *
   * @returns undefined if the move has ended
   */
  async takeOver(id: string): Promise<Move | undefined> {
    const { rows } = await this.pool.query<Stored>(
      `update moves set attempt = attempt + 1, error = null, updated_at = now(),
         progress = case step when 'catching_up' then progress - 'verifiedAt' else progress end
       where id = $1 and finished_at is null returning ${COLUMNS}`,
      [id],
    );
    return rows[0] && toMove(rows[0]);
  }

  /** Reserves the ids of a move that was recorded before ids were reserved. @throws MovementError `move_id_taken` */
  async reserve(move: Move): Promise<void> {
    await this.pool.query(`with m as (select * from moves where id = $1) ${RESERVE} on conflict do nothing`, [
      move.id,
    ]);
    const { rows } = await this.pool.query('select from reserved_ids where move_id = $1', [move.id]);
    if (rows.length < 2) throw idTaken(refusalText('id_reserved'));
  }

  /**
   * Records in one statement that a command could not be carried out: the step that follows and the error.
   *
   * @param takenBack the commands that are taken back; one that the operator gave meanwhile stays
   */
  async giveUp(
    move: Move,
    step: MoveStep,
    error: NonNullable<Move['error']>,
    takenBack: readonly MoveCommand[],
  ): Promise<void> {
    await this.#own(
      move,
      `with changed as (update moves set step = $3, error = $4, updated_at = now(),
           wanted = case when wanted = any ($5) then 'run' else wanted end
         where id = $1 and attempt = $2 returning id)
       insert into move_events (move_id, step, detail) select id, $3, $6 from changed`,
      [step, JSON.stringify(error), takenBack, JSON.stringify({ givenUp: error.code })],
    );
    move.step = step;
  }

  async setStep(move: Move, step: MoveStep, detail: Record<string, unknown> = {}): Promise<void> {
    if (!(await this.#setStep(move, step, detail))) throw takenOver();
  }

  /**
   * Records a step that carries a command out.
   *
   * @returns false where something else than `wanted` is wanted by now: the step stays as it was
   */
  async setStepFor(
    move: Move,
    step: MoveStep,
    wanted: readonly MoveCommand[],
    detail: Record<string, unknown> = {},
  ): Promise<boolean> {
    if (await this.#setStep(move, step, detail, wanted)) return true;
    await this.#own(move, 'select from moves where id = $1 and attempt = $2', []);
    return false;
  }

  async #setStep(
    move: Move,
    step: MoveStep,
    detail: Record<string, unknown>,
    wanted?: readonly MoveCommand[],
  ): Promise<boolean> {
    const finished = step === 'completed' || step === 'aborted' || step === 'rolled_back';
    const { rowCount } = await this.pool.query(
      `with changed as (update moves set step = $3, updated_at = now(), finished_at = case when $5 then now() end
         where id = $1 and attempt = $2 and ($6::text[] is null or wanted = any ($6)) returning id),
       released as (delete from reserved_ids r using changed where $5 and r.move_id = changed.id)
       insert into move_events (move_id, step, detail) select id, $3, $4 from changed`,
      [move.id, move.attempt, step, JSON.stringify(detail), finished, wanted],
    );
    if (rowCount !== 1) return false;
    move.step = step;
    return true;
  }

  /**
   * Records that the route change for an epoch is about to be sent, if this attempt is still the current one.
   *
   * @param fenceLsn WAL position at which the source's fence was closed
   */
  async recordDecision(move: Move, epoch: bigint, fenceLsn: string): Promise<void> {
    await this.#own(
      move,
      'update moves set deciding_epoch = $3, progress = progress || $4 where id = $1 and attempt = $2',
      [String(epoch), JSON.stringify({ fenceLsn })],
    );
    move.decidingEpoch = epoch;
    move.progress.fenceLsn = fenceLsn;
  }

  async setMode(move: Move, mode: MoveMode): Promise<void> {
    await this.#own(move, 'update moves set mode = $3 where id = $1 and attempt = $2', [mode]);
    move.mode = mode;
  }

  async addProgress(move: Move, progress: MoveProgress): Promise<void> {
    Object.assign(move.progress, progress);
    await this.#own(
      move,
      'update moves set progress = progress || $3, updated_at = now() where id = $1 and attempt = $2',
      [JSON.stringify(progress)],
    );
  }

  async setCertificate(move: Move, certificate: Record<string, unknown>): Promise<void> {
    await this.#own(move, 'update moves set certificate = $3 where id = $1 and attempt = $2', [
      JSON.stringify(certificate),
    ]);
    move.certificate = certificate;
  }

  /** Records why this attempt ended. Does nothing if another attempt has taken the move over. */
  async setError(move: Move, error: Move['error']): Promise<void> {
    await this.pool.query(
      'update moves set error = $3, updated_at = now() where id = $1 and attempt = $2 and finished_at is null',
      [move.id, move.attempt, JSON.stringify(error)],
    );
  }

  /**
   * Records the operator's command. The process that runs the move reads it within a second.
   *
   * @param instead the commands that it may replace, so that a command that the operator gives meanwhile is not lost
   */
  async want(id: string, wanted: MoveCommand, instead?: readonly MoveCommand[]): Promise<void> {
    await this.pool.query(
      `update moves set wanted = $2, updated_at = now()
       where id = $1 and finished_at is null and ($3::text[] is null or wanted = any ($3))`,
      [id, wanted, instead],
    );
  }

  /**
   * As `want`, and records the command among the move's events.
   *
   * @param given.at the steps at which it has a meaning
   * @param given.options what the command decides besides, recorded with it
   * @returns false where the move has ended or is at another step, or something else than `instead` is wanted
   */
  async command(
    move: Move,
    wanted: MoveCommand,
    given: {
      by: string;
      at: readonly MoveStep[];
      instead?: readonly MoveCommand[] | undefined;
      options?: MoveOptions;
    },
  ): Promise<boolean> {
    const { by, at, instead, options = {} } = given;
    const { rowCount } = await this.pool.query(
      `with changed as (update moves set wanted = $2, options = options || $6, updated_at = now()
         where id = $1 and finished_at is null and step = any ($5) and ($3::text[] is null or wanted = any ($3)) returning id, step)
       insert into move_events (move_id, step, detail) select id, step, $4 from changed`,
      [move.id, wanted, instead, JSON.stringify({ command: wanted, by }), at, JSON.stringify(options)],
    );
    return rowCount === 1;
  }

  /** The operator's latest command and who gave it: `user:<id>`, `cli:<user>@<host>`. */
  async lastCommand(id: string): Promise<{ command: MoveCommand; by: string } | undefined> {
    const { rows } = await this.pool.query<{ command: MoveCommand; by: string }>(
      `select detail ->> 'command' as command, detail ->> 'by' as by from move_events
       where move_id = $1 and detail ? 'command' order by seq desc limit 1`,
      [id],
    );
    return rows[0];
  }

  async wanted(id: string): Promise<MoveCommand> {
    const { rows } = await this.pool.query<{ wanted: MoveCommand }>(
      'select wanted from moves where id = $1',
      [id],
    );
    return rows[0]?.wanted ?? 'abort';
  }

  /** Records an object. Call it before the object is created, so that a crash leaves no unrecorded object. */
  async recordObject(move: Move, { kind, dataSource, name }: MoveObject): Promise<void> {
    await this.#own(
      move,
      `insert into move_objects (move_id, kind, data_source, name)
         select id, $3, $4, $5 from moves where id = $1 and attempt = $2
       on conflict (move_id, kind, data_source, name) do update set removed_at = null, recorded_at = now()`,
      [kind, dataSource, name],
    );
  }

  /** Removes the record of an object. Call it after the object was removed, or if it is to remain. */
  async forgetObject(move: Move, { kind, dataSource, name }: MoveObject): Promise<void> {
    await this.pool.query(
      `update move_objects set removed_at = now() where move_id = $1 and kind = $2 and data_source = $3 and name = $4`,
      [move.id, kind, dataSource, name],
    );
  }

  async objects(id: string): Promise<MoveObject[]> {
    const { rows } = await this.pool.query<MoveObject>(
      `select kind, data_source "dataSource", name from move_objects where move_id = $1 and removed_at is null order by recorded_at`,
      [id],
    );
    return rows;
  }

  async ranges(id: string): Promise<CopyRange[]> {
    const { rows } = await this.pool.query<CopyRange & { rows: string; bytes: string }>(
      `select table_name "table", place, after_key "afterKey", up_to_key "upToKey", rows::float8, bytes::float8, done
       from move_ranges where move_id = $1 order by table_name, place`,
      [id],
    );
    return rows;
  }

  async planRanges(move: Move, ranges: readonly CopyRange[]): Promise<void> {
    await this.pool.query(
      `insert into move_ranges (move_id, table_name, place, after_key, up_to_key)
       select $1, t, p, a, u from unnest($2::text[], $3::int[], $4::text[], $5::text[]) as r (t, p, a, u) on conflict do nothing`,
      [
        move.id,
        ...(['table', 'place', 'afterKey', 'upToKey'] as const).map((name) =>
          ranges.map((range) => range[name]),
        ),
      ],
    );
  }

  async finishRange(move: Move, range: CopyRange): Promise<void> {
    await this.#own(
      move,
      `update move_ranges r set done = true, rows = $5, bytes = $6 from moves m
       where m.id = $1 and m.attempt = $2 and r.move_id = m.id and r.table_name = $3 and r.place = $4`,
      [range.table, range.place, range.rows, range.bytes],
    );
  }

  async forgetRanges(move: Move): Promise<void> {
    await this.pool.query(
      'delete from move_ranges r using moves m where r.move_id = m.id and m.id = $1 and m.attempt = $2',
      [move.id, move.attempt],
    );
  }

  /** The latest events, the oldest of them first. @param last number of events */
  async events(id: string, last = 1_000): Promise<MoveEvent[]> {
    const { rows } = await this.pool.query<MoveEvent>(
      `select at, step, detail from (select * from move_events where move_id = $1 order by seq desc limit $2) e order by seq`,
      [id, last],
    );
    return rows;
  }

  /** The progress of the copy by table, in the order of names. */
  async copied(id: string): Promise<CopiedTable[]> {
    const { rows } = await this.pool.query<CopiedTable>(
      `select table_name "table", count(*)::int as ranges, count(*) filter (where done)::int as done,
         sum(rows)::float8 as rows, sum(bytes)::float8 as bytes
       from move_ranges where move_id = $1 group by table_name order by table_name`,
      [id],
    );
    return rows;
  }

  /** @throws MovementError `move_taken_over` unless this attempt is the current one */
  async #own(move: Move, text: string, values: unknown[]): Promise<void> {
    const { rowCount } = await this.pool.query(text, [move.id, move.attempt, ...values]);
    if (rowCount !== 1) throw takenOver();
  }
}

function takenOver(): MovementError {
  return new MovementError('move_taken_over', 'Another process has taken this move over.');
}

function underWay(by?: string): MovementError {
  return new MovementError(
    'move_already_under_way',
    by ? refusalText('under_way_by', { by }) : refusalText('under_way'),
    { hint: 'See: marquee move status' },
  );
}

function rowsTaken(): MovementError {
  return new MovementError('move_not_possible', refusalText('rows_taken'), {
    hint: 'Start the move when that has ended: marquee backup list TENANT',
  });
}

function isReserved(error: unknown): boolean {
  return error instanceof pgModule.DatabaseError && error.constraint === 'reserved_ids_pkey';
}

function toMove(row: Stored): Move {
  const epoch = (text: string | null) => (text === null ? null : BigInt(text));
  return { ...row, decidingEpoch: epoch(row.decidingEpoch), fromEpoch: epoch(row.fromEpoch) };
}
