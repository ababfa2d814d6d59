import { KEEP_IDLE_MS, SIGN_IN_MS, SIGN_INS_AT_LEAST, SIGN_INS_PART, SLICE_MS } from './constants';
import { InFlight } from './in-flight';

/** A source, as the budget of its server sees it. */
export interface BudgetMember {
  /** Number of connections that are open or being opened. */
  readonly total: number;
  /** When the connection that has been idle longest became idle, ms; infinite if none is idle. */
  readonly idleSince: number;
  /** Recent use of the source, divided by its connections. */
  usagePerConnection(at: number): number;
  /** Lets the source open one more connection; it then calls `opened` with the attempt. @returns false if it no longer needs one */
  grant(attempt: object): boolean;
  /** Closes the connection that has been idle longest. @returns false if none is idle */
  closeIdle(): boolean;
}

/**
 * The ceiling of connections from this process to one database server, shared by the data sources on that server.
 *
 * Opening a connection costs both sides milliseconds of processor time, and the connection that was closed for it cannot work meanwhile. So:
 *
 * - Only a few connections are opened at the same time (`#mayOpen`), and half as many are closed so that another source gets one. When one
 *   is done, the next begins. Sources without a connection go first, in the order in which they asked.
 * - Connections stay with the sources that use them. For a source that has none, the least used idle connection is closed; for a source
 *   that wants one more, only a connection that has been idle for a while.
 * - If no connection is idle, a source that has more than its even share, or whose turn is over, closes one when its statement ends.
 */
export class ConnectionBudget {
  #used = 0;
  #closing = 0;
  #max: number;
  readonly #signIns = new InFlight(SIGN_IN_MS);
  /** Sources that have a connection or want one. */
  readonly #members = new Set<BudgetMember>();
  readonly #waiting = new Set<BudgetMember>();
  /** Sources that have idle connections and no waiting statement. */
  readonly #idle = new Set<BudgetMember>();

  constructor(
    max: number,
    /** Clock, ms. */
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#max = max;
  }

  get max(): number {
    return this.#max;
  }

  /** Number of connections that are open, being opened or being closed. */
  get used(): number {
    return this.#used;
  }

  /** Whether one more connection can be opened without taking it from a source that waits. */
  get spare(): boolean {
    return this.#used < this.#max && this.#waiting.size === 0;
  }

  /** Number of sources that wait for a connection. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Changes the ceiling. Connections above it are closed as they become idle. */
  resize(max: number): void {
    this.#max = max;
    this.#distribute();
  }

  /**
   * Asks for one more connection.
   *
   * @returns true if the source may open it now; it then calls `opened` with the attempt. False if it has to wait: `grant` is called
   *   when it may
   */
  take(member: BudgetMember, attempt: object): boolean {
    this.#members.add(member);
    if (this.#mayOpen() && (this.#waiting.size === 0 || member.total < this.#share())) {
      this.#used += 1;
      this.#signIns.start(attempt, this.now());
      return true;
    }
    this.#waiting.add(member);
    this.#distribute();
    return false;
  }

  /** The attempt to open a connection has ended. If it failed, the source then calls `closing` and `give`. */
  opened(attempt: object): void {
    this.#signIns.done(attempt);
    if (this.#waiting.size > 0) this.#distribute();
  }

  /** The source no longer wants a connection. */
  withdraw(member: BudgetMember): void {
    this.#waiting.delete(member);
    this.#leave(member);
  }

  /** A connection is being closed. The source calls `give` when it is closed. */
  closing(): void {
    this.#closing += 1;
  }

  /** A connection has been closed. */
  give(member: BudgetMember): void {
    this.#closing -= 1;
    this.#used -= 1;
    this.#leave(member);
    this.#distribute();
  }

  /** Notes whether the source has idle connections and no waiting statement. */
  noteIdle(member: BudgetMember, idle: boolean): void {
    if (!idle) {
      this.#idle.delete(member);
      return;
    }
    this.#idle.add(member);
    this.#waiting.delete(member);
    if (this.#waiting.size > 0 || this.#used > this.#max) this.#distribute();
  }

  /**
   * Whether the source has to close the connection that has just become free: if the server has more connections than the ceiling; if the
   * source has more than its even share and a waiting source has fewer; or if there is less than one connection for each source, this
   * one's turn is over, and a source without connections waits.
   *
   * @param heldSince when the connection was opened, ms
   */
  mustYield(member: BudgetMember, heldSince: number, at: number): boolean {
    if (this.#used - this.#closing > this.#max) return true;
    if (this.#waiting.size - this.#closing <= 0) return false;
    let fewest = Number.POSITIVE_INFINITY;
    for (const other of this.#waiting) if (other !== member) fewest = Math.min(fewest, other.total);
    const share = this.#share();
    if (member.total > Math.max(1, Math.ceil(share))) return fewest < member.total - 1;
    return share < 1 && fewest === 0 && at - heldSince > SLICE_MS && this.#mayChange() > this.#closing;
  }

  /** The even share: the ceiling divided by the number of sources. */
  #share(): number {
    return this.#max / Math.max(1, this.#members.size);
  }

  #leave(member: BudgetMember): void {
    if (member.total === 0 && !this.#waiting.has(member)) this.#members.delete(member);
  }

  #signInsAtOnce(): number {
    return Math.max(SIGN_INS_AT_LEAST, Math.floor(this.#max * SIGN_INS_PART));
  }

  #mayOpen(): boolean {
    return this.#used < this.#max && this.#signIns.count(this.now()) < this.#signInsAtOnce();
  }

  /** How many connections may be in closing at the same time so that other sources get one. */
  #mayChange(): number {
    return this.#signInsAtOnce() / 2 - this.#signIns.count(this.now());
  }

  #distribute(): void {
    this.#grantFree((member) => member.total === 0);
    this.#grantFree(() => true);
    let withNone = 0;
    for (const member of this.#waiting) if (member.total === 0) withNone += 1;
    // The slots of the connections that are closed here come back through `give`.
    const over = Math.max(0, this.#used - this.#max);
    const mayChange = this.#mayChange();
    let wanted = over + Math.min(withNone, mayChange) - this.#closing;
    while (wanted > 0 && this.#closeIdle(Number.POSITIVE_INFINITY)) wanted -= 1;
    wanted = Math.min(this.#waiting.size, mayChange) - this.#closing;
    const before = this.now() - KEEP_IDLE_MS;
    while (wanted > 0 && this.#closeIdle(before)) wanted -= 1;
  }

  #grantFree(may: (member: BudgetMember) => boolean): void {
    for (const member of this.#waiting) {
      if (!this.#mayOpen()) return;
      if (!may(member)) continue;
      const attempt = {};
      this.#waiting.delete(member);
      this.#used += 1;
      this.#signIns.start(attempt, this.now());
      if (member.grant(attempt)) continue;
      this.#signIns.done(attempt);
      this.#used -= 1;
      this.#leave(member);
    }
  }

  /** Closes an idle connection of the least used source, among sources with a connection that became idle before `before`. */
  #closeIdle(before: number): boolean {
    const at = this.now();
    let least: BudgetMember | undefined;
    let leastUsage = Number.POSITIVE_INFINITY;
    for (const member of this.#idle) {
      if (member.idleSince >= before) continue;
      const usage = member.usagePerConnection(at);
      if (usage < leastUsage) [least, leastUsage] = [member, usage];
    }
    return least?.closeIdle() ?? false;
  }
}
