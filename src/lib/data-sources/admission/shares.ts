import { ACTIVE_MS, PEAK_DECAY, RECOUNT_MS, RESERVE } from './constants';
import { type FairQueue, isLong, type TenantShare, type Waiting } from './fair-queue';

/**
 * The part of a source's sessions that a tenant may use while other tenants are active. It is computed at intervals, since computing it
 * for each statement would cost too much.
 */
export class Shares<W extends Waiting> {
  /** Number of idle sessions that a tenant at its share leaves to others. */
  #reserve = 0;
  /** Number of sessions for each unit of the active tenants' weights. */
  #sessionsPerWeight = Number.POSITIVE_INFINITY;
  /** Number of sessions that short statements need at peaks. */
  #peak = 0;
  #countedAt = 0;

  constructor(private readonly queue: FairQueue<W>) {}

  /** Whether the idle sessions are kept for other tenants. */
  keep(tenant: TenantShare<W>, idle: number): boolean {
    const share = this.#sessionsPerWeight * tenant.limits.weight;
    if (idle <= this.#reserve && tenant.inFlight >= share) return true;
    return idle <= this.#peak && tenant.inFlight >= Math.max(1, share) && isLong(tenant);
  }

  /** Computes the shares again if they are old. @param sessions number of sessions of the source */
  recount(sessions: number, at: number): void {
    if (at - this.#countedAt <= RECOUNT_MS) return;
    this.#countedAt = at;
    const { tenants, weights, short } = this.queue.activitySince(at - ACTIVE_MS);
    this.#peak = tenants > 1 ? Math.max(2 * short + 1, this.#peak * PEAK_DECAY) : 0;
    this.#reserve = tenants > 1 ? Math.floor(sessions * RESERVE) : 0;
    this.#sessionsPerWeight = tenants > 0 ? sessions / weights : Number.POSITIVE_INFINITY;
  }
}
