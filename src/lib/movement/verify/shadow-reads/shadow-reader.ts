// Repeats a share of a tenant's reads at the source and target of its move, without delaying the tenant.
import type { ObservedRead, ObservedStatement } from '@/lib/data-sources';
import { connectionLost, isConnectionGone } from '@/lib/failures';
import { withDeadline } from '@/lib/time';
import type { Move } from '../../control/move';
import { MoveStore } from '../../control/move-store';
import type { MoveDependencies } from '../../control/ports';
import { recordShadowRead, sumShadowReads } from './findings';
import { labelOf, ReadComparer } from './read-comparer';

const DEFAULT_SHARE = 0.05;
/** The first reads of each statement are always compared, because distinct statements find more than repeated ones. */
const FIRST_OF_EACH = 3;
/** Reads that wait to be compared; further ones are dropped. */
const MOST_QUEUED = 16;
const STATEMENTS_KNOWN = 1_000;
/** A comparison repeats at most three times, and each time waits for replication. */
const COMPARE_MS = 60_000;
/** Moves whose reads this process compares at a time, one read of each. */
const MOST_MOVES = 4;

/** Reads of one move. */
class Comparison {
  readonly #queue: ObservedRead[] = [];
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
    const { shadowReads } = this.move.options;
    const share = (shadowReads !== false && shadowReads?.share) || DEFAULT_SHARE;
    const { text } = read.statement;
    // EXPLAIN returns estimates, which differ without any difference in rows.
    if (this.#closed || this.#queue.length >= MOST_QUEUED || /^\s*explain\b/i.test(text)) return;
    const seen = this.#seen.get(text) ?? 0;
    if (seen >= FIRST_OF_EACH && Math.random() >= share) return;
    if (seen < FIRST_OF_EACH && (seen > 0 || this.#seen.size < STATEMENTS_KNOWN))
      this.#seen.set(text, seen + 1);
    this.#queue.push(read);
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#queue.length = 0;
    // Ends a comparison that waits for a database that no longer answers.
    await this.#comparer?.close();
    await this.#working;
    await this.#comparer?.close();
  }

  async #work(): Promise<void> {
    const { store, move, dependencies } = this;
    for (let read = this.#queue.shift(); read; read = this.#queue.shift()) {
      try {
        this.#comparer ??= await ReadComparer.open(store, move, {
          source: await dependencies.endpoint(move.fromSource),
          target: await dependencies.endpoint(move.toSource),
        });
        const outcome = await withDeadline(this.#comparer.compare(read), COMPARE_MS, noAnswer);
        await recordShadowRead(dependencies.operations, move.id, labelOf(read), outcome);
        await store.addProgress(move, {
          shadowReads: await sumShadowReads(dependencies.operations, move.id),
        });
      } catch (error) {
        // This read has no result. A lost connection is opened again for the next read; the move itself notices a lost database.
        if (!isConnectionGone(error)) continue;
        await this.#comparer?.close();
        this.#comparer = undefined;
      }
    }
  }
}

/** Ends a comparison with a database that no longer answers, and with it its connections. */
const noAnswer = () => connectionLost('No answer in time.');

/** Compares the reads of all tenants whose moves catch up. */
export class ShadowReader {
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

  /** Begins with moves that catch up now, and ends with the others. */
  async refresh(open: readonly Move[]): Promise<void> {
    const wanted = open.filter(
      ({ step, mode, options }) =>
        step === 'catching_up' && mode !== 'offline' && options.shadowReads !== false,
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
