// If a source has several hosts, reads are repeated until one of its servers has answered.
import pg from 'pg';
import { pause } from '@/lib/time';
import { DataSourceError } from '../../errors';
import { FAILOVER_PAUSE_MS } from './marks';
import type { Sessions } from './sessions';

/** How long a read is repeated while servers fail over, ms. It is longer than a cluster takes to elect a primary. */
const FAILOVER_READ_MS = 30_000;
/** Attempts of a read that a standby cancels because of the log that it replays. This seldom happens twice. */
const CONFLICT_ATTEMPTS = 3;
/** Number of sessions that a read may lose, since the read itself may be what ends them. */
const LOST_SESSIONS = 5;

/**
 * Reads at whichever server answers: the primary, or a standby while there is no primary.
 *
 * @param read makes one attempt; a failed attempt has no effect
 * @throws what the last attempt throws: `data_source_no_primary` if no server answers for as long as a statement may wait
 */
export async function readThroughFailover<T>(
  sessions: Sessions,
  read: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  let until: number | undefined;
  let lost = 0;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await read();
    } catch (error) {
      until ??= performance.now() + FAILOVER_READ_MS;
      if (error instanceof DataSourceError && error.code === 'data_source_connection_lost') lost += 1;
      const isWorthIt =
        (lost < LOST_SESSIONS && sessions.mayReadAgain(error)) ||
        (attempt < CONFLICT_ATTEMPTS && isConflict(error));
      if (!isWorthIt || performance.now() >= until || signal?.aborted) throw error;
      await pause(FAILOVER_PAUSE_MS);
    }
  }
}

/** Whether a read was cancelled because of other transactions: a deadlock, or the log that a standby replays. */
function isConflict(error: unknown): boolean {
  return error instanceof pg.DatabaseError && (error.code === '40P01' || error.code === '40001');
}
