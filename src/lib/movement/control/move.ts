// A move, as the operations database records it.
import type { Said, Sentence } from '@/lib/failures';
import type { ShadowReads } from '../verify/shadow-reads/findings';
import type { LoadLimits } from './load-gauge';

/** How changes reach the target: logical decoding, triggers that log changed keys, or not at all (the tenant is paused for the copy). */
export type MoveMode = 'logical' | 'change_log' | 'offline';
export type MoveStep =
  | 'queued'
  | 'preflight'
  | 'preparing'
  | 'copying'
  | 'catching_up'
  | 'cutting_over'
  | 'reverse_replication'
  | 'rolling_back'
  | 'completing'
  | 'aborting'
  | 'completed'
  | 'aborted'
  | 'rolled_back';
/** Steps before the cut-over: the tenant is at the source. */
export const NOT_YET_CUT_OVER: readonly MoveStep[] = [
  'queued',
  'preflight',
  'preparing',
  'copying',
  'catching_up',
  'cutting_over',
];
/** What the operator has asked for last. */
export type MoveCommand = 'run' | 'pause' | 'cut_over' | 'abort' | 'rollback' | 'complete';
/** What a move creates in a database and has to remove again. */
export type MoveObjectKind = 'publication' | 'slot' | 'change_log' | 'fence' | 'rows' | 'progress';

export interface MoveOptions {
  /** Cut over as soon as verification has passed. Default false: wait for `move cut-over`. */
  autoCutOver?: boolean;
  /** Remove the source's rows right after the cut-over, without reverse replication. Default false. */
  autoComplete?: boolean;
  /** Tables and key ranges copied in parallel. Default 2. */
  copyWorkers?: number;
  /** Rows of a key range. Default 250,000. */
  rangeRows?: number;
  /** Limit of the copy, bytes a second; none when left out. */
  bytesPerSecond?: number;
  /** Load of a database above which the copy slows down; false: never pause for others. */
  load?: LoadLimits | false;
  /** Reads repeated at both databases before the cut-over; false: none. */
  shadowReads?: ShadowReadOptions | false;
  /** How long the tenant's statements may wait during the cut-over, ms. Default 2,000. */
  pauseLimitMs?: number;
  /** Cut over only while the target lags by no more than this, bytes of WAL. Default 1 MiB. */
  lagLimitBytes?: number;
  /** How long creating a replication slot may wait for running transactions, ms. Default 60,000. */
  slotTimeoutMs?: number;
  /** This data source is lost for good: end the move without cleaning up there. */
  forget?: 'source' | 'target';
  /** Remove the source's rows although they differ from the target's. Default false. */
  despiteDifferences?: boolean;
  /** Concurrent moves on one server. Default 2. */
  perServer?: number;
}

export interface ShadowReadOptions {
  /** Share of the tenant's reads that is repeated, 0 to 1. Default 0.05. */
  share?: number;
  /** Highest allowed ratio of the target's read time to the source's. No limit when left out. */
  latencyRatio?: number;
  /** False: cut over whatever the shadow reads have found. Default true. */
  gate?: boolean;
}

export interface MoveProgress {
  rows?: number;
  bytes?: number;
  rowsExpected?: number;
  /** Estimated size of the tenant's rows at the source, bytes. */
  bytesExpected?: number;
  rowsPerSecond?: number;
  bytesPerSecond?: number;
  secondsLeft?: number;
  /** Share of its time that the copy works, up to 1, and why it is below 1. */
  copyShare?: number;
  slowedBy?: string | null;
  /** What the step waits for that the move cannot end itself: another session's transaction or lock. */
  waitsFor?: string | null;
  lagBytes?: number;
  /** Rows that changed since verification and have not been compared again. */
  changedKeys?: number;
  shadowReads?: ShadowReads;
  /** When every row had been compared, ISO 8601. */
  verifiedAt?: string;
  /** How long statements waited during the cut-over at most, ms. */
  pauseMs?: number;
  cutOverAttempts?: number;
  /** WAL position at which the source's fence was closed. */
  fenceLsn?: string;
  appliedLsn?: string;
  warnings?: string[];
  /** The warnings as codes and values. */
  warningsSay?: Said[];
  /** Why the preflight failed the last time. */
  problems?: Sentence[];
  /** Fingerprint of the tables when the move began. */
  shape?: string;
  /** What may be left at a data source that was forgotten. */
  left?: MoveObject[];
  /** Why the mode is not `logical`, which was asked for. */
  modeReason?: string;
  /** The route points to the source again; only cleaning up is left. */
  rolledBack?: boolean;
}

export interface Move {
  id: string;
  tenantId: string;
  /** Ids of the source and target data source, and the tenant's id in each. */
  fromSource: string;
  toSource: string;
  fromTenantId: string;
  toTenantId: string;
  /** The route's epoch when the move was recorded; null of moves that an older version recorded. */
  fromEpoch: bigint | null;
  mode: MoveMode;
  step: MoveStep;
  wanted: MoveCommand;
  /** Counts the processes that have taken the move; part of the fence holder's name. */
  attempt: number;
  /** Epoch for which a route change has been, or is about to be, sent. */
  decidingEpoch: bigint | null;
  options: MoveOptions;
  progress: MoveProgress;
  error: { code: string; message: string; hint?: string } | null;
  certificate: Record<string, unknown> | null;
  requestedBy: string;
  createdAt: Date;
  updatedAt: Date;
  finishedAt: Date | null;
}

/** A move to record. */
export type NewMove = Pick<
  Move,
  'tenantId' | 'fromSource' | 'toSource' | 'fromTenantId' | 'toTenantId' | 'mode' | 'options' | 'requestedBy'
> & { id?: string | undefined; fromEpoch?: bigint };

export interface MoveObject {
  kind: MoveObjectKind;
  /** Id of the data source. */
  dataSource: string;
  name: string;
}

/** Rows of a table with keys in (afterKey, upToKey]; null is unbounded. */
export interface CopyRange {
  table: string;
  place: number;
  afterKey: string | null;
  upToKey: string | null;
  rows: number;
  bytes: number;
  /** Committed at the target. */
  done: boolean;
}

/** What a table's copy has reached: key ranges, and those of them that are committed at the target. */
export interface CopiedTable {
  table: string;
  ranges: number;
  done: number;
  rows: number;
  bytes: number;
}

/** A step that began, or a command that was given at it: `{command, by}`. */
export interface MoveEvent {
  at: Date;
  step: MoveStep;
  detail: Record<string, unknown>;
}

/** Name of a move's slot, publication or change log. Slot names are unique within a server, and so are the ids of moves. */
export function objectName(moveId: string, direction: 'forward' | 'reverse'): string {
  return `marquee_move_${moveId.replaceAll('-', '')}_${direction}`;
}
