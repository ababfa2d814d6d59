// A hard ceiling of connections for one database server in this process, shared by the pools of its databases.

/** What a pool does for the budget it shares. */
export interface BudgetMember {
  /** Connections it holds or is opening. */
  readonly total: number;
  /** One more connection may be opened; false when none is needed any more. */
  grant(): boolean;
  /** Closes one idle connection, if there is one. */
  closeIdle(): boolean;
}

/** How long a pool keeps a connection while others, with no share left for them, wait for one. */
const SLICE_MS = 50;

export class ConnectionBudget {
  #used = 0;
  #closing = 0;
  #max: number;
  /** Pools that hold a connection or want one. */
  readonly #members = new Set<BudgetMember>();
  readonly #waiting = new Set<BudgetMember>();
  /** Pools with idle connections, the longest idle first. */
  readonly #idle = new Set<BudgetMember>();

  constructor(max: number) {
    this.#max = max;
  }

  get max(): number {
    return this.#max;
  }

  /** Connections open, being opened or not yet closed. */
  get used(): number {
    return this.#used;
  }

  /** Whether one more could be opened without taking it from anybody. */
  get spare(): boolean {
    return this.#used < this.#max && this.#waiting.size === 0;
  }

  /** Pools that wait for a connection. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Changes the ceiling; connections above it are closed as they become idle. */
  resize(max: number): void {
    this.#max = max;
    this.#distribute();
  }

  /** Takes a slot now, or notes that the pool wants one and answers false; `grant` is called when it is there. */
  take(member: BudgetMember): boolean {
    this.#members.add(member);
    if (this.#used < this.#max && (this.#waiting.size === 0 || member.total < this.#share())) {
      this.#used += 1;
      return true;
    }
    this.#waiting.add(member);
    this.#distribute();
    return false;
  }

  /** The pool wants no further connection after all. */
  withdraw(member: BudgetMember): void {
    this.#waiting.delete(member);
    this.#leave(member);
  }

  /** A connection is being closed; `give` follows once the server has let go of it. */
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

  /** Keeps the order in which pools became idle. */
  noteIdle(member: BudgetMember, idle: boolean): void {
    this.#idle.delete(member);
    if (!idle) return;
    this.#idle.add(member);
    this.#waiting.delete(member);
    if (this.#waiting.size > 0 || this.#used > this.#max) this.#distribute();
  }

  /**
   * Whether a pool that has a connection back must close it instead of using it again: above the ceiling, or others
   * wait and it holds more than its share, or there is less than one for each and its time slice is over.
   */
  mustYield(member: BudgetMember, heldSince: number, now: number): boolean {
    if (this.#used - this.#closing > this.#max) return true;
    const others = this.#waiting.size - (this.#waiting.has(member) ? 1 : 0);
    if (others - this.#closing <= 0) return false;
    const share = this.#share();
    return member.total > Math.max(1, Math.ceil(share)) || (share < 1 && now - heldSince > SLICE_MS);
  }

  /** Connections each pool with work would have if they were dealt out evenly. */
  #share(): number {
    return this.#max / Math.max(1, this.#members.size);
  }

  #leave(member: BudgetMember): void {
    if (member.total === 0 && !this.#waiting.has(member)) this.#members.delete(member);
  }

  #distribute(): void {
    for (const member of this.#waiting) {
      if (this.#used >= this.#max) break;
      this.#waiting.delete(member);
      this.#used += 1;
      if (!member.grant()) {
        this.#used -= 1;
        this.#leave(member);
      }
    }
    // Idle connections of other pools are closed for those that wait; their slots come back through `give`.
    let wanted = this.#waiting.size + Math.max(0, this.#used - this.#max) - this.#closing;
    for (const member of this.#idle) {
      while (wanted > 0 && member.closeIdle()) wanted -= 1;
      if (wanted <= 0) return;
    }
  }
}
