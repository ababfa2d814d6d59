// Requests of an operator: starting a move, and commands to it.
import { MovementError } from '../errors';
import { refuseTaken } from '../plan/target-id';
import { checkRoom } from '../plan/target-room';
import { expectSessions } from './endpoints';
import {
  type Move,
  type MoveCommand,
  type MoveMode,
  type MoveOptions,
  type MoveStep,
  NOT_YET_CUT_OVER,
} from './move';
import { MoveStore } from './move-store';
import type { MoveDependencies } from './ports';
import { refusalText } from './refusal-words';

/** The move that `startMove` records. */
export interface StartMove {
  /** The move's id. Default: a new one. */
  id?: string;
  tenantId: string;
  /** Id of the target data source. */
  toSource: string;
  /** Default: logical decoding if both servers allow it, else the change log. */
  mode?: MoveMode;
  /** The tenant's id at the target. Default: the id that it has at the source. */
  toTenantId?: string;
  options?: MoveOptions;
  /** Who asks, for the audit log and the certificate. */
  requestedBy: string;
}

/**
 * Records a move; `runMove` or a worker carries it out.
 *
 * @throws MovementError `move_already_under_way`; `move_not_possible` when the tenant is there already, the target takes no more
 *   tenants, both data sources are one database, or one is reached through a pooler; `move_id_taken` when the id belongs to another
 *   tenant at the target, or another move has reserved it
 */
export async function startMove(dependencies: MoveDependencies, request: StartMove): Promise<Move> {
  const { id, tenantId, toSource, mode = 'logical', toTenantId, options = {}, requestedBy } = request;
  const route = await dependencies.route(tenantId);
  if (route.dataSourceId === toSource) {
    throw new MovementError('move_not_possible', refusalText('here'), {
      hint: 'See where tenants are: marquee tenant list',
    });
  }
  const store = new MoveStore(dependencies.operations);
  await store.refuseForNow({ tenantId, fromSource: route.dataSourceId, toSource });
  const idAtTarget = toTenantId ?? route.tenantIdInDataSource;
  await refuseTaken(dependencies, tenantId, toSource, idAtTarget);
  const target = await dependencies.endpoint(toSource);
  const room = await checkRoom(dependencies, target);
  if (room.level === 'problem') {
    throw new MovementError('move_not_possible', room.message, {
      hint: 'Raise its capacity or choose another data source.',
    });
  }
  await expectSessions(await dependencies.endpoint(route.dataSourceId), target);
  const move = await store.create({
    ...{ id, tenantId, fromSource: route.dataSourceId, toSource, fromTenantId: route.tenantIdInDataSource },
    ...{ fromEpoch: route.epoch, toTenantId: idAtTarget, mode, options, requestedBy },
  });
  await dependencies.audit({
    ...{ tenantId, action: 'tenants.move_started', entityId: move.id, actor: requestedBy },
    details: { from: move.fromSource, to: toSource, mode },
  });
  return move;
}

const AFTER_CUT_OVER: MoveStep[] = ['reverse_replication', 'rolling_back'];
/** The steps at which a command is possible, and the hint for all others. */
const POSSIBLE: Record<MoveCommand, { at: readonly MoveStep[]; hint: string }> = {
  run: {
    at: [...NOT_YET_CUT_OVER, ...AFTER_CUT_OVER, 'completing', 'aborting'],
    hint: 'Start another: marquee move start',
  },
  pause: { at: [...NOT_YET_CUT_OVER, ...AFTER_CUT_OVER], hint: 'It is nearly done: marquee move watch' },
  cut_over: { at: NOT_YET_CUT_OVER, hint: 'See its step: marquee move status' },
  abort: {
    at: [...NOT_YET_CUT_OVER, 'aborting'],
    hint: 'The tenant is at the target; to take it back: marquee move rollback',
  },
  rollback: {
    at: AFTER_CUT_OVER,
    hint: 'Rollback is possible between cut-over and completion; before the cut-over: marquee move abort',
  },
  complete: { at: ['reverse_replication', 'completing'], hint: 'Cut over first: marquee move cut-over' },
};
const TARGET_HAS_NEWER_ROWS =
  'The tenant is at the target, whose rows are newer than the source’s: restore the target, from its backup if need be.';
