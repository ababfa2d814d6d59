// Records a new move, or says why it cannot begin.
import type pg from 'pg';
import pgModule from 'pg';
import { MOVES_AND_SCHEMAS, mayBeginMove, OperationsError, withTransaction } from '@/lib/operations';
import { idTaken, MovementError } from '../errors';
import type { Move, NewMove } from './move';
import { COLUMNS, type StoredMove, toMove } from './move-row';
import { refusalText } from './refusal-words';

export type MovePlaces = Pick<Move, 'tenantId' | 'fromSource' | 'toSource'>;

/** Reserves the tenant ids of the moves selected as `m`, at their sources and targets. */
export const RESERVE = `insert into reserved_ids (data_source, tenant_id, move_id)
  select place.data_source, place.tenant_id, m.id
  from m cross join lateral (values (from_source, from_tenant_id), (to_source, to_tenant_id)) as place (data_source, tenant_id)`;

/**
 * Records a move and reserves the tenant's ids at its source and target until the move has ended.
 *
 * @throws MovementError `move_already_under_way`; `move_id_taken` when another move has reserved one of the ids; `move_not_possible`
 *   while the tenant's rows are restored or removed, or a schema is migrated
 */
export async function recordMove(pool: pg.Pool, move: NewMove): Promise<Move> {
  const { id, tenantId, fromSource, toSource, fromTenantId, toTenantId, fromEpoch, mode, options } = move;
  try {
    const { rows } = await withTransaction(pool, async (client) => {
      await refuseForNow(client, move);
      return client.query<StoredMove>(
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
    return toMove(rows[0] as StoredMove);
  } catch (error) {
    if (error instanceof pgModule.DatabaseError && error.constraint === 'moves_one_of_a_tenant') {
      await refuseOpen(pool, tenantId);
      throw underWay();
    }
    if (isReserved(error)) throw idTaken(refusalText('id_reserved'));
    throw error;
  }
}

/** @throws MovementError `move_already_under_way` where the tenant is being moved */
export async function refuseOpen(pool: pg.Pool, tenantId: string): Promise<void> {
  const { rows } = await pool.query<{ requestedBy: string }>(
    'select requested_by "requestedBy" from moves where tenant_id = $1 and finished_at is null',
    [tenantId],
  );
  if (rows[0]) throw underWay(rows[0].requestedBy);
}

/**
 * Refuses a tenant whose rows are restored or removed, and data sources that a schema rollout is migrating. A rollout takes the same lock
 * before it migrates a database, and skips databases that moves use.
 *
 * @throws MovementError `move_not_possible`, with the time after which to try again; OperationsError `data_source_unknown`
 */
export async function refuseForNow(
  client: pg.ClientBase,
  { tenantId, fromSource, toSource }: MovePlaces,
): Promise<void> {
  if (!(await mayBeginMove(client, tenantId))) throw rowsTaken();
  await client.query(MOVES_AND_SCHEMAS);
  const { rows: there } = await client.query('select from data_sources where id::text = any ($1)', [
    [fromSource, toSource],
  ]);
  if (there.length < new Set([fromSource, toSource]).size)
    throw new OperationsError('data_source_unknown', 'A data source of this move was removed a moment ago.');
  const { rows } = await client.query<{ name: string }>(
    `select d.name from schema_rollout_sources s join schema_rollouts r on r.id = s.rollout_id
       join data_sources d on d.id = s.data_source_id
     where r.finished_at is null and s.state = 'running' and s.data_source_id::text = any ($1)`,
    [[fromSource, toSource]],
  );
  if (!rows[0]) return;
  throw new MovementError('move_not_possible', refusalText('migrating', { source: rows[0].name }), {
    hint: 'Start the move again in a minute. See: marquee migrate status',
    retryAfterSeconds: 60,
  });
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
    retryAfterSeconds: 60,
  });
}

function isReserved(error: unknown): boolean {
  return error instanceof pgModule.DatabaseError && error.constraint === 'reserved_ids_pkey';
}
