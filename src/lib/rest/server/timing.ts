// The Server-Timing header: how long each stage of a request took, in milliseconds.
import type { EngineResponse } from '../contract';

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

  /** An answer that failed has the stages that it came to. */
  addTo(response: EngineResponse): void {
    this.#complete(this.#durations.has('jwt') ? 'parse' : 'jwt');
    if (response.status < 400) this.end('response');
    const metrics = STAGES.filter((stage) => this.#durations.has(stage)).map(
      (stage) => `${stage};dur=${(this.#durations.get(stage) ?? 0).toFixed(1)}`,
    );
    response.headers.push(['Server-Timing', metrics.join(', ')]);
  }

  #complete(last: 'jwt' | 'parse'): void {
    for (const stage of STAGES.slice(0, STAGES.indexOf(last) + 1)) {
      if (!this.#durations.has(stage)) this.end(stage);
    }
  }
}
