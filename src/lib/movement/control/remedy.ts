// Remedies for a failed move: one for each error. The operator carries it out, or the move does so itself.
import type { MovementErrorCode } from '../errors';
import type { Move, MoveCommand } from './move';
import { possibleCommands } from './requests';

/** What to do about the error of a move. */
export type Remedy =
  /** The move is tried again by itself, with growing intervals. */
  | 'wait'
  /** Remove the cause, then resume from the recorded step. */
  | 'correct_and_resume'
  /** The copy can no longer be used: abort, and start again. */
  | 'abort_and_start_again'
  /** Bring both databases to one version of the schema, abort, and start again. */
  | 'migrate_and_start_again'
  /** The move can no longer be rolled back: check whether rows differ, and complete it. */
  | 'complete'
  /** Find out which rows differ. */
  | 'verify'
  /** Request the cut-over again at a quieter time. */
  | 'cut_over_later'
  /** Check the target's grants, policies or statistics; or cut over regardless of the shadow reads. */
  | 'check_target'
  /** The route was changed outside of the move: see the tenant's audit log. */
  | 'read_audit_log'
  /** Give the tenant another id at the target. */
  | 'other_id';

const REMEDIES: Partial<Record<MovementErrorCode, Remedy>> = {
  move_id_taken: 'other_id',
  move_preflight_failed: 'correct_and_resume',
  move_rows_invisible: 'correct_and_resume',
  move_foreign_rows: 'correct_and_resume',
  move_not_possible: 'correct_and_resume',
  move_schema_changed: 'migrate_and_start_again',
  move_slot_lost: 'abort_and_start_again',
  move_rogue_write: 'abort_and_start_again',
  move_stream_failed: 'wait',
  move_route_unreachable: 'wait',
  move_interrupted: 'wait',
  move_database_unreachable: 'wait',
  move_lease_held: 'wait',
  move_taken_over: 'wait',
  move_lag_too_high: 'cut_over_later',
  move_pause_limit: 'cut_over_later',
  move_verification_failed: 'verify',
  move_shadow_reads_differ: 'check_target',
  move_shadow_reads_slow: 'check_target',
  move_route_changed: 'read_audit_log',
};

/** The commands that carry a remedy out, the likeliest first. */
const COMMANDS: Record<Remedy, MoveCommand[]> = {
  wait: ['run'],
  correct_and_resume: ['run', 'abort'],
  abort_and_start_again: ['abort'],
  migrate_and_start_again: ['abort'],
  complete: ['complete'],
  verify: ['run', 'abort'],
  cut_over_later: ['cut_over', 'abort'],
  check_target: ['cut_over', 'abort'],
  read_audit_log: ['run', 'abort'],
  other_id: ['abort'],
};

/** The remedy for a move, and commands that carry it out. @returns undefined if the move has not failed */
export function remedyOf(move: Move): { remedy: Remedy; commands: MoveCommand[] } | undefined {
  if (!move.error || move.finishedAt) return undefined;
  // Errors of databases and networks have codes of their own.
  const code = move.error.code as MovementErrorCode;
  const isOver = code === 'move_slot_lost' && move.step === 'reverse_replication';
  const remedy = isOver ? 'complete' : (REMEDIES[code] ?? 'correct_and_resume');
  // A failed move continues when its last command is given again, so that command counts as possible too.
  const possible = possibleCommands({ ...move, wanted: 'pause' });
  return { remedy, commands: COMMANDS[remedy].filter((command) => possible.includes(command)) };
}
