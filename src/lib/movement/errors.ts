import { MarqueeError } from '@/lib/errors';

/** Everything a move refuses or fails at, by stable code. */
export type MovementErrorCode =
  | 'move_unknown'
  | 'move_already_under_way'
  | 'move_owned_elsewhere'
  | 'move_taken_over'
  | 'move_not_possible'
  | 'move_preflight_failed'
  | 'move_rows_invisible'
  | 'move_foreign_rows'
  | 'move_schema_changed'
  | 'move_slot_lost'
  | 'move_stream_failed'
  | 'move_lag_too_high'
  | 'move_pause_limit'
  | 'move_verification_failed'
  | 'move_rogue_write'
  | 'move_dark_reads_differ'
  | 'move_dark_reads_slow'
  | 'move_route_changed'
  | 'move_route_unreachable'
  | 'move_interrupted'
  | 'certificate_invalid'
  | 'legacy_map_invalid'
  | 'rollout_halted';

/** An error of moving a tenant. Never carries a URL. */
export class MovementError extends MarqueeError {
  declare readonly code: MovementErrorCode;
  constructor(code: MovementErrorCode, message: string, details?: { hint?: string; cause?: unknown }) {
    super(code, message, details);
  }
}
