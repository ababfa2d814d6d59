// Reads and writes moves in the operations database. Only the current attempt of a move may change what it records.
import type pg from 'pg';
import { withTransaction } from '@/lib/operations';
import { idTaken, MovementError } from '../errors';
import { CopyRanges } from './copy-ranges';
import type {
  Move,
  MoveCommand,
  MoveEvent,
  MoveMode,
  MoveOptions,
  MoveProgress,
  MoveStep,
  NewMove,
} from './move';
import { MoveObjects } from './move-objects';
import { asCurrentAttempt, COLUMNS, type StoredMove, takenOver, toMove } from './move-row';
import { type MovePlaces, RESERVE, recordMove, refuseForNow, refuseOpen } from './record-move';
import { refusalText } from './refusal-words';

export interface MoveFilter {
  open?: boolean | undefined;
  tenantId?: string | undefined;
  ids?: readonly string[] | undefined;
  before?: string | undefined;
  limit?: number | undefined;
}

/** The recorded moves. */
export class MoveStore {
  readonly objects: MoveObjects;
  readonly ranges: CopyRanges;

  constructor(private readonly pool: pg.Pool) {
    this.objects = new MoveObjects(pool);
    this.ranges = new CopyRanges(pool);
  }

  /** Records a move: see `recordMove`. */
  create(move: NewMove): Promise<Move> {
    return recordMove(this.pool, move);
  }

  /** Refuses early what `create` would refuse now, and may accept later. @throws MovementError `move_not_possible` */
  refuseForNow(move: MovePlaces): Promise<void> {
    return withTransaction(this.pool, (client) => refuseForNow(client, move));
  }

  /** @throws MovementError `move_already_under_way` where the tenant is being moved */
  refuseOpen(tenantId: string): Promise<void> {
    return refuseOpen(this.pool, tenantId);
  }

  /** @throws MovementError `move_unknown` */
  async get(id: string): Promise<Move> {
    const { rows } = await this.pool.query<StoredMove>(`select ${COLUMNS} from moves where id::text = $1`, [
      id,
    ]);
    const [row] = rows;
    if (row) return toMove(row);
    throw new MovementError('move_unknown', 'There is no such move.', {
      hint: 'List them with: marquee move status',
    });
  }

  /** Lists moves, newest first: at most 500, or all that are open or of `ids`. @param filter.before id of a move: only older ones are listed */
  async list(filter: MoveFilter = {}): Promise<Move[]> {
    const { open = false, tenantId, ids, before, limit = open || ids ? null : 500 } = filter;
    const { rows } = await this.pool.query<StoredMove>(
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
    const { rows } = await this.pool.query<StoredMove>(
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
   * @param takenBack the commands that are reset to `run`; another one, which the operator has given meanwhile, stays
   */
  async giveUp(
    move: Move,
    step: MoveStep,
    error: NonNullable<Move['error']>,
    takenBack: readonly MoveCommand[],
  ): Promise<void> {
    await asCurrentAttempt(
      this.pool,
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
   * @param wanted the commands that the step carries out
   * @returns false if the operator has given another command meanwhile: the step stays as it was
   */
  async setStepFor(
    move: Move,
    step: MoveStep,
    wanted: readonly MoveCommand[],
    detail: Record<string, unknown> = {},
  ): Promise<boolean> {
    if (await this.#setStep(move, step, detail, wanted)) return true;
    await asCurrentAttempt(this.pool, move, 'select from moves where id = $1 and attempt = $2', []);
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
    await asCurrentAttempt(
      this.pool,
      move,
      'update moves set deciding_epoch = $3, progress = progress || $4 where id = $1 and attempt = $2',
      [String(epoch), JSON.stringify({ fenceLsn })],
    );
    move.decidingEpoch = epoch;
    move.progress.fenceLsn = fenceLsn;
  }

  async setMode(move: Move, mode: MoveMode): Promise<void> {
    await asCurrentAttempt(this.pool, move, 'update moves set mode = $3 where id = $1 and attempt = $2', [
      mode,
    ]);
    move.mode = mode;
  }

  async addProgress(move: Move, progress: MoveProgress): Promise<void> {
    Object.assign(move.progress, progress);
    await asCurrentAttempt(
      this.pool,
      move,
      'update moves set progress = progress || $3, updated_at = now() where id = $1 and attempt = $2',
      [JSON.stringify(progress)],
    );
  }

  async setCertificate(move: Move, certificate: Record<string, unknown>): Promise<void> {
    await asCurrentAttempt(
      this.pool,
      move,
      'update moves set certificate = $3 where id = $1 and attempt = $2',
      [JSON.stringify(certificate)],
    );
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
   * As `want`, and adds the command to the events of the move.
   *
   * @param given.at the steps at which the command is possible
   * @param given.options options of the move that the command sets
   * @returns false if the move has ended or is at another step, or its command is none of `instead`
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

  /** The latest events, the oldest of them first. @param last number of events */
  async events(id: string, last = 1_000): Promise<MoveEvent[]> {
    const { rows } = await this.pool.query<MoveEvent>(
      `select at, step, detail from (select * from move_events where move_id = $1 order by seq desc limit $2) e order by seq`,
      [id, last],
    );
    return rows;
  }
}
