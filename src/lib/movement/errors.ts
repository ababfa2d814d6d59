import { MarqueeError } from '@/lib/failures';

/** Everything a move refuses or fails at, by stable code. */
export type MovementErrorCode =
  | 'move_unknown'
  | 'move_already_under_way'
  | 'move_id_taken'
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
  | 'move_home_unreachable'
  | 'certificate_invalid'
  | 'legacy_map_invalid'
  | 'rollout_unknown'
  | 'rollout_invalid'
  | 'rollout_already_under_way';

/** An error of moving a tenant. Never carries a URL. */
export class MovementError extends MarqueeError {
  declare readonly code: MovementErrorCode;
  constructor(code: MovementErrorCode, message: string, details?: { hint?: string; cause?: unknown }) {
    super(code, message, details);
  }
}

/** Two tenants in one database under one id would be one tenant. */
export function idTaken(why: string, cause?: unknown): MovementError {
  return new MovementError('move_id_taken', `The tenant’s id ${why}.`, {
    hint: 'Give it another id at the target: marquee move start TENANT --to SOURCE --to-tenant-id UUID',
    cause,
  });
}

/** A lost connection; the step may go on by itself when it is tried again. */
const TRANSIENT = new Set([
  'move_stream_failed',
  'move_interrupted',
  'move_home_unreachable',
  'move_route_unreachable',
]);

export function isTransient(error: unknown): boolean {
  return !(error instanceof MarqueeError) || TRANSIENT.has(error.code) || /unreachable/.test(error.code);
}

/** What servers and networks say, in words; their own may repeat rows. */
const CAUSES: [code: RegExp, message: string][] = [
  [/^53100$/, 'A disk is full'],
  [/^53300$/, 'A server has no connection left'],
  [/^53/, 'A server has run out of something'],
  [/^57P0|^08|^ECONN|^EPIPE|^ETIMEDOUT|^EHOST|^ENOTFOUND/, 'A database cannot be reached'],
  [/^57014$/, 'A statement took too long'],
  [/^(55P03|40P01)$/, 'A lock could not be had in time'],
  [/^42501$/, 'A login lacks a privilege'],
  [/^23/, 'Rows do not fit the other home'],
];

/** An error as a move records it: never a row, never a URL. */
export function describe(error: unknown): { code: string; message: string; hint?: string } {
  if (error instanceof MarqueeError) {
    return { code: error.code, message: error.message, ...(error.hint ? { hint: error.hint } : {}) };
  }
  const given = error instanceof Error && 'code' in error ? String(error.code) : '';
  const lost = error instanceof Error && /^Connection terminated/.test(error.message);
  const code = given || (lost ? '08006' : 'unexpected');
  const cause = CAUSES.find(([pattern]) => pattern.test(code))?.[1] ?? 'The step failed';
  return {
    code,
    message: `${cause} (${code}).`,
    hint: 'The move goes on from its recorded step when the cause is gone: marquee move resume. Or abort it.',
  };
}

/** Nobody but the operator can do something about these. */
export const NEEDS_OPERATOR: ReadonlySet<string> = new Set<MovementErrorCode>([
  'move_preflight_failed',
  'move_id_taken',
  'move_verification_failed',
  'move_rogue_write',
  'move_dark_reads_differ',
  'move_dark_reads_slow',
  'move_schema_changed',
  'move_slot_lost',
  'move_route_changed',
  'move_not_possible',
]);
