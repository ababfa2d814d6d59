import { declareFailures, inWords, MarqueeError } from '@/lib/failures';

const MOVEMENT_FAILURES = declareFailures('movement', 'operator', {
  move_unknown: {
    category: 'not-found',
    means: 'There is no such move.',
    hint: 'List them with: marquee move status',
  },
  move_already_under_way: {
    category: 'conflict',
    means: 'The tenant is being moved already.',
    hint: 'See: marquee move status',
  },
  move_id_taken: {
    category: 'conflict',
    means: 'The tenant’s id belongs to another tenant at the target, or is reserved by another move.',
    hint: 'Give it another id at the target: marquee move start TENANT --to SOURCE --to-tenant-id UUID',
  },
  move_lease_held: {
    category: 'conflict',
    means: 'Another process runs the move.',
    hint: 'Watch it with: marquee move watch',
  },
  move_taken_over: {
    category: 'conflict',
    means: 'Another process took the move over while this one ran it.',
    hint: 'Watch it with: marquee move watch',
  },
  move_not_possible: {
    category: 'conflict',
    means: 'The move’s step, mode or databases do not permit the command.',
    hint: 'See its step: marquee move status',
  },
  move_changed_meanwhile: {
    category: 'conflict',
    means: 'Another operator gave a command for the move meanwhile, or it has ended.',
    hint: 'Look at its state, and decide again.',
  },
  move_preflight_failed: {
    category: 'conflict',
    means: 'The checks before the copy found a problem.',
    hint: 'See: marquee move verify TENANT --to SOURCE',
  },
  move_rows_invisible: {
    category: 'conflict',
    means: 'The mover’s login does not see the tenant’s rows.',
    hint: 'Check the policies and memberships of the mover’s login.',
  },
  move_foreign_rows: {
    category: 'conflict',
    means: 'The source sent rows of another tenant.',
    hint: 'The source does not answer COPY with the rows that were asked for: find out why.',
  },
  move_schema_changed: {
    category: 'conflict',
    means: 'A table was changed while the tenant was moved.',
    hint: 'Bring both databases to the same version, abort the move and start it again.',
  },
  move_slot_lost: {
    category: 'conflict',
    means: 'The replication slot is lost.',
    hint: 'Abort the move and start it again; a larger max_slot_wal_keep_size keeps slots longer.',
  },
  move_stream_failed: {
    category: 'unavailable',
    means: 'The change stream ended.',
    hint: 'The move continues from its position when it is resumed.',
  },
  move_lag_too_high: {
    category: 'conflict',
    means: 'The change stream does not keep up with the tenant’s writes.',
    hint: 'Cut over at a quieter time, or raise lagLimitBytes.',
  },
  move_pause_limit: {
    category: 'conflict',
    means: 'The cut-over would have paused writes for longer than allowed; nothing was changed.',
    hint: 'Cut over again when no long transaction runs.',
  },
  move_verification_failed: {
    category: 'conflict',
    means: 'Source and target hold different rows.',
    hint: 'See the differences: marquee move verify. Abort the move and start it again.',
  },
  move_rogue_write: {
    category: 'conflict',
    means: 'Rows of the tenant were written at the target by something other than the move.',
    hint: 'Find out what writes there, then start the move again.',
  },
  move_shadow_reads_differ: {
    category: 'conflict',
    means: 'Shadow reads got other rows at the target than at the source.',
    hint: 'Check grants, policies and settings of the target, or cut over with --despite-shadow-reads.',
  },
  move_shadow_reads_slow: {
    category: 'conflict',
    means: 'Shadow reads took longer at the target than allowed.',
    hint: 'Check the target (ANALYZE, settings, size), or cut over with --despite-shadow-reads.',
  },
  move_route_changed: {
    category: 'conflict',
    means: 'The tenant’s route is not the one the move expects.',
    hint: 'It was changed outside of this move: see the audit log of the tenant.',
  },
  move_route_unreachable: {
    category: 'unavailable',
    means: 'The application database, which holds the route, cannot be reached during a cut-over.',
    hint: 'The move continues when it can be reached.',
  },
  move_interrupted: {
    category: 'unavailable',
    means: 'The run of the move was ended.',
    hint: 'Resume it: marquee move resume. A running instance does so by itself.',
  },
  move_database_unreachable: {
    category: 'unavailable',
    means: 'The source or the target does not answer.',
    hint: 'The move continues when it can be reached.',
  },
  certificate_invalid: {
    category: 'invalid',
    means: 'The certificate of a move is not genuine, or was changed.',
    hint: 'Get it again: marquee move certificate',
  },
  legacy_map_invalid: {
    category: 'invalid',
    means: 'The map of a legacy import cannot be used; nothing was kept.',
    hint: 'Correct it and import again.',
  },
  rollout_unknown: {
    category: 'not-found',
    means: 'There is no such rollout.',
    hint: 'List them with: marquee rollout status',
  },
  rollout_invalid: {
    category: 'invalid',
    means: 'The rollout’s tenants, waves or options do not fit each other.',
    hint: 'See: marquee rollout start --help',
  },
  rollout_not_possible: {
    category: 'conflict',
    means: 'The rollout has ended, or another command was given for it meanwhile.',
    hint: 'Look at its state, and decide again: marquee rollout status',
  },
  rollout_already_under_way: {
    category: 'conflict',
    means: 'A rollout to this data source is under way.',
    hint: 'See: marquee rollout status',
  },
});

/** Stable codes of what a move refuses or fails with. */
export type MovementErrorCode = keyof typeof MOVEMENT_FAILURES;

/** An error of moving a tenant. Its message contains no URL and no row. */
export class MovementError extends MarqueeError<MovementErrorCode> {}

/** Two tenants with one id in one database would be one tenant. */
export function idTaken(message: string, cause?: unknown): MovementError {
  return new MovementError('move_id_taken', message, {
    hint: 'Give it another id at the target: marquee move start TENANT --to SOURCE --to-tenant-id UUID',
    cause,
  });
}

export function verificationFailed(count: number): MovementError {
  return new MovementError('move_verification_failed', `${count} rows differ between source and target.`, {
    hint: 'See which: marquee move verify. The tenant stays where it is.',
  });
}

/** Completing a move would remove rows that the target lacks. */
export function differsBeforeCompletion(count: number): MovementError {
  return new MovementError(
    'move_verification_failed',
    `${count} rows differ between source and target: the source’s rows were not removed.`,
    {
      hint: 'See which: marquee move verify. If the target is right: marquee move complete --despite-differences',
    },
  );
}

/** An error as a move records it: without rows and URLs. */
export function describe(error: unknown): { code: string; message: string; hint?: string } {
  if (error instanceof MarqueeError) {
    return { code: error.code, message: error.message, ...(error.hint ? { hint: error.hint } : {}) };
  }
  return {
    ...inWords(error, 'The step failed'),
    hint: 'Remove the cause, then: marquee move resume. The move continues from its recorded step. Or abort it.',
  };
}

/** Only the operator can act on these: trying again does not help. */
export const NEEDS_OPERATOR: ReadonlySet<string> = new Set<MovementErrorCode>([
  'move_preflight_failed',
  'move_id_taken',
  'move_verification_failed',
  'move_rogue_write',
  'move_shadow_reads_differ',
  'move_shadow_reads_slow',
  'move_schema_changed',
  'move_slot_lost',
  'move_route_changed',
  'move_not_possible',
]);
