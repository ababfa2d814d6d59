import { MovementError } from '../errors';
import type { Marker } from './marker';

/** Replicates a tenant's changes from one database to the other until it is stopped. */
export interface Replicator {
  /** Continues from the recorded position, or begins at the given one. */
  start(at: bigint): Promise<void>;
  /** Writes the marker to the database that is read, within the client's transaction if it is in one. */
  mark(marker: Marker, client: MarkerClient): Promise<void>;
  /** Resolves when every change before the marker has been committed at the other database. */
  drainTo(marker: Marker, timeoutMs: number): Promise<void>;
  /** Holds changes after the marker back until `resume`, since they are not the tenant's. Call it before the marker is written. */
  holdAfter(marker: Marker): void;
  resume(): void;
  /** Bytes of WAL between the received position and the given one. Without logical decoding: 0 or 1. */
  lag(currentLsn: bigint): bigint;
  /** The position up to which all changes have been committed at the other database. */
  readonly position: bigint;
  /** Rejects when replication has failed. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

type MarkerClient = Parameters<Marker['write']>[0];

/** Rejects {@link Replicator.failed} of a replicator that was stopped. */
export function replicationStopped(): MovementError {
  return new MovementError('move_interrupted', 'Replication was stopped.');
}

export function drainedTooLate(what: string, timeoutMs: number): MovementError {
  return new MovementError('move_pause_limit', `The ${what} was not drained within ${timeoutMs} ms.`);
}