/** Steps at which a command has been carried out already. */
const DONE: Partial<Record<MoveCommand, MoveStep[]>> = {
  cut_over: ['reverse_replication', 'completing', 'completed'],
  abort: ['aborted'],
  rollback: ['aborting', 'rolled_back'],
  complete: ['completed'],
};

/** The commands that are possible now. */
export function possibleCommands({
  step,
  wanted,
  mode,
}: Pick<Move, 'step' | 'wanted' | 'mode'>): MoveCommand[] {
  const all = Object.keys(POSSIBLE) as MoveCommand[];
  return all.filter((command) => {
    if (!POSSIBLE[command].at.includes(step) || command === wanted) return false;
    return command !== 'rollback' || mode !== 'offline';
  });
}

/** Options of `commandMove`. */
export interface CommandOptions {
  /** Set if the source (with `complete`) or the target (with `abort`) is lost for good: the move then ends without cleaning up there. */
  forget?: 'source' | 'target' | undefined;
  /** Whether to cut over regardless of the results of shadow reads. */
  despiteShadowReads?: boolean | undefined;
  /** Whether to complete although rows of source and target differ. */
  despiteDifferences?: boolean | undefined;
  /** The last command that the operator had seen. If another command was given since, this one is refused. */
  seen?: MoveCommand | undefined;
  /** Who gives the command, for the audit log. Default `system:moves`. */
  by?: string;
}

/**
 * Records a command of the operator; the process that runs the move carries it out.
 *
 * @throws MovementError `move_unknown`; `move_not_possible` at a step at which the command is not possible; `move_changed_meanwhile`
 */
export async function commandMove(
  dependencies: MoveDependencies,
  moveId: string,
  wanted: MoveCommand,
  { forget, despiteShadowReads, despiteDifferences, seen, by = 'system:moves' }: CommandOptions = {},
): Promise<Move> {
  const store = new MoveStore(dependencies.operations);
  const move = await store.get(moveId);
  if (seen && move.wanted !== seen) throw await changedMeanwhile(store, moveId, seen);
  if (DONE[wanted]?.includes(move.step)) return move;
  const { at, hint } = POSSIBLE[wanted];
  if (!at.includes(move.step)) {
    const command = wanted === 'run' ? 'resume' : wanted.replaceAll('_', '-');
    const step = move.step.replaceAll('_', ' ');
    throw new MovementError('move_not_possible', `${command} is not possible at the step “${step}”.`, {
      hint: forget === 'target' && AFTER_CUT_OVER.includes(move.step) ? TARGET_HAS_NEWER_ROWS : hint,
    });
  }
  if (forget) {
    await dependencies.audit({
      ...{ tenantId: move.tenantId, action: `tenants.move_${forget}_forgotten`, entityId: moveId, actor: by },
      details: {
        dataSource: forget === 'target' ? move.toSource : move.fromSource,
        left: await store.objects.of(moveId),
      },
    });
  }
  await dependencies.audit({
    ...{ tenantId: move.tenantId, action: 'tenants.move_commanded', entityId: moveId, actor: by },
    details: { command: wanted, step: move.step, ...(despiteDifferences ? { despiteDifferences } : {}) },
  });
  const options: MoveOptions = {
    ...(forget ? { forget } : {}),
    ...(despiteShadowReads ? { shadowReads: { gate: false } } : {}),
    ...(despiteDifferences ? { despiteDifferences } : {}),
  };
  // The run may have gone on since the step was read.
  const isRecorded = await store.command(move, wanted, { by, at, instead: seen && [seen], options });
  if (!isRecorded) throw await changedMeanwhile(store, moveId, move.wanted);
  return store.get(moveId);
}

/** @param before what was wanted when the operator decided */
async function changedMeanwhile(
  store: MoveStore,
  moveId: string,
  before: MoveCommand,
): Promise<MovementError> {
  const { wanted } = await store.get(moveId);
  const last = wanted === before ? undefined : await store.lastCommand(moveId);
  return new MovementError(
    'move_changed_meanwhile',
    last
      ? `${last.by} gave the command “${last.command.replaceAll('_', ' ')}” for this move meanwhile.`
      : 'The move has gone on or ended meanwhile.',
    { hint: 'Look at its state, and decide again.' },
  );
}
