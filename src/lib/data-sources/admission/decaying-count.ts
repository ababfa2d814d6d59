import { USAGE_HALF_LIFE_MS } from './constants';

/** Recent use: a count of uses in which the weight of each use halves with every half-life. */
export class DecayingCount {
  #count = 0;
  #at = 0;

  add(at: number): void {
    this.#count = this.of(at) + 1;
    this.#at = at;
  }

  of(at: number): number {
    return this.#count * 2 ** ((this.#at - at) / USAGE_HALF_LIFE_MS);
  }
}
