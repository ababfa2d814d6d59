// How the work of a move yields to the tenants' own statements. One rule for copying, comparing, publishing, removing and replicating.
import { setTimeout as sleep } from 'node:timers/promises';
import { type LoadLimits, watchLoad } from './load-gauge';
import type { Move } from './move';

/**
 * Work that no statement waits for is done in pieces. After a piece of `t` ms the move pauses for `t × (1/share − 1)` ms:
 *
 * - *Background* work (publish, compare, remove, look into tables) has a share of 1/2: it pauses as long as the piece took. A piece
 *   longer than `LONGEST_BACKGROUND_PAUSE_MS` is one session's work, beside which a server serves others.
 * - A *copy* has the share that the load of both databases allows. It begins with 1/4, since what others notice is not known before it
 *   is measured, and a copy of seconds would be over by then. Each measurement below the limits has it grow by a quarter, each one above
 *   halves it; never under 0.1, so that every copy ends. A limit in bytes a second makes a pause longer where needed.
 * - *Replication* gathers changes for `GATHER_MS` into one target transaction, except while a caller waits for a marker.
 *
 * `load: false` turns the pauses off, but not the limit in bytes a second.
 *
 * The constants are chosen by `others_p99_ratio` of `npm run bench -- move --rows 2000 --moves 20`, with and without `--no-pacing`.
 */
const BACKGROUND_SHARE = 1 / 2;
const LONGEST_BACKGROUND_PAUSE_MS = 50;
const LONGEST_COPY_PAUSE_MS = 1_000;
/** Shorter pauses are saved up: timers are not that exact. */
const SHORTEST_PAUSE_MS = 5;
const SMALLEST_SHARE = 0.1;
const FIRST_SHARE = 1 / 4;
/** To full speed it takes 7 quiet measurements from the first share and 11 from the smallest: both databases are measured four times a second. */
const GROWTH = 1.25;
const GATHER_MS = 50;

export class Pacer {
  #share: number;
  #reason: string | undefined;
  readonly #longestPauseMs: number;
  readonly #bytesPerSecond: number | undefined;
  #stopWatching: () => Promise<void> = async () => {};
  /** When the bytes that went through so far were due. */
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
   * @param endpoints names and URLs of the mover's login; both are watched, since a copy burdens both
   * @param load false: always at full speed
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

  /** What keeps the share of a copy below 1, in words. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** Begins a sequence of pieces. @returns pauses after a piece; call it after each, with the bytes that the piece transferred */
  flow(): (bytes?: number) => Promise<void> {
    let since = performance.now();
    let owed = 0;
    return async (bytes = 0) => {
      const now = performance.now();
      owed = Math.min(owed + (now - since) * (1 / this.#share - 1), this.#longestPauseMs);
      const pause = Math.max(owed, this.#untilDue(bytes, now));
      if (pause >= SHORTEST_PAUSE_MS) {
        await sleep(pause);
        // A timer that was late has paid for the next pause too.
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
