// Makes and takes up what keeps the homes current with each other: publications, slots, change logs.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { objectName } from '../control/clean-up';
import type { MoveContext } from '../control/open-move';
import { Rest } from '../control/pacer';
import { oldestTransaction, sayWaiting } from '../control/waits-for';
import { holderOf, reserveFence } from '../cutover/fence';
import type { MovedTable } from '../plan/tables';
import type { ApplierOptions } from './applier';
import { ChangeLogFollower, keepChangeLog } from './change-log';
import { MARKER, slotTooLate } from './change-stream';
import { publishTable } from './publication';
import { type Follower, StreamFollower } from './replicator';

const DEFAULT_SLOT_TIMEOUT_MS = 60_000;

/** The held fence of the new home, and the publication or change log of the old. Each is recorded before it is made. */
export async function prepareWayOut({ move, store, from, to, tables, hooks }: MoveContext): Promise<void> {
  await hooks('record_fence');
  for (const kind of ['rows', 'progress', 'fence'] as const) {
    await store.recordObject(move, { kind, dataSource: to.dataSourceId, name: to.tenantId });
  }
  await store.recordObject(move, { kind: 'progress', dataSource: from.dataSourceId, name: from.tenantId });
  await hooks('hold_new_fence');
  await reserveFence(to.client, to.tenantId, holderOf(move));
  if (move.mode === 'offline') return;
  await hooks('create_publication');
  const name = objectName(move.id, 'out');
  await makeSource({ move, store }, from, tables.from, name);
}

/** The same at the new home, and its slot: before it is opened, so that no change of it is missed. */
export async function prepareWayBack(context: MoveContext): Promise<void> {
  const { move, store, to, tables, hooks } = context;
  await hooks('create_way_back');
  const name = objectName(move.id, 'back');
  await makeSource({ move, store }, to, tables.to, name);
  if (move.mode !== 'logical') return;
  await store.recordObject(move, { kind: 'slot', dataSource: to.dataSourceId, name });
  const { rows } = await to.client.query('select from pg_replication_slots where slot_name = $1', [name]);
  if (rows.length > 0) return;
  await to.client.query(`set statement_timeout = ${slotTimeoutMs(context)}`);
  try {
    const making = to.client.query(`select pg_create_logical_replication_slot($1, 'pgoutput')`, [name]);
    await sayWaiting(context, () => oldestTransaction(to), making);
  } catch (error) {
    throw error instanceof pg.DatabaseError && error.code === '57014' ? slotTooLate(error) : error;
  } finally {
    await to.client.query('set statement_timeout = 0').catch(() => {});
  }
}

export function slotTimeoutMs({ move }: Pick<MoveContext, 'move'>): number {
  return move.options.slotTimeoutMs ?? DEFAULT_SLOT_TIMEOUT_MS;
}

async function makeSource(
  { move, store }: Pick<MoveContext, 'move' | 'store'>,
  { client, dataSourceId, name: home, tenantId }: MoveContext['from'],
  tables: readonly MovedTable[],
  name: string,
): Promise<void> {
  const kind = move.mode === 'logical' ? 'publication' : 'change_log';
  await store.recordObject(move, { kind, dataSource: dataSourceId, name });
  const rest = new Rest(move);
  for (const { oid, name: table } of tables) {
    const made =
      kind === 'publication'
        ? publishTable(client, { name, tenantId, oid })
        : keepChangeLog(client, { name, moveId: move.id, tenantId, oid });
    await sayWaiting({ move, store }, async () => `a lock on ${table} in ${home}`, made);
    await rest.take();
  }
}

/** Keeps the new home current with the old, from the recorded position on. */
export function followOut(context: MoveContext, from = 0n): Promise<Follower> {
  return follow(context, 'out', from, false);
}

/** Keeps the old home current with the new, or, before the cut-over, only watches. */
export function followBack(context: MoveContext, watchOnly: boolean): Promise<Follower> {
  return follow(context, 'back', 0n, watchOnly);
}

async function follow(
  context: MoveContext,
  direction: 'out' | 'back',
  at: bigint,
  watchOnly: boolean,
): Promise<Follower> {
  const { move, changed, hooks } = context;
  const [read, tables] =
    direction === 'out' ? [context.from, context.tables.from] : [context.to, context.tables.to];
  const applier = await applierOptions(context, direction);
  const publication = objectName(move.id, direction);
  const [slot = publication] = direction === 'out' ? await recordedSlots(context) : [];
  const follower =
    move.mode === 'logical'
      ? new StreamFollower({
          stream: { url: read.url, moveId: move.id, slot, publication, tables, echo: echoOf(context) },
          ...{ applier, changed, watchOnly, hooks },
        })
      : new ChangeLogFollower({
          reader: await read.connect(),
          ...{ tenantId: read.tenantId, moveId: move.id, tables, applier, changed, hooks },
        });
  await follower.start(at);
  return follower;
}

/** A connection of its own to the home that is written to, which the follower ends. */
export async function applierOptions(
  context: MoveContext,
  direction: 'out' | 'back',
): Promise<ApplierOptions> {
  const { move, from, to, tables } = context;
  const [written, writtenTables, sourceTables] =
    direction === 'out' ? [to, tables.to, tables.from] : [from, tables.from, tables.to];
  return {
    client: await written.connect(),
    ...{
      moveId: move.id,
      stream: direction,
      tables: writtenTables,
      tenantId: written.tenantId,
      sourceTables,
      echo: echoOf(context),
    },
  };
}

/** The same in every attempt at the move, and known to nobody else: a tenant's SQL must not pass its changes off as the move's own. */
export function echoOf({ dependencies, move }: Pick<MoveContext, 'dependencies' | 'move'>): string {
  return dependencies.sign(`changes written by move ${move.id}`);
}

/** Slots of the way out, the one that counts first. */
export async function recordedSlots({ move, store, from }: MoveContext): Promise<string[]> {
  const objects = await store.objects(move.id);
  return objects
    .filter(
      ({ kind, dataSource, name }) =>
        kind === 'slot' && dataSource === from.dataSourceId && name.includes('_out'),
    )
    .map(({ name }) => name);
}

/** Waits until a follower has come as far as the home it reads is now. @throws MovementError `move_pause_limit` */
export async function passMarker(
  { client }: Pick<MoveContext['from'], 'client'>,
  follower: Follower,
  timeoutMs: number,
): Promise<void> {
  const marker = randomUUID();
  const sql = follower.markerSql(marker);
  if (sql) await client.query(sql.replace(/^; /, ''));
  await follower.drainTo(marker, timeoutMs);
}

/** The table of a change that somebody else made at the new home before it was opened. */
export async function rogueChange(
  { move, to }: MoveContext,
  watcher: StreamFollower | undefined,
  timeoutMs: number,
): Promise<string | undefined> {
  if (!watcher) {
    if (move.mode !== 'change_log') return undefined;
    const { rows } = await to.client.query<{ table_name: string }>(
      'select table_name from tenancy.move_log where move_id = $1 limit 1',
      [move.id],
    );
    return rows[0]?.table_name;
  }
  const marker = randomUUID();
  watcher.holdAfter(marker);
  await to.client.query(`select pg_logical_emit_message(true, '${MARKER}', '${marker}')`);
  await watcher.drainTo(marker, timeoutMs);
  return watcher.rogueChange?.table;
}
