// Sources without a database: time is a number, and what takes time is an event in a list.
import { setImmediate as settled } from 'node:timers/promises';
import { Admission } from '@/lib/data-sources/admission/admission';
import { CircuitBreaker } from '@/lib/data-sources/admission/circuit-breaker';
import type { Clock } from '@/lib/data-sources/admission/closed-fences';
import type { ConnectionBudget } from '@/lib/data-sources/admission/connection-budget';
import { type PoolLimits, readPoolLimits } from '@/lib/data-sources/admission/pool-config';
import type { Session, Waiter } from '@/lib/data-sources/admission/session';

export class Simulation implements Clock {
  #now = 0;
  #events: { at: number; run(): void }[] = [];

  readonly now = () => this.#now;

  after(ms: number, run: () => void): void {
    const at = this.#now + ms;
    const before = this.#events.findLastIndex((event) => event.at <= at);
    this.#events.splice(before + 1, 0, { at, run });
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      this.after(ms, resolve);
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }

  /** Lets time pass until nothing happens any more, or until a moment. */
  run(until = Number.POSITIVE_INFINITY): void {
    for (let next = this.#events[0]; next && next.at <= until; next = this.#events[0]) {
      this.#events.shift();
      this.#now = next.at;
      next.run();
    }
    if (until !== Number.POSITIVE_INFINITY) this.#now = until;
  }

  /** The same, where promises are settled between events. */
  async runSettled(until: number): Promise<void> {
    await settled();
    for (let next = this.#events[0]; next && next.at <= until; next = this.#events[0]) {
      this.#events.shift();
      this.#now = next.at;
      next.run();
      await settled();
    }
    this.#now = until;
  }
}

export interface Statement {
  tenant: string;
  askedAt: number;
  startedAt?: number;
  endedAt?: number;
  refused?: unknown;
  cancel(): void;
}

export interface SourceOptions {
  budget: ConnectionBudget;
  /** How long opening a session takes, ms. */
  openMs?: number;
  /** Whether the server can be reached at the moment. */
  reachable?: () => boolean;
  /** How long a session is used, ms. */
  lifetimeMs?: number;
}

export class SimulatedSource {
  readonly admission: Admission<Session>;
  readonly statements: Statement[] = [];
  readonly inFlight = new Map<string, number>();
  opening = 0;
  opened = 0;
  mostOpening = 0;
  #lookingAgain = false;

  constructor(
    readonly simulation: Simulation,
    { budget, openMs = 5, reachable = () => true, lifetimeMs = Number.POSITIVE_INFINITY }: SourceOptions,
  ) {
    const { now } = simulation;
    this.admission = new Admission<Session>({
      ...{ name: 'simulated', budget, now, breaker: new CircuitBreaker('simulated', { now }) },
      effects: {
        open: (attempt) => {
          this.opening += 1;
          this.mostOpening = Math.max(this.mostOpening, this.opening);
          simulation.after(openMs, () => {
            this.opening -= 1;
            if (!reachable()) {
              this.admission.openFailed(attempt, new Error('unreachable'));
              return;
            }
            this.opened += 1;
            const opened = { idleSince: now(), heldSince: now(), retiresAt: now() + lifetimeMs };
            this.admission.opened(attempt, { ...opened, used: false }, true);
          });
        },
        close: () => simulation.after(1, () => this.admission.closed()),
        lookAgainIn: (ms) => {
          if (this.#lookingAgain) return;
          this.#lookingAgain = true;
          simulation.after(ms, () => {
            this.#lookingAgain = false;
            this.admission.lookAgain();
          });
        },
      },
    });
  }

  /** Asks for a statement that takes so long, ms, once it runs. */
  ask(tenant: string, tookMs: number, limits: PoolLimits = readPoolLimits({}), onEnd = () => {}): Statement {
    const { admission, simulation } = this;
    const askedAt = simulation.now();
    const statement: Statement = { tenant, askedAt, cancel: () => {} };
    this.statements.push(statement);
    const share = admission.tenant(tenant, limits);
    const start = (session: Session) => {
      statement.startedAt = simulation.now();
      this.#count(tenant, 1);
      simulation.after(tookMs, () => {
        statement.endedAt = simulation.now();
        this.#count(tenant, -1);
        admission.finished(share, session, tookMs, true);
        onEnd();
      });
    };
    const session = admission.admit(share, askedAt);
    if (session) {
      start(session);
      return statement;
    }
    const waiter: Waiter<Session> = {
      settled: false,
      enqueuedAt: askedAt,
      admit: start,
      refuse: (error) => {
        statement.refused = error;
      },
    };
    statement.cancel = () => admission.cancel(share, waiter);
    try {
      admission.enqueue(share, waiter);
    } catch (error) {
      statement.refused = error;
    }
    return statement;
  }

  #count(tenant: string, by: number): void {
    this.inFlight.set(tenant, (this.inFlight.get(tenant) ?? 0) + by);
  }
}

/** The time that a tenant's statements ran until a moment, ms. */
export function ranFor(statements: readonly Statement[], tenant: string, until: number): number {
  let sum = 0;
  for (const { tenant: own, startedAt, endedAt } of statements) {
    if (own === tenant && startedAt !== undefined && startedAt < until)
      sum += Math.min(endedAt ?? until, until) - startedAt;
  }
  return sum;
}
