// What an operator asks of moves, besides letting them run.
import { setTimeout as sleep } from 'node:timers/promises';
import { MovementError } from '../errors';
import { type Preflight, preflight } from '../plan/preflight';
import { readTables } from '../plan/tables';
import { checkId, refuseTaken } from '../plan/target-id';
import { ChangedKeys } from '../verify/changed-keys';
import { compareHomes, settleChanged, type Verification } from '../verify/compare';
import { expectSessions, withHomes } from './endpoints';
import {
  type Move,
  type MoveMode,
  type MoveOptions,
  type MoveStep,
  MoveStore,
  type MoveWish,
} from './move-store';
import type { MoveDependencies } from './ports';

const SETTLE_EVERY_MS = 250;

export interface StartMove {
  /** The move's id; a new one when left out. */
  id?: string;
  tenantId: string;
  /** Data source to move to. */
  toSource: string;
  /** Default: logical decoding where both homes allow it, else triggers. */
  mode?: MoveMode;
  /** The tenant's id there, when it is to be another. */
  toTenantId?: string;
  options?: MoveOptions;
  /** Who asks, for the audit log and the certificate. */
  requestedBy: string;
}

/**
 * Records a move; `runMove` or a worker does it.
 *
 * @throws MovementError `move_already_under_way`, `move_not_possible` when the tenant is there already or a pooler answers for a data source, `move_id_taken` when
 *   another tenant lives there under its id, or another move has reserved it
 */
export async function startMove(dependencies: MoveDependencies, request: StartMove): Promise<Move> {
  const { id, tenantId, toSource, mode = 'logical', toTenantId, options = {}, requestedBy } = request;
  const route = await dependencies.route(tenantId);
  if (route.dataSourceId === toSource) {
    throw new MovementError('move_not_possible', 'The tenant is in this data source already.', {
      hint: 'See where tenants are: marquee tenant list',
    });
  }
  const idThere = toTenantId ?? route.tenantIdInDataSource;
  await refuseTaken(dependencies, tenantId, toSource, idThere);
  for (const source of [route.dataSourceId, toSource]) await expectSessions(await dependencies.home(source));
  const move = await new MoveStore(dependencies.operations).create({
    ...{ id, tenantId, fromSource: route.dataSourceId, toSource, fromTenantId: route.tenantIdInDataSource },
    ...{ fromEpoch: route.epoch, toTenantId: idThere, mode, options, requestedBy },
  });
  await dependencies.audit({
    ...{ tenantId, action: 'tenants.move_started', entityId: move.id, actor: requestedBy },
    details: { from: move.fromSource, to: toSource, mode },
  });
  return move;
}

const BEFORE: MoveStep[] = ['queued', 'preflight', 'preparing', 'copying', 'catching_up', 'cutting_over'];
const AFTER: MoveStep[] = ['way_back', 'rolling_back'];
/** At which steps a wish means something, and what to say elsewhere. */
const POSSIBLE: Record<MoveWish, { at: MoveStep[]; hint: string }> = {
  run: { at: [...BEFORE, ...AFTER, 'completing', 'aborting'], hint: 'Start another: marquee move start' },
  pause: { at: [...BEFORE, ...AFTER], hint: 'It is nearly over: marquee move watch' },
  cut_over: { at: BEFORE, hint: 'See where it is: marquee move status' },
  abort: { at: [...BEFORE, 'aborting'], hint: 'The tenant has moved: marquee move rollback takes it back.' },
  rollback: {
    at: AFTER,
    hint: 'Only a move that was cut over and not completed is rolled back; before: marquee move abort',
  },
  complete: { at: ['way_back', 'completing'], hint: 'First cut over: marquee move cut-over' },
};
const LIVES_THERE =
  'The tenant lives at the target, whose rows are newer than the source’s: bring the target back, from its backup if need be.';
