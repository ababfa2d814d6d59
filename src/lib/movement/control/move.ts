// A move, as the operations database records it.
import type { Message, MessageDescriptor } from '@/lib/failures';
import type { ShadowReads } from '../verify/shadow-reads/findings';
import type { LoadLimits } from './load-gauge';

/** How changes reach the target: logical decoding, triggers that log changed keys, or not at all (the tenant is paused for the copy). */
export type MoveMode = 'logical' | 'change_log' | 'offline';
/** The recorded step of a move. README.md describes each. */
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
/** A command of the operator. A move records the last one. */
export type MoveCommand = 'run' | 'pause' | 'cut_over' | 'abort' | 'rollback' | 'complete';
/** A kind of object that a move creates in a database and has to remove again. */
export type MoveObjectKind = 'publication' | 'slot' | 'change_log' | 'fence' | 'rows' | 'progress';

/** Options of a move. */
export interface MoveOptions {
  /** Whether to cut over as soon as verification has passed. Default false: wait for `move cut-over`. */
  autoCutOver?: boolean;
  /** Whether to remove the source's rows right after the cut-over, without reverse replication. Default false. */
  autoComplete?: boolean;
  /** Number of tables and key ranges that are copied in parallel. Default 2. */
  copyWorkers?: number;
  /** Number of rows in a key range. Default 250,000. */
  rangeRows?: number;
  /** Speed limit of the copy, bytes a second. Default: none. */
  bytesPerSecond?: number;
  /** Load of a database above which the copy slows down; false: never slow down for others. */
  load?: LoadLimits | false;
  /** Reads that are repeated at both databases before the cut-over; false: none. */
  shadowReads?: ShadowReadOptions | false;
  /** How long the tenant's statements may wait during the cut-over, ms. Default 2,000. */
  pauseLimitMs?: number;
  /** Maximum lag of the target at which the cut-over begins, bytes of WAL. Default 1 MiB. */
  lagLimitBytes?: number;
  /** How long creating a replication slot may wait for running transactions, ms. Default 60,000. */
  slotTimeoutMs?: number;
  /** A data source that is lost for good: the move ends without cleaning up there. */
  forget?: 'source' | 'target';
  /** Whether to remove the source's rows even if they differ from the target's. Default false. */
  despiteDifferences?: boolean;
  /** Maximum number of concurrent moves on one server. Default 2. */
  perServer?: number;
}

export interface ShadowReadOptions {
  /** Share of the tenant's reads that is repeated, 0 to 1. Default 0.05. */
  share?: number;
  /** Maximum ratio of the target's read time to the source's. Default: no limit. */
  latencyRatio?: number;
  /** Whether differing or slow shadow reads prevent the cut-over. Default true. */
  gate?: boolean;
}

/** What a move has recorded about its progress. Each property is present once it is known. */
export interface MoveProgress {
  /** Number of rows copied. */
  rows?: number;
  /** Size of the rows copied, bytes. */
  bytes?: number;
  /** Number of the tenant's rows at the source. */
  rowsExpected?: number;
  /** Estimated size of the tenant's rows at the source, bytes. */
  bytesExpected?: number;
  /** Speed of the copy, rows a second. */
  rowsPerSecond?: number;
  /** Speed of the copy, bytes a second. */
  bytesPerSecond?: number;
  /** Estimated time until the end of the copy, s. */
  secondsLeft?: number;
  /** Share of its time that the copy works, 0.1 to 1. */
  copyShare?: number;
  /** Why `copyShare` is below 1. */
  slowedBy?: string | null;
  /** Another session's transaction or lock that the step waits for. The move cannot end it itself. */
  waitsFor?: string | null;
  /** How far replication lags, bytes of WAL. */
  lagBytes?: number;
  /** Number of rows that changed since verification and have not been compared again. */
  changedKeys?: number;
  shadowReads?: ShadowReads;
  /** When every row had been compared, ISO 8601. */
  verifiedAt?: string;
  /** Maximum time that statements waited during the cut-over, ms. */
  pauseMs?: number;
  /** Number of attempts to cut over. */
  cutOverAttempts?: number;
  /** WAL position at which the source's fence was closed. */
  fenceLsn?: string;
  /** WAL position up to which changes have been applied. */
  appliedLsn?: string;
  /** Warnings of the preflight. */
  warnings?: string[];
  /** The warnings as codes and values. */
  warningsSay?: MessageDescriptor[];
  /** Problems that the last preflight found. */
  problems?: Message[];
  /** Fingerprint of the tables when the move began. */
  shape?: string;
  /** Objects that may remain at a data source that was declared lost. */
  left?: MoveObject[];
  /** Why the mode is not `logical`, although that was requested. */
  modeReason?: string;
  /** Whether the route points to the source again, so that only cleaning up remains. */
  rolledBack?: boolean;
}

/** A recorded move. */
export interface Move {
  id: string;
  tenantId: string;
  /** Id of the source. */
  fromSource: string;
  /** Id of the target. */
  toSource: string;
  /** The tenant's id at the source. */
  fromTenantId: string;
  /** The tenant's id at the target. */
  toTenantId: string;
  /** The route's epoch when the move was recorded; null if an older version recorded it. */
  fromEpoch: bigint | null;
  mode: MoveMode;
  step: MoveStep;
  /** The operator's last command. */
  wanted: MoveCommand;
  /** Number of processes that have taken the move over; part of the fence holder's name. */
  attempt: number;
  /** The epoch for which a route change has been, or is about to be, sent. */
  decidingEpoch: bigint | null;
  options: MoveOptions;
  progress: MoveProgress;
  /** The error of the last run, if it failed. */
  error: { code: string; message: string; hint?: string } | null;
  /** The signed certificate, once the rows have been compared after the cut-over. */
  certificate: Record<string, unknown> | null;
  requestedBy: string;
  createdAt: Date;
  updatedAt: Date;
  /** When the move ended; null while it is open. */
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

/** The progress of a table's copy: its number of key ranges, and how many (`done`) are committed at the target. */
export interface CopiedTable {
  table: string;
  ranges: number;
  done: number;
  rows: number;
  bytes: number;
}

/** A step that began, or a command that was given during it: `{command, by}`. */
export interface MoveEvent {
  at: Date;
  step: MoveStep;
  detail: Record<string, unknown>;
}

/** Name of a move's slot, publication or change log. Slot names are unique within a server, and so are the ids of moves. */
export function objectName(moveId: string, direction: 'forward' | 'reverse'): string {
  return `marquee_move_${moveId.replaceAll('-', '')}_${direction}`;
}
