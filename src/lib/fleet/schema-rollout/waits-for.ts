// What a schema rollout waits for: the English message for each code. Web pages translate them by code.
import { messageFormatter, messageParser } from '@/lib/failures';

export const ROLLOUT_WAITS = {
  observed: 'the wave “{{wave}}” to be observed',
  moves: 'moves that use {{sources}}',
  moves_of_more: 'moves that use {{sources}} and {{more}} more',
  process: '1 process of an older version to end',
  processes: '{{count}} processes of an older version to end',
  grace: 'the grace time after the last process of an older version',
} as const satisfies Record<string, string>;
export type RolloutWaitCode = keyof typeof ROLLOUT_WAITS;

export const waiting = messageFormatter<RolloutWaitCode>('rolloutWaits', ROLLOUT_WAITS);
/** A rollout's `waitsFor` as code and values. */
export const parseRolloutWait = messageParser('rolloutWaits', ROLLOUT_WAITS);
