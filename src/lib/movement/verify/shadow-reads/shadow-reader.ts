// Repeats a share of a moving tenant's reads at both homes, beside the tenant's work and never in its way.

import type { ObservedRead, ObservedStatement } from '@/lib/data-sources';
import { connectionLost, isConnectionGone } from '@/lib/failures';
import { withDeadline } from '@/lib/time';
import { type Move, MoveStore } from '../../control/move-store';
import type { MoveDependencies } from '../../control/ports';
import { recordDarkRead, sumDarkReads } from './findings';
import { labelOf, ReadComparer } from './read-comparer';

const DEFAULT_SHARE = 0.05;
/** The first few of each statement are always compared: variety says more than number. */
const FIRST_OF_EACH = 3;
/** Reads that wait to be compared; further ones are let go. */
const MOST_WAITING = 16;
const STATEMENTS_KNOWN = 1_000;
/** A comparison reads three times at most, and as often waits for the stream. */
const COMPARE_MS = 60_000;
/** Tenants compared at a time by this process, one read of each at a time. */
const MOST_MOVES = 4;

/** Reads of one move. */
class Comparison {
  readonly #waiting: ObservedRead[] = [];
  readonly #seen = new Map<string, number>();
  #working: Promise<void> | undefined;
  #comparer: ReadComparer | undefined;
  #closed = false;

  constructor(
    private readonly dependencies: MoveDependencies,
    private readonly store: MoveStore,
    readonly move: Move,
  ) {}

  offer(read: ObservedRead): void {
    const { darkReads } = this.move.options;
    const share = (darkReads !== false && darkReads?.share) || DEFAULT_SHARE;
    const { text } = read.statement;
    // An estimate of the planner differs, and says nothing of the rows.
    if (this.#closed || this.#waiting.length >= MOST_WAITING || /^\s*explain\b/i.test(text)) return;
    const seen = this.#seen.get(text) ?? 0;
    if (seen >= FIRST_OF_EACH && Math.random() >= share) return;
    if (seen < FIRST_OF_EACH && (seen > 0 || this.#seen.size < STATEMENTS_KNOWN))
      this.#seen.set(text, seen + 1);
    this.#waiting.push(read);
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting.length = 0;
    // Ends a comparison that waits for a database which says nothing any more.
    await this.#comparer?.close();
    await this.#working;
    await this.#comparer?.close();
  }

  async #work(): Promise<void> {
    const { store, move, dependencies } = this;
    for (let read = this.#waiting.shift(); read; read = this.#waiting.shift()) {
      try {
        this.#comparer ??= await ReadComparer.open(store, move, {
          from: await dependencies.home(move.fromSource),
          to: await dependencies.home(move.toSource),
        });
        const outcome = await withDeadline(this.#comparer.compare(read), COMPARE_MS, noAnswer);
        await recordDarkRead(dependencies.operations, move.id, labelOf(read), outcome);
        await store.addProgress(move, { darkReads: await sumDarkReads(dependencies.operations, move.id) });
      } catch (error) {
        // Nothing can be said of this read. A home that is gone is the move's to notice; the next read connects again.
        if (!isConnectionGone(error)) continue;
        await this.#comparer?.close();
        this.#comparer = undefined;
      }
    }
  }
}

/** A comparison without an answer in time: its connections are then ended. */
const noAnswer = () => connectionLost('No answer in time.');

/** The reads of every tenant whose move catches up. */
export class DarkReader {
  readonly #comparisons = new Map<string, Comparison>();
  readonly #store: MoveStore;

  constructor(private readonly dependencies: MoveDependencies) {
    this.#store = new MoveStore(dependencies.operations);
  }

  watches(tenantId: string): boolean {
    return this.#comparisons.has(tenantId);
  }

  finished({ tenantId, dataSourceId, read }: ObservedStatement): void {
    const comparison = this.#comparisons.get(tenantId);
    if (read && comparison?.move.fromSource === dataSourceId) comparison.offer(read);
  }

  /** Takes up the moves that catch up now, and lets go of the others. */
  async look(open: readonly Move[]): Promise<void> {
    const wanted = open.filter(
      ({ step, mode, options }) =>
        step === 'catching_up' && mode !== 'offline' && options.darkReads !== false,
    );
    for (const [tenantId, comparison] of this.#comparisons) {
      if (wanted.some(({ id }) => id === comparison.move.id)) continue;
      this.#comparisons.delete(tenantId);
      await comparison.close();
    }
    for (const move of wanted) {
      if (this.#comparisons.size >= MOST_MOVES || this.#comparisons.has(move.tenantId)) continue;
      this.#comparisons.set(move.tenantId, new Comparison(this.dependencies, this.#store, move));
    }
  }

  async close(): Promise<void> {
    const comparisons = [...this.#comparisons.values()];
    this.#comparisons.clear();
    await Promise.all(comparisons.map((comparison) => comparison.close()));
  }
}
