import type { Move, MoveOptions } from './move';

const PAUSE_LIMIT_MS = 2_000;
/** Includes the copy. */
const OFFLINE_PAUSE_LIMIT_MS = 6 * 3_600_000;

/** How long a tenant's statements wait at most while its route changes, ms. */
export function pauseLimitOf({ mode, options }: Pick<Move, 'mode' | 'options'>): number {
  return mode === 'offline' ? OFFLINE_PAUSE_LIMIT_MS : (options.pauseLimitMs ?? PAUSE_LIMIT_MS);
}

/** How a copy yields to the statements of others: the limits above which it slows down. */
export const PACES = {
  gentle: { active: 2, latencyRatio: 1.2 },
  normal: {},
  full: false,
} as const satisfies Record<string, NonNullable<MoveOptions['load']>>;

/** How much a copy yields to others. `full` never yields. */
export type Pace = keyof typeof PACES;

/** What an operator chooses when a move begins. Omitted options have the defaults of `MoveOptions`. */
export interface ChosenOptions
  extends Pick<
    MoveOptions,
    'autoCutOver' | 'autoComplete' | 'copyWorkers' | 'bytesPerSecond' | 'pauseLimitMs'
  > {
  /** Default `normal`. */
  pace?: Pace | undefined;
  maxActive?: number | undefined;
  maxLatencyRatio?: number | undefined;
  maxStandbyLagBytes?: number | undefined;
  /** Share of the tenant's reads that is repeated, 0 to 1; true for the default share, false for none. Default true. */
  shadowReads?: number | boolean | undefined;
  /** Maximum ratio of the target's read time to the source's. */
  maxReadRatio?: number | undefined;
}

/** The options of a move that an operator's choices mean. */
export function optionsOf(chosen: ChosenOptions): MoveOptions {
  const {
    pace = 'normal',
    maxActive,
    maxLatencyRatio,
    maxStandbyLagBytes,
    shadowReads,
    maxReadRatio,
    ...plain
  } = chosen;
  const limits: MoveOptions['load'] = PACES[pace];
  return {
    ...plain,
    load: limits && {
      active: maxActive ?? limits.active,
      latencyRatio: maxLatencyRatio ?? limits.latencyRatio,
      standbyLagBytes: maxStandbyLagBytes,
    },
    shadowReads: shadowReads !== false && {
      latencyRatio: maxReadRatio,
      ...(typeof shadowReads === 'number' ? { share: shadowReads } : {}),
    },
  };
}
