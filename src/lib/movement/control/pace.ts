import type { MoveOptions } from './move';

/** How a copy yields to the statements of others: the limits above which it slows down. */
export const PACES = {
  gentle: { active: 2, latencyRatio: 1.2 },
  normal: {},
  full: false,
} as const satisfies Record<string, NonNullable<MoveOptions['load']>>;

export type Pace = keyof typeof PACES;

/** What an operator chooses when a move begins. What is left out has the defaults of `MoveOptions`. */
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
  /** A share of the tenant's reads; false: none. */
  shadowReads?: number | boolean | undefined;
  /** Highest ratio of the target's read time to the source's. */
  maxReadRatio?: number | undefined;
}

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
