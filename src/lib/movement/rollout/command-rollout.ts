import type { MoveDependencies } from '../control/ports';
import { MovementError } from '../errors';
import { type Rollout, type RolloutCommand, RolloutStore } from './rollout-store';

/** The commands that have a meaning now. */
export function possibleRolloutCommands({
  step,
  wanted,
  finishedAt,
}: Pick<Rollout, 'step' | 'wanted' | 'finishedAt'>): RolloutCommand[] {
  if (finishedAt || wanted === 'rollback') return [];
  if (step === 'returning') return ['rollback'];
  if (step === 'halted') return wanted === 'run' ? [] : ['run', 'rollback'];
  const goesOn: RolloutCommand = wanted === 'pause' ? 'run' : 'pause';
  return step === 'closing' ? [goesOn, 'rollback'] : [goesOn, 'halt', 'rollback'];
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
  if (seen !== undefined && rollout.wanted !== seen) throw await changedMeanwhile(store, id);
  await dependencies.audit({
    ...{ action: 'rollouts.command', entity: 'rollouts', entityId: id, actor: by },
    details: { command: wanted },
  });
  if (!(await store.command(id, wanted, by, seen && [seen]))) throw await changedMeanwhile(store, id);
  return store.get(id);
}

async function changedMeanwhile(store: RolloutStore, id: string): Promise<MovementError> {
  const last = (await store.events(id)).findLast(({ event }) => event === 'commanded')?.detail;
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