/** What has happened already need not be asked for again. */
const FULFILLED: Partial<Record<MoveWish, MoveStep[]>> = {
  cut_over: ['way_back', 'completing', 'completed'],
  abort: ['aborted'],
  rollback: ['aborting', 'rolled_back'],
  complete: ['completed'],
};

/**
 * Says what the operator wants next; whoever works on the move does it.
 *
 * @param forget the source (when completing) or the target (when aborting) is gone for good: what the move has there is left
 * @throws MovementError `move_unknown`; `move_not_possible` where the move is at a step that has no such way on
 */
export async function requestOf(
  dependencies: MoveDependencies,
  moveId: string,
  wanted: MoveWish,
  { forget, by = 'cli' }: { forget?: 'source' | 'target' | undefined; by?: string } = {},
): Promise<Move> {
  const store = new MoveStore(dependencies.operations);
  const move = await store.get(moveId);
  if (FULFILLED[wanted]?.includes(move.step)) return move;
  const { at, hint } = POSSIBLE[wanted];
  if (!at.includes(move.step)) {
    const name = wanted.replaceAll('_', '-');
    throw new MovementError(
      'move_not_possible',
      `A move that is ${move.step.replaceAll('_', ' ')} has no ${name === 'run' ? 'resume' : name}.`,
      { hint: forget === 'target' && AFTER.includes(move.step) ? LIVES_THERE : hint },
    );
  }
  if (forget) {
    await dependencies.audit({
      ...{ tenantId: move.tenantId, action: `tenants.move_${forget}_forgotten`, entityId: moveId, actor: by },
      details: {
        dataSource: forget === 'target' ? move.toSource : move.fromSource,
        left: await store.objects(moveId),
      },
    });
    await store.setOptions(moveId, { forget });
  }
  await store.want(moveId, wanted);
  return store.get(moveId);
}

/** The preflight of a move that is not recorded. Writes nothing. */
export async function checkMove(
  dependencies: MoveDependencies,
  request: Pick<StartMove, 'tenantId' | 'toSource' | 'toTenantId'>,
): Promise<Omit<Preflight, 'tables'>> {
  const { tenantId, toSource, toTenantId } = request;
  const route = await dependencies.route(tenantId);
  const here = { ...(await dependencies.home(route.dataSourceId)), tenantId: route.tenantIdInDataSource };
  const there = {
    ...(await dependencies.home(toSource)),
    tenantId: toTenantId ?? route.tenantIdInDataSource,
  };
  return withHomes([here, there], async (from, to) => {
    const { tables: _, ...result } = await preflight({ from, to, route });
    const isMover = result.findings.every(({ check, level }) => check !== 'mover' || level === 'ok');
    const id = isMover ? [await checkId(dependencies, tenantId, to)] : [];
    return { ...result, findings: [...result.findings, ...id] };
  });
}

/**
 * Compares both homes of a move now. While writes go on, rows under way differ: those that do are read again for a while.
 *
 * @param settleMs for how long
 * @param signal ends it
 */
export async function verifyMove(
  dependencies: MoveDependencies,
  moveId: string,
  settleMs = 0,
  signal?: AbortSignal,
): Promise<Verification> {
  const move = await new MoveStore(dependencies.operations).get(moveId);
  const [here, there] = await Promise.all([
    dependencies.home(move.fromSource),
    dependencies.home(move.toSource),
  ]);
  const places = [
    { ...here, tenantId: move.fromTenantId },
    { ...there, tenantId: move.toTenantId },
  ] as const;
  return withHomes(
    places,
    async (from, to) => {
      const tables = await readTables(from.client);
      const verification = await compareHomes(tables, from, to);
      const differing = new ChangedKeys();
      for (const { table, key } of verification.differences) differing.add(table, key);
      for (const until = Date.now() + settleMs; differing.size > 0 && Date.now() < until; ) {
        await sleep(SETTLE_EVERY_MS);
        await settleChanged(tables, from, to, differing);
      }
      return {
        ...verification,
        differences: verification.differences.filter((difference) => differing.has(difference)),
      };
    },
    signal,
  );
}
