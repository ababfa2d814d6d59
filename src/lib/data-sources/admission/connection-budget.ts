import { KEEP_IDLE_MS, SIGN_IN_MS, SIGN_INS_AT_LEAST, SIGN_INS_PART, SLICE_MS } from './constants';
import { InFlight } from './in-flight';

/** A source, as the budget of its server sees it. */
export interface BudgetMember {
  /** Connections that are open or being opened. */
  readonly total: number;
  /** When its longest idle connection became idle, ms; infinite where none is idle. */
  readonly idleSince: number;
  /** How much each of its connections is used lately. */
  usagePerConnection(at: number): number;
  /** One more connection may be opened; `opened` follows with the attempt. Answers false when none is needed any more. */
  grant(attempt: object): boolean;
  /** Closes the connection that is idle for longest. Answers false when none is. */
  closeIdle(): boolean;
}

/**
 * The ceiling of connections to one database server in this process, shared by the sources that stand on it.
 *
 * Opening a connection costs both sides milliseconds of processor time, and the one closed for it is missing meanwhile. So:
 *
 * - A few connections at once are opened (`#maySignIn`), and half as many are closed so that another source gets one. The next begins
 *   as soon as one of them is done; sources that have no connection go first, in the order in which they came.
 * - Connections stay where the traffic is. For a source that has none, the idle connection that is used least is closed. For a
 *   source that wants one more, only one that was idle for a while.
 * - Where none is idle, a source above its even share, or one whose turn is over, closes a connection as it comes back.
 */
export class ConnectionBudget {
  #used = 0;
  #closing = 0;
  #max: number;
  readonly #signIns = new InFlight(SIGN_IN_MS);
  /** Sources that hold a connection or want one. */
  readonly #members = new Set<BudgetMember>();
  readonly #waiting = new Set<BudgetMember>();
  /** Sources that have idle connections, and no use for them at the moment. */
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

  /** Connections that are open, being opened or not yet closed. */
  get used(): number {
    return this.#used;
  }

  /** Whether one more could be opened that no other source waits for. */
  get spare(): boolean {
    return this.#used < this.#max && this.#waiting.size === 0;
  }

  /** Sources that wait for a connection. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Changes the ceiling. Connections above it are closed as they become idle. */
  resize(max: number): void {
    this.#max = max;
    this.#distribute();
  }

  /**
   * Takes a slot now, and `opened` follows with the attempt; or notes that the source wants one and answers false: `grant` is called
   * when there is one.
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

  /** A connection is open, or could not be opened; in that case `closing` and `give` follow. */
  opened(attempt: object): void {
    this.#signIns.done(attempt);
    if (this.#waiting.size > 0) this.#distribute();
  }

  /** The source wants no further connection. */
  withdraw(member: BudgetMember): void {
    this.#waiting.delete(member);
    this.#leave(member);
  }

  /** A connection is being closed. `give` follows when the server has let go of it. */
  closing(): void {
    this.#closing += 1;
  }

  /** A connection that was closing is gone. */
  give(member: BudgetMember): void {
    this.#closing -= 1;
    this.#used -= 1;
    this.#leave(member);
    this.#distribute();
  }

  /** Whether the source has idle connections and no statement that waits. */
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
   * Whether a source closes a connection that came back: it is above the ceiling; or it is above the source's even share and another
   * source has fewer; or there is less than one for each source, its turn is over, and another source waits with none.
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

  /** Connections that each source with work would have if they were dealt out evenly. */
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

  /** How many connections may be closing so that other sources get one. */
  #mayChange(): number {
    return this.#signInsAtOnce() / 2 - this.#signIns.count(this.now());
  }

  #distribute(): void {
    this.#grantFree((member) => member.total === 0);
    this.#grantFree(() => true);
    let withNone = 0;
    for (const member of this.#waiting) if (member.total === 0) withNone += 1;
    // The slots of what is closed here come back through `give`.
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

  /** Closes an idle connection of the source that uses its own least, of those with one that became idle before that. */
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
