// What only reads is sent again at a source with several hosts, until one of its servers has answered.
import pg from 'pg';
import { pause } from '@/lib/time';
import { DataSourceError } from '../../errors';
import { FAILOVER_PAUSE_MS } from './marks';
import type { Sessions } from './sessions';

/** How long a read is sent again and again while servers fail over, ms: longer than a cluster takes to elect a primary. */
const FAILOVER_READ_MS = 30_000;
/** The log that a standby replays may cancel a read; seldom twice. */
const CONFLICT_ATTEMPTS = 3;
/** Sessions that are lost under the read: it may be what ends them. */
const LOST_SESSIONS = 5;

/**
 * Reads where a server answers: at the primary, or at a standby while there is none.
 *
 * @param read makes one attempt, which has no effect where it fails
 * @throws what the last attempt throws: `data_source_no_primary` where no server answers for as long as a statement waits
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

/** A read was ended for what others do: a deadlock, or the log that a standby replays. */
function isConflict(error: unknown): boolean {
  return error instanceof pg.DatabaseError && (error.code === '40P01' || error.code === '40001');
}
