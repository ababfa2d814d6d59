// Reports the progress of a copy once a second, even during a range that takes minutes.
import type { CopyRange, MoveProgress } from '../control/move';
import type { MoveContext } from '../control/move-context';
import type { Pacer } from '../control/pacer';

const REPORT_EVERY_MS = 1_000;

export class CopyProgress {
  readonly #started = performance.now();
  readonly #before: { rows: number; bytes: number };
  readonly #timer: NodeJS.Timeout;
  #bytes = 0;
  #reporting: Promise<void> = Promise.resolve();

  /** @param ranges the ranges, which the copy updates */
  constructor(
    private readonly context: Pick<MoveContext, 'move' | 'store'>,
    private readonly ranges: readonly CopyRange[],
    private readonly pacer: Pick<Pacer, 'share' | 'reason'>,
  ) {
    this.#before = copiedOf(ranges);
    this.#timer = setInterval(() => {
      this.#reporting = this.#report().catch(() => {});
    }, REPORT_EVERY_MS);
  }

  /** Counts bytes that were read. Their range may not be committed yet. */
  add(bytes: number): void {
    this.#bytes += bytes;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#reporting;
    await this.#report();
  }

  #report(): Promise<void> {
    const { move, store } = this.context;
    return store.addProgress(move, this.#progress());
  }

  #progress(): MoveProgress {
    const { rowsExpected = 0, bytesExpected = 0 } = this.context.move.progress;
    const done = copiedOf(this.ranges);
    const seconds = (performance.now() - this.#started) / 1000;
    const rowsPerSecond = (done.rows - this.#before.rows) / seconds;
    const bytes = this.#before.bytes + this.#bytes;
    const bytesPerSecond = this.#bytes / seconds;
    // Until the first range is committed, only the size of the tables is known.
    const secondsLeft =
      rowsPerSecond > 0
        ? Math.max(0, rowsExpected - done.rows) / rowsPerSecond
        : Math.max(0, bytesExpected - bytes) / bytesPerSecond;
    return {
      rows: done.rows,
      bytes,
      rowsPerSecond: Math.round(rowsPerSecond),
      bytesPerSecond: Math.round(bytesPerSecond),
      ...(Number.isFinite(secondsLeft) ? { secondsLeft: Math.ceil(secondsLeft) } : {}),
      copyShare: Math.round(this.pacer.share * 100) / 100,
      slowedBy: this.pacer.reason ?? null,
    };
  }
}

function copiedOf(ranges: readonly CopyRange[]): { rows: number; bytes: number } {
  const done = ranges.filter((range) => range.done);
  const sum = (of: (range: CopyRange) => number) => done.reduce((all, range) => all + Number(of(range)), 0);
  return { rows: sum(({ rows }) => rows), bytes: sum(({ bytes }) => bytes) };
}
