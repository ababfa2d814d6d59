import { ACTIVE_MS, PEAK_DECAY, RECOUNT_MS, RESERVE } from './constants';
import { type FairQueue, isLong, type TenantShare, type Waiting } from './fair-queue';

/**
 * What a tenant may take of a source's sessions while other tenants are active. It is counted every so often, since counting at each
 * statement would cost more than it gives.
 */
export class Shares<W extends Waiting> {
  /** Idle sessions that a tenant at its share leaves to others. */
  #reserve = 0;
  /** Sessions for each unit of the active tenants' weights. */
  #sessionsPerWeight = Number.POSITIVE_INFINITY;
  /** Sessions that short statements need at times. */
  #peak = 0;
  #countedAt = 0;

  constructor(private readonly queue: FairQueue<W>) {}

  /** Whether the sessions that are idle are kept for other tenants. */
  keep(tenant: TenantShare<W>, idle: number): boolean {
    const share = this.#sessionsPerWeight * tenant.limits.weight;
    if (idle <= this.#reserve && tenant.inFlight >= share) return true;
    return idle <= this.#peak && tenant.inFlight >= Math.max(1, share) && isLong(tenant);
  }

  /** Counts again, where the last count is old. @param sessions all of the source's */
  recount(sessions: number, at: number): void {
    if (at - this.#countedAt <= RECOUNT_MS) return;
    this.#countedAt = at;
    const { tenants, weights, short } = this.queue.activitySince(at - ACTIVE_MS);
    this.#peak = tenants > 1 ? Math.max(2 * short + 1, this.#peak * PEAK_DECAY) : 0;
    this.#reserve = tenants > 1 ? Math.floor(sessions * RESERVE) : 0;
    this.#sessionsPerWeight = tenants > 0 ? sessions / weights : Number.POSITIVE_INFINITY;
  }
}
