// The two directions of replication: forward, from source to target, and reverse.
import type { OpenEndpoint } from '../control/endpoints';
import { objectName } from '../control/move';
import type { MoveContext } from '../control/move-context';
import type { ApplierOptions } from './applier';
import { LogReplicator } from './log-replicator';
import { Marker, OriginTag } from './marker';
import type { Replicator } from './replicator';
import { StreamReplicator } from './stream-replicator';

/** Replicates from the source to the target, from the recorded position, or from `at`. */
export function startForward(context: MoveContext, at = 0n): Promise<Replicator> {
  return start(context, 'forward', at, false);
}

/** Replicates from the target to the source. With `watchOnly`, applies nothing and only looks for writes of others. */
export function startReverse(context: MoveContext, { watchOnly = false } = {}): Promise<Replicator> {
  return start(context, 'reverse', 0n, watchOnly);
}

async function start(
  context: MoveContext,
  direction: 'forward' | 'reverse',
  at: bigint,
  watchOnly: boolean,
): Promise<Replicator> {
  const { move, changed, hooks, source, target } = context;
  const [read, tables] =
    direction === 'forward' ? [source, context.tables.source] : [target, context.tables.target];
  const publication = objectName(move.id, direction);
  const [slot = publication] = direction === 'forward' ? await forwardSlots(context) : [];
  const applier = await applierOptions(context, direction);
  const replicator =
    move.mode === 'logical'
      ? new StreamReplicator({
          stream: {
            url: read.url,
            moveId: move.id,
            slot,
            publication,
            tables,
            origin: applier.origin,
          },
          ...{ applier, changed, watchOnly, hooks },
        })
      : new LogReplicator({
          reader: await read.connect(),
          ...{ tenantId: read.tenantId, moveId: move.id, tables, applier, changed, hooks },
        });
  try {
    await replicator.start(at);
    return replicator;
  } catch (error) {
    await replicator.stop();
    throw error;
  }
}

/** Options of an applier, with a new connection to the database that is written to. The replicator ends it. */
export async function applierOptions(
  context: MoveContext,
  direction: 'forward' | 'reverse',
): Promise<ApplierOptions> {
  const { move, source, target, tables } = context;
  const [written, writtenTables, readTables] =
    direction === 'forward' ? [target, tables.target, tables.source] : [source, tables.source, tables.target];
  const origin = await originOf(context);
  return {
    client: await written.connect(),
    moveId: move.id,
    stream: direction,
    tables: writtenTables,
    tenantId: written.tenantId,
    sourceTables: readTables,
    origin,
  };
}

/** The tag of the move's own transactions. It is the same in all attempts. */
export async function originOf({
  dependencies,
  move,
}: Pick<MoveContext, 'dependencies' | 'move'>): Promise<OriginTag> {
  return new OriginTag(await dependencies.signatures.secretOf(move));
}

/** Names of the recorded slots for forward replication. The first one is in use; the others were created by attempts that crashed. */
export async function forwardSlots({ move, store, source }: MoveContext): Promise<string[]> {
  const objects = await store.objects.of(move.id);
  return objects
    .filter(
      ({ kind, dataSource, name }) =>
        kind === 'slot' && dataSource === source.dataSourceId && name.includes('_forward'),
    )
    .map(({ name }) => name);
}

/** Waits until a replicator has applied everything that has been committed at `read` so far. @throws MovementError `move_pause_limit` */
export async function awaitCatchUp(
  { client }: Pick<OpenEndpoint, 'client'>,
  replicator: Replicator,
  timeoutMs: number,
): Promise<void> {
  const marker = new Marker();
  await replicator.mark(marker, client);
  await replicator.drainTo(marker, timeoutMs);
}

/** The table of a change that another client made at the target before its fence was opened. */
export async function findRogueChange(
  { move, target }: MoveContext,
  watcher: StreamReplicator | undefined,
  timeoutMs: number,
): Promise<string | undefined> {
  if (!watcher) {
    if (move.mode !== 'change_log') return undefined;
    const { rows } = await target.client.query<{ table_name: string }>(
      'select table_name from tenancy.move_log where move_id = $1 limit 1',
      [move.id],
    );
    return rows[0]?.table_name;
  }
  const marker = new Marker();
  watcher.holdAfter(marker);
  await marker.write(target.client);
  await watcher.drainTo(marker, timeoutMs);
  return watcher.rogueChange?.table;
}
