// How old is what a replica has replayed? Compared are positions in the log, and times of this process only: a server's clock, and
// what a replica says of its own lag, are not relied on. A replica that has lost its primary says that it lags by nothing.

/** Now, ms since the epoch, by a clock that is never set back. */
export function clock(): number {
  return performance.timeOrigin + performance.now();
}

/** Where the primary's log was when it was asked. */
export interface Position {
  /** Before the question was sent, as `clock` has it. */
  readonly at: number;
  readonly lsn: bigint;
}

const MOST = 500;

/** Where the primary's log was, at moments in the past. */
export class Positions {
  #known: Position[] = [];

  add(position: Position): void {
    const last = this.#known.at(-1);
    if (last && position.at <= last.at) return;
    // The log went back: it is another one, and what was known says nothing of it.
    if (last && position.lsn < last.lsn) this.#known = [];
    this.#known.push(position);
    if (this.#known.length > MOST) this.#known.shift();
  }

  clear(): void {
    this.#known = [];
  }

  /** The last moment up to which a server that has replayed `lsn` has everything that was committed; undefined where none is known. */
  heldBy(lsn: bigint): Position | undefined {
    return this.#known.findLast((position) => position.lsn <= lsn);
  }
}
