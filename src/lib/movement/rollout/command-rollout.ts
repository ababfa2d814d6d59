import type { MoveDependencies } from '../control/ports';
import { MovementError } from '../errors';
import { type Rollout, type RolloutCommand, type RolloutStep, RolloutStore } from './rollout-store';

/** The steps at which a command has a meaning. */
const POSSIBLE_AT: Record<RolloutCommand, readonly RolloutStep[]> = {
  run: ['moving', 'soaking', 'closing', 'halted'],
  pause: ['moving', 'soaking', 'closing'],
  halt: ['moving', 'soaking'],
  rollback: ['moving', 'soaking', 'closing', 'returning', 'halted'],
};

/** The commands that have a meaning now. */
export function possibleRolloutCommands({
  step,
  wanted,
  finishedAt,
}: Pick<Rollout, 'step' | 'wanted' | 'finishedAt'>): RolloutCommand[] {
  if (finishedAt || wanted === 'rollback' || (step === 'halted' && wanted === 'run')) return [];
  const useless: RolloutCommand = wanted === 'pause' || step === 'halted' ? 'pause' : 'run';
  const all = Object.keys(POSSIBLE_AT) as RolloutCommand[];
  return all.filter((command) => command !== useless && POSSIBLE_AT[command].includes(step));
}

/**
 * Records a command of the operator; a worker carries it out.
 *
 * @param seen what was wanted when the operator decided: the command is refused where another one was given meanwhile
 * @throws MovementError `rollout_unknown`, `rollout_not_possible`
 */
export async function commandRollout(
  dependencies: MoveDependencies,
  id: string,
  wanted: RolloutCommand,
  { by, seen }: { by: string; seen?: RolloutCommand | undefined },
): Promise<Rollout> {
  const store = new RolloutStore(dependencies.operations);
  const rollout = await store.get(id);
  if (rollout.finishedAt) throw refused('This rollout has ended.');
  if (seen !== undefined && rollout.wanted !== seen) throw await changedMeanwhile(store, id, seen);
  const at = POSSIBLE_AT[wanted];
  if (!at.includes(rollout.step)) {
    const command = wanted === 'run' ? 'resume' : wanted;
    throw refused(`${command} is not possible at the step “${rollout.step}”.`);
  }
  await dependencies.audit({
    ...{ action: 'rollouts.command', entity: 'rollouts', entityId: id, actor: by },
    details: { command: wanted },
  });
  // The rollout may have gone on since its step was read.
  const isRecorded = await store.command(id, wanted, { by, at, instead: seen && [seen] });
  if (!isRecorded) throw await changedMeanwhile(store, id, rollout.wanted);
  return store.get(id);
}

/** @param before what was wanted when the operator decided */
async function changedMeanwhile(
  store: RolloutStore,
  id: string,
  before: RolloutCommand,
): Promise<MovementError> {
  const events = (await store.get(id)).wanted === before ? [] : await store.events(id);
  const last = events.findLast(({ event }) => event === 'commanded')?.detail;
  return refused(
    last
      ? `${last.by} gave the command “${last.command}” for this rollout meanwhile.`
      : 'The rollout has gone on or ended meanwhile.',
  );
}

function refused(message: string): MovementError {
  return new MovementError('rollout_not_possible', message, {
    hint: 'Look at its state, and decide again: marquee rollout status',
  });
}
