// The state of a data source, from the levels of its last rounds. It changes only where several rounds in a row agree, so that one
// slow answer is no outage, and one good answer is no recovery.
import { best, isWorse, type Level, worst } from './catalogue';
import type { Thresholds } from './thresholds';

export type State = Level | 'unknown';

export interface Judged {
  state: State;
  /** Levels of the last rounds, the latest first. */
  levels: Level[];
}

/**
 * The state after one more round. It gets worse when `rounds_to_leave` rounds in a row were worse than it: then it is the least bad
 * of them. It gets better when `rounds_to_return` rounds in a row were better: then it is the worst of them. Of a source that was not
 * probed yet, one healthy round suffices.
 *
 * @param levels of the rounds before, the latest first
 */
export function nextState(
  state: State,
  levels: readonly Level[],
  level: Level,
  {
    rounds_to_leave: leave,
    rounds_to_return: back,
  }: Pick<Thresholds, 'rounds_to_leave' | 'rounds_to_return'>,
): Judged {
  const all = [level, ...levels].slice(0, Math.max(leave, back));
  if (state === 'unknown') {
    if (level === 'healthy') return { state: level, levels: all };
    return { state: all.length >= leave ? best(all.slice(0, leave)) : state, levels: all };
  }
  const down = best(all.slice(0, leave));
  if (all.length >= leave && isWorse(down, state)) return { state: down, levels: all };
  const up = worst(all.slice(0, back));
  if (all.length >= back && isWorse(state, up)) return { state: up, levels: all };
  return { state, levels: all };
}
