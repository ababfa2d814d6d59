// Reads that a replica may answer. If a replica is current enough, it answers; otherwise, or if it fails to answer, the primary does. A
// replica's copy of the tenant's fence decides nothing, since it may be older than a move of the tenant.
import pg from 'pg';
import type { Statement } from '@/lib/postgres';
import { DataSourceError, isStaleRoute } from '../../../errors';
import type { Route } from '../../../routing/route';
import type { Sessions } from '../sessions';
import { FallbackGate } from './fallback-gate';
import { clock } from './positions';
import { ReplicaSet, type ReplicaSetOptions, type ReplicaWish } from './replica-set';

export class ReplicaReads {
  readonly set: ReplicaSet;
  readonly #gate: FallbackGate;

  constructor(options: ReplicaSetOptions) {
    this.set = new ReplicaSet(options);
    this.#gate = new FallbackGate(options.id);
  }

  /**
   * @param there reads at a replica, after the statement `before`
   * @param here reads at the primary
   * @param hasBegun whether the caller has already received rows from the replica, so that the read cannot be repeated
   * @throws DataSourceError `replica_unavailable`, `replica_conflict`; what `here` throws; errors that the replica did not cause
   */
  async run<T>(
    route: Route,
    wish: ReplicaWish,
    signal: AbortSignal | undefined,
    there: (sessions: Sessions, before: Statement) => Promise<T>,
    here: () => Promise<T>,
    hasBegun: () => boolean = () => false,
  ): Promise<T> {
    // The token has a later epoch than the route, so the route is probably stale. Only the primary's fence can refuse it.
    const isLater = wish.token !== undefined && wish.token.epoch > BigInt(route.epoch);
    const chosen = isLater ? undefined : await this.set.choose(route, wish, signal);
    if (chosen) {
      try {
        const value = await there(chosen.sessions, chosen.before);
        wish.served?.(chosen.by);
        return value;
      } catch (error) {
        if (signal?.aborted || !isOfReplica(error)) throw error;
        if (isServersFault(error)) chosen.failed(error);
        if (hasBegun()) throw conflict(error);
      }
    }
    const asOf = new Date(clock());
    const value = (await this.set.hasAny(route))
      ? await this.#gate.run(here, route.limits.queueTimeoutMs, signal)
      : await here();
    wish.served?.({ replica: undefined, asOf });
    return value;
  }
}

/** Errors of a replica that the primary would not have. */
const OF_REPLICA = new Set([
  ...['route_stale', 'data_source_unreachable', 'data_source_connection_lost', 'data_source_shutting_down'],
  ...['data_source_circuit_open', 'data_source_out_of_connections', 'data_source_busy', 'manager_closed'],
  ...['data_source_authentication_refused', 'data_source_address_refused', 'data_source_tls_refused'],
]);

/**
 * SQLSTATEs of a replica that the primary would not have: the position is not replayed yet (MQ006), a conflict with replayed changes
 * cancelled the statement (40001), tables or functions do not exist yet.
 */
const STATES_OF_REPLICA = new Set(['MQ006', '40001', '40P01', '25006', '42P01', '42703', '42883', '3F000']);

function isOfReplica(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return STATES_OF_REPLICA.has(error.code ?? '');
  return error instanceof DataSourceError && OF_REPLICA.has(error.code);
}

function isServersFault(error: unknown): boolean {
  return error instanceof DataSourceError && !isStaleRoute(error) && error.code !== 'data_source_busy';
}

function conflict(cause: unknown): DataSourceError {
  return new DataSourceError('replica_conflict', 'The replica could not go on answering this transaction.', {
    cause,
  });
}
