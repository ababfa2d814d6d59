// The Server-Timing header: how long each stage of a request took, in milliseconds.
import type { EngineResponse, RunTransaction } from '../contract';

type Stage = 'jwt' | 'parse' | 'plan' | 'transaction' | 'response';
const STAGES: readonly Stage[] = ['jwt', 'parse', 'plan', 'transaction', 'response'];

export class RequestTiming {
  readonly #durations = new Map<Stage, number>();
  #since = performance.now();

  /** The stage that began where the last one ended is over. */
  end(stage: Stage): void {
    const now = performance.now();
    this.#durations.set(stage, (this.#durations.get(stage) ?? 0) + now - this.#since);
    this.#since = now;
  }

  /** Times the transaction. Where the engine has not told parsing from planning, both count as parsing. */
  around(run: RunTransaction): RunTransaction {
    return async (transaction) => {
      if (!this.#durations.has('parse')) this.end('parse');
      this.end('plan');
      try {
        return await run(transaction);
      } finally {
        this.end('transaction');
      }
    };
  }

  addTo(response: EngineResponse): void {
    if (!this.#durations.has('parse')) this.end('parse');
    this.end('response');
    const metrics = STAGES.filter((stage) => this.#durations.has(stage)).map(
      (stage) => `${stage};dur=${(this.#durations.get(stage) ?? 0).toFixed(1)}`,
    );
    response.headers.push(['Server-Timing', metrics.join(', ')]);
  }
}
