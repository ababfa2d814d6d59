// How the work of a move yields to tenants' statements. One rule applies to copying, comparing, publishing, removing and replicating.
import { setTimeout as sleep } from 'node:timers/promises';
import { type LoadLimits, watchLoad } from './load-gauge';
import type { Move } from './move';

/**
 * Work for which no statement waits is done in pieces. After a piece of `t` ms the move pauses for `t × (1/share − 1)` ms:
 *
 * - *Background* work (publish, compare, remove, inspect tables) has a share of 1/2: it pauses for as long as the piece took, but at most
 *   `LONGEST_BACKGROUND_PAUSE_MS`, since a long piece occupies only one session and the server can serve others beside it.
 * - A *copy* has the share that the load of both databases allows. It begins with 1/4, since its effect on others has to be measured first,
 *   and a copy of a few seconds would be over by then. Each measurement below the limits increases it by a quarter, each one above halves
 *   it, to 0.1 at least, so that every copy ends. A limit in bytes a second makes pauses longer if needed.
 * - *Replication* gathers changes for `GATHER_MS` into one target transaction, except while a caller waits for a marker.
 *
 * `load: false` turns the pauses off, but not the limit in bytes a second.
 *
 * The constants are chosen by `others_p99_ratio` of `npm run bench -- move --rows 2000 --moves 20`, with and without `--no-pacing`.
 */
const BACKGROUND_SHARE = 1 / 2;
const LONGEST_BACKGROUND_PAUSE_MS = 50;
const LONGEST_COPY_PAUSE_MS = 1_000;
/** Shorter pauses are accumulated, since timers are not that exact. */
const SHORTEST_PAUSE_MS = 5;
const SMALLEST_SHARE = 0.1;
const FIRST_SHARE = 1 / 4;
/** Full speed is reached after 7 quiet measurements from the first share, and 11 from the smallest. Each database is measured four times a second. */
const GROWTH = 1.25;
const GATHER_MS = 50;

export class Pacer {
  #share: number;
  #reason: string | undefined;
  readonly #longestPauseMs: number;
  readonly #bytesPerSecond: number | undefined;
  #stopWatching: () => Promise<void> = async () => {};
  /** When the bytes transferred so far were due by the limit. */
  #due = performance.now();

  private constructor(share: number, longestPauseMs: number, bytesPerSecond?: number) {
    this.#share = share;
    this.#longestPauseMs = longestPauseMs;
    this.#bytesPerSecond = bytesPerSecond;
  }

  static forBackground({ options }: Pick<Move, 'options'>): Pacer {
    return new Pacer(options.load === false ? 1 : BACKGROUND_SHARE, LONGEST_BACKGROUND_PAUSE_MS);
  }

  /**
   * @param endpoints names and URLs of the mover's login. Both are watched, since a copy loads both
   * @param load false for always full speed
   */
  static async forCopy(
    endpoints: readonly { name: string; url: string }[],
    { id, options, load }: Pick<Move, 'id' | 'options'> & { load: LoadLimits | false },
  ): Promise<Pacer> {
    const pacer = new Pacer(load ? FIRST_SHARE : 1, LONGEST_COPY_PAUSE_MS, options.bytesPerSecond);
    if (load)
      pacer.#stopWatching = await watchLoad(endpoints, id, load, (overload) => pacer.#adapt(overload));
    return pacer;
  }

  /** The share of its time that the paced work may take, from 0.1 to 1. */
  get share(): number {
    return this.#share;
  }

  /** The reason, in words, why the share of a copy is below 1. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** Begins a sequence of pieces. @returns a function to call after each piece, with the bytes transferred; it pauses */
  flow(): (bytes?: number) => Promise<void> {
    let since = performance.now();
    let owed = 0;
    return async (bytes = 0) => {
      const now = performance.now();
      owed = Math.min(owed + (now - since) * (1 / this.#share - 1), this.#longestPauseMs);
      const pause = Math.max(owed, this.#untilDue(bytes, now));
      if (pause >= SHORTEST_PAUSE_MS) {
        await sleep(pause);
        // If the timer was late, the next pause is shorter by that time.
        owed -= performance.now() - now;
        owed = Math.max(owed, -this.#longestPauseMs);
      }
      since = performance.now();
    };
  }

  close(): Promise<void> {
    return this.#stopWatching();
  }

  #untilDue(bytes: number, now: number): number {
    if (this.#bytesPerSecond === undefined) return 0;
    this.#due = Math.max(this.#due, now) + (bytes * 1000) / this.#bytesPerSecond;
    return this.#due - now;
  }

  #adapt(overload: string | undefined): void {
    this.#share = overload ? Math.max(SMALLEST_SHARE, this.#share / 2) : Math.min(1, this.#share * GROWTH);
    if (overload) this.#reason = overload;
    else if (this.#share === 1) this.#reason = undefined;
  }
}

/** Lets more changes arrive before the next target transaction. @param hurry ends the wait at once */
export async function gatherChanges(hurry: Promise<void>): Promise<void> {
  const timer = new AbortController();
  await Promise.race([hurry, sleep(GATHER_MS, undefined, { signal: timer.signal }).catch(() => {})]);
  timer.abort();
}
