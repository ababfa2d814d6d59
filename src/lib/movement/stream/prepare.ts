// Creates the objects that replication needs in both databases. Each object is recorded before it is created.

import pg from 'pg';
import type { TenantTable } from '@/lib/tenant-data/rows';
import type { OpenEndpoint } from '../control/endpoints';
import { type MoveObjectKind, objectName } from '../control/move';
import type { MoveContext } from '../control/move-context';
import { Pacer } from '../control/pacer';
import { waitText } from '../control/wait-words';
import { oldestTransaction, reportWait } from '../control/waits-for';
import { holderOf, reserveFence } from '../cutover/fence';
import { keepChangeLog } from './change-log';
import { publishTable } from './publication';
import { dropSlot, isKept, slotTooLate } from './slots';

const DEFAULT_SLOT_TIMEOUT_MS = 60_000;

/** Reserves the target's fence, and creates the source's publication or change log. The copy creates the slot. */
export async function prepareForward(context: MoveContext): Promise<void> {
  const { move, store, source, target, tables, hooks } = context;
  await hooks('record_fence');
  for (const kind of ['rows', 'progress', 'fence'] as const)
    await record(context, target, kind, target.tenantId);
  await record(context, source, 'progress', source.tenantId);
  await hooks('hold_target_fence');
  await reserveFence(target.client, target.tenantId, holderOf(move));
  if (move.mode === 'offline') return;
  await hooks('create_publication');
  await captureChanges({ move, store }, source, tables.source, objectName(move.id, 'forward'));
}

/** Creates the target's publication or change log, and its slot, before its fence opens, so that no change of it is missed. */
export async function prepareReverse(context: MoveContext): Promise<void> {
  const { move, store, target, tables, hooks } = context;
  await hooks('create_reverse_replication');
  const name = objectName(move.id, 'reverse');
  await captureChanges({ move, store }, target, tables.target, name);
  if (move.mode !== 'logical') return;
  await record(context, target, 'slot', name);
  if (await isKept(target, name)) return;
  // One that has lost its place shows nothing any more. What it would have shown is found by the comparison that follows.
  await dropSlot(target.client, name);
  await target.client.query(`set statement_timeout = ${slotTimeoutMs(context)}`);
  try {
    const creating = target.client.query(`select pg_create_logical_replication_slot($1, 'pgoutput')`, [name]);
    await reportWait(context, () => oldestTransaction(target), creating);
  } catch (error) {
    throw error instanceof pg.DatabaseError && error.code === '57014' ? slotTooLate(error) : error;
  } finally {
    await target.client.query('set statement_timeout = 0').catch(() => {});
  }
}

export function slotTimeoutMs({ move }: Pick<MoveContext, 'move'>): number {
  return move.options.slotTimeoutMs ?? DEFAULT_SLOT_TIMEOUT_MS;
}

async function captureChanges(
  { move, store }: Pick<MoveContext, 'move' | 'store'>,
  endpoint: OpenEndpoint,
  tables: readonly TenantTable[],
  name: string,
): Promise<void> {
  const { client, tenantId } = endpoint;
  const kind = move.mode === 'logical' ? 'publication' : 'change_log';
  await record({ move, store }, endpoint, kind, name);
  const pause = Pacer.forBackground(move).flow();
  for (const { oid, name: table } of tables) {
    const creating =
      kind === 'publication'
        ? publishTable(client, { name, tenantId, oid })
        : keepChangeLog(client, { name, moveId: move.id, tenantId, oid });
    await reportWait(
      { move, store },
      async () => waitText('lock', { table, source: endpoint.name }),
      creating,
    );
    await pause();
  }
}

function record(
  { move, store }: Pick<MoveContext, 'move' | 'store'>,
  { dataSourceId }: OpenEndpoint,
  kind: MoveObjectKind,
  name: string,
): Promise<void> {
  return store.objects.record(move, { kind, dataSource: dataSourceId, name });
}
