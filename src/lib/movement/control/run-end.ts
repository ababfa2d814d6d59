// The ways in which a run of a move ends, which may be before the end of the move.
import type { MoveCommand } from './move';

/** How a run ended: with the move, or because the move is paused or waits for the operator (`ready` to cut over, `moved`). */
export type RunEnd = 'completed' | 'aborted' | 'rolled_back' | 'paused' | 'ready' | 'moved';

/** Options of `runMove`. */
export interface RunOptions {
  /** Whether to return when the operator has to decide (`ready` to cut over, `moved` with reverse replication), instead of replicating further. */
  returnWhenWaiting?: boolean;
  /** Ends the run; another run continues the move. */
  signal?: AbortSignal;
}

/** The operator has asked to pause or abort. */
export class Stop extends Error {
  constructor(readonly end: 'paused' | 'abort') {
    super(end);
  }
}

/** The {@link Stop} that a command means for the current step; undefined if the step continues. */
export function stopFor(wanted: MoveCommand): Stop | undefined {
  if (wanted === 'pause') return new Stop('paused');
  return wanted === 'abort' || wanted === 'rollback' ? new Stop('abort') : undefined;
}
