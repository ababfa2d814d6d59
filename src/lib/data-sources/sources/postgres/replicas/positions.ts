// Finds out how old the data of a replica are. It compares positions in the log and times of this process only. Servers' clocks are not
// used, nor the lag that a replica reports: a replica that has lost its primary reports none.

/** The current time, ms since 1970, by a clock that never goes back. */
export function clock(): number {
  return performance.timeOrigin + performance.now();
}

/** The position of the primary's log when it was asked. */
export interface Position {
  /** A time before the question was sent, by `clock`. */
  readonly at: number;
  readonly lsn: bigint;
}

const MOST = 500;

/** Positions of the primary's log at times in the past. */
export class Positions {
  #known: Position[] = [];

  add(position: Position): void {
    const last = this.#known.at(-1);
    if (last && position.at <= last.at) return;
    // The position went back, so this is another log and the known positions are meaningless.
    if (last && position.lsn < last.lsn) this.#known = [];
    this.#known.push(position);
    if (this.#known.length > MOST) this.#known.shift();
  }

  clear(): void {
    this.#known = [];
  }

  /** The latest known position at or before `lsn`: a server that has replayed `lsn` has everything committed by then. Undefined if none is known. */
  heldBy(lsn: bigint): Position | undefined {
    return this.#known.findLast((position) => position.lsn <= lsn);
  }
}
