// Reads and writes moves in the operations database. Only the current attempt of a move may change what it records.
import type pg from 'pg';
import pgModule from 'pg';
import { idTaken, MovementError } from '../errors';
import type {
  CopyRange,
  Move,
  MoveCommand,
  MoveMode,
  MoveObject,
  MoveOptions,
  MoveProgress,
  MoveStep,
  NewMove,
} from './move';

const COLUMNS = `id, tenant_id "tenantId", from_source "fromSource", to_source "toSource", from_tenant_id "fromTenantId",
  to_tenant_id "toTenantId", from_epoch::text "fromEpoch", mode, step, wanted, attempt, deciding_epoch::text "decidingEpoch", options, progress, error, certificate,
  requested_by "requestedBy", created_at "createdAt", updated_at "updatedAt", finished_at "finishedAt"`;

type Stored = Omit<Move, 'decidingEpoch' | 'fromEpoch'> &
  Record<'decidingEpoch' | 'fromEpoch', string | null>;

/** Reserves the tenant ids of the moves selected as `m`, at their sources and targets. */
const RESERVE = `insert into reserved_ids (data_source, tenant_id, move_id)
  select place.data_source, place.tenant_id, m.id
  from m cross join lateral (values (from_source, from_tenant_id), (to_source, to_tenant_id)) as place (data_source, tenant_id)`;

export class MoveStore {
  constructor(private readonly pool: pg.Pool) {}

  /**
   * Records a move and reserves the tenant's ids at its source and target until the move has ended.
   *
   * @throws MovementError `move_already_under_way`; `move_id_taken` when another move has reserved one of the ids
   */
  async create(move: NewMove): Promise<Move> {
    const { id, tenantId, fromSource, toSource, fromTenantId, toTenantId, fromEpoch, mode, options } = move;
    try {
      const { rows } = await this.pool.query<Stored>(
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
      return toMove(rows[0] as Stored);
    } catch (error) {
      if (error instanceof pgModule.DatabaseError && error.constraint === 'moves_one_of_a_tenant') {
        throw new MovementError('move_already_under_way', `The tenant ${tenantId} is being moved already.`, {
          hint: 'See: marquee move status',
        });
      }
      if (isReserved(error)) throw idTaken('is reserved by another move');
      throw error;
    }
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

  /** Newest first. */
  async list(filter: { open?: boolean; tenantId?: string; ids?: readonly string[] } = {}): Promise<Move[]> {
    const { rows } = await this.pool.query<Stored>(
      `select ${COLUMNS} from moves where (not $1 or finished_at is null) and ($2::uuid is null or tenant_id = $2)
         and ($3::uuid[] is null or id = any ($3))
       order by created_at desc limit 500`,
      [filter.open ?? false, filter.tenantId ?? null, filter.ids ?? null],
    );
    return rows.map(toMove);
  }

  /**
   * Begins the next attempt: earlier ones can neither change the route nor open a fence from now on.
   *
   * @returns undefined when the move has ended
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
    if (rows.length < 2) throw idTaken('is reserved by another move');
  }

  /** Records a failed cut-over in one statement: the step that follows, the error, and what the operator is taken to want now. */
  async giveUp(
    move: Move,
    step: MoveStep,
    error: NonNullable<Move['error']>,
    wanted: MoveCommand,
  ): Promise<void> {
    await this.#own(
      move,
      `with changed as (update moves set step = $3, error = $4, wanted = $5, updated_at = now()
         where id = $1 and attempt = $2 returning id)
       insert into move_events (move_id, step, detail) select id, $3, $6 from changed`,
      [step, JSON.stringify(error), wanted, JSON.stringify({ givenUp: error.code })],
    );
    move.step = step;
  }

  async setStep(move: Move, step: MoveStep, detail: Record<string, unknown> = {}): Promise<void> {
    const finished = step === 'completed' || step === 'aborted' || step === 'rolled_back';
    await this.#own(
      move,
      `with changed as (update moves set step = $3, updated_at = now(), finished_at = case when $5 then now() end
         where id = $1 and attempt = $2 returning id),
       released as (delete from reserved_ids r using changed where $5 and r.move_id = changed.id)
       insert into move_events (move_id, step, detail) select id, $3, $4 from changed`,
      [step, JSON.stringify(detail), finished],
    );
    move.step = step;
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

  /** Merges options; a running move reads them when it next needs them. */
  async setOptions(id: string, options: MoveOptions): Promise<void> {
    await this.pool.query('update moves set options = options || $2 where id = $1', [
      id,
      JSON.stringify(options),
    ]);
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

  /** Records why this attempt ended; does nothing once another has taken the move over. */
  async setError(move: Move, error: Move['error']): Promise<void> {
    await this.pool.query(
      'update moves set error = $3, updated_at = now() where id = $1 and attempt = $2 and finished_at is null',
      [move.id, move.attempt, JSON.stringify(error)],
    );
  }

  /** Records what the operator asks for; the process that runs the move reads it within a second. */
  async want(id: string, wanted: MoveCommand): Promise<void> {
    await this.pool.query(
      'update moves set wanted = $2, updated_at = now() where id = $1 and finished_at is null',
      [id, wanted],
    );
  }

  async wanted(id: string): Promise<MoveCommand> {
    const { rows } = await this.pool.query<{ wanted: MoveCommand }>(
      'select wanted from moves where id = $1',
      [id],
    );
    return rows[0]?.wanted ?? 'abort';
  }

  /** Call before the object is created, so that a crash leaves nothing unrecorded. */
  async recordObject(move: Move, { kind, dataSource, name }: MoveObject): Promise<void> {
    await this.#own(
      move,
      `insert into move_objects (move_id, kind, data_source, name)
         select id, $3, $4, $5 from moves where id = $1 and attempt = $2
       on conflict (move_id, kind, data_source, name) do update set removed_at = null, recorded_at = now()`,
      [kind, dataSource, name],
    );
  }

  /** Call after the object was removed, or when it is to stay. */
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

  async events(id: string): Promise<{ at: Date; step: MoveStep; detail: Record<string, unknown> }[]> {
    const { rows } = await this.pool.query(
      'select at, step, detail from move_events where move_id = $1 order by seq',
      [id],
    );
    return rows;
  }

  /** @throws MovementError `move_taken_over` unless this attempt is the current one */
  async #own(move: Move, text: string, values: unknown[]): Promise<void> {
    const { rowCount } = await this.pool.query(text, [move.id, move.attempt, ...values]);
    if (rowCount === 1) return;
    throw new MovementError('move_taken_over', 'Another process has taken this move over.');
  }
}

function isReserved(error: unknown): boolean {
  return error instanceof pgModule.DatabaseError && error.constraint === 'reserved_ids_pkey';
}

function toMove(row: Stored): Move {
  const epoch = (text: string | null) => (text === null ? null : BigInt(text));
  return { ...row, decidingEpoch: epoch(row.decidingEpoch), fromEpoch: epoch(row.fromEpoch) };
}
