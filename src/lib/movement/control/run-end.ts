// Why a run of a move ends before the move has.
import type { MoveCommand } from './move';

/** Why a run ended. */
export type RunEnd = 'completed' | 'aborted' | 'rolled_back' | 'paused' | 'ready' | 'moved';

export interface RunOptions {
  /** Return when the operator has to decide (`ready` to cut over, `moved` with reverse replication) instead of replicating on. */
  returnWhenWaiting?: boolean;
  signal?: AbortSignal;
}

/** The operator has asked to pause or abort. */
export class Stop extends Error {
  constructor(readonly end: 'paused' | 'abort') {
    super(end);
  }
}

/** The {@link Stop} that a command means for the current step; undefined where the step goes on. */
export function stopFor(wanted: MoveCommand): Stop | undefined {
  if (wanted === 'pause') return new Stop('paused');
  return wanted === 'abort' || wanted === 'rollback' ? new Stop('abort') : undefined;
}
