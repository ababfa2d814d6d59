import { withDeadline } from '@/lib/time';
import type { MoveHooks } from '../control/hooks';
import { endAfter } from '../control/mover-connection';
import { gatherChanges } from '../control/pacer';
import type { ChangedKeys } from '../verify/changed-keys';
import { Applier, type ApplierOptions } from './applier';
import {
  type Change,
  ChangeStream,
  type ChangeStreamOptions,
  type StreamedTransaction,
} from './change-stream';
import type { Marker } from './marker';
import { drainedTooLate, type Replicator, replicationStopped } from './replicator';

/** After a batch of at least this many transactions, the next one is sent without waiting for more. */
const LARGE_BATCH = 200;
const RECEIVE_WAIT_MS = 250;

export interface StreamReplicatorOptions {
  stream: ChangeStreamOptions;
  applier: ApplierOptions;
  /** Set to which the keys of applied changes are added. */
  changed?: ChangedKeys;
  /** Whether to apply nothing and only remember the first change, since no client should write there now. */
  watchOnly?: boolean;
  /** Whether to apply a change. Default: all are applied. */
  accept?: (change: Change) => boolean;
  /** The replicator stops before transactions that commit after this position. */
  until?: bigint;
  hooks: MoveHooks;
}

/** Replicates by logical decoding: reads a change stream, applies its transactions, and confirms their positions. */
export class StreamReplicator implements Replicator {
  readonly #stream: ChangeStream;
  readonly #applier: Applier;
  /** Callers that wait for markers, by marker id. */
  readonly #waiting = new Map<string, () => void>();
  readonly #passed = new Set<string>();
  #watching: boolean;
  #holdAfter = '';
  #held: Promise<void> | undefined;
  #release: () => void = () => {};
  #rogue: Change | undefined;
  #stopped = false;
  /** Ends the gathering of changes. */
  #hurry: () => void = () => {};
  #loop: Promise<void> | undefined;
  #fail: (error: unknown) => void = () => {};
  #reached: () => void = () => {};
  readonly failed: Promise<never>;
  /** Resolves when `until` has been reached. */
  readonly reached: Promise<void>;

  constructor(private readonly options: StreamReplicatorOptions) {
    this.#stream = new ChangeStream(options.stream);
    this.#applier = new Applier(options.applier);
    this.#watching = options.watchOnly ?? false;
    this.failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => {});
    this.reached = new Promise((resolve) => {
      this.#reached = resolve;
    });
  }

  get position(): bigint {
    return this.#applier.position;
  }

  /** The first change that was seen while `watchOnly`. */
  get rogueChange(): Change | undefined {
    return this.#rogue;
  }

  async start(at: bigint): Promise<void> {
    const position = await this.#applier.begin(at);
    await this.#stream.start(position);
    this.#loop = this.#replicate().catch((error: unknown) => {
      if (!this.#stopped) this.#fail(error);
    });
  }

  /** Applies changes from now on, beginning with those that were held back. */
  takeChanges(): void {
    this.#watching = false;
    this.resume();
  }

  holdAfter({ id }: Marker): void {
    this.#holdAfter = id;
  }

  resume(): void {
    this.#holdAfter = '';
    this.#held = undefined;
    this.#release();
  }

  async mark(marker: Marker, client: Parameters<Marker['write']>[0]): Promise<void> {
    await marker.write(client);
  }

  async drainTo({ id }: Marker, timeoutMs: number): Promise<void> {
    if (this.#passed.has(id)) return;
    const drained = new Promise<void>((resolve) => this.#waiting.set(id, resolve));
    this.#hurry();
    try {
      await withDeadline(Promise.race([drained, this.failed]), timeoutMs, () =>
        drainedTooLate('change stream', timeoutMs),
      );
    } finally {
      this.#waiting.delete(id);
    }
  }

  lag(currentLsn: bigint): bigint {
    const behind = currentLsn - this.#stream.receivedLsn;
    return behind > 0n ? behind : 0n;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#release();
    this.#hurry();
    await this.#stream.stop();
    await endAfter(this.#loop, [this.options.applier.client]);
    this.#fail(replicationStopped());
  }

  async #replicate(): Promise<void> {
    while (!this.#stopped) {
      const batch = await this.#stream.next(RECEIVE_WAIT_MS);
      const { until } = this.options;
      const end = until === undefined ? -1 : batch.findIndex(({ commitLsn }) => (commitLsn ?? 0n) > until);
      await this.#take(end < 0 ? batch : batch.slice(0, end));
      if (end >= 0 || (until !== undefined && batch.length === 0 && this.#stream.receivedLsn >= until)) {
        this.#reached();
        return;
      }
      if (batch.length > 0 && batch.length < LARGE_BATCH) await this.#gather();
    }
  }

  async #gather(): Promise<void> {
    if (this.#waiting.size > 0 || this.#stopped) return;
    const { promise: hurry, resolve } = Promise.withResolvers<void>();
    this.#hurry = resolve;
    await gatherChanges(hurry);
  }

  /** Applies a batch. If it contains the marker of `holdAfter`, the transactions after the marker are applied only after `resume`. */
  async #take(batch: StreamedTransaction[]): Promise<void> {
    const end = this.#holdAfter ? batch.findIndex(({ markers }) => markers.includes(this.#holdAfter)) + 1 : 0;
    if (end === 0) return this.#takeAll(batch);
    this.#held = new Promise((resolve) => {
      this.#release = resolve;
    });
    await this.#takeAll(batch.slice(0, end), true);
    await this.#held;
    if (!this.#stopped) await this.#takeAll(batch.slice(end));
  }

  /** @param more whether later transactions are still held back, so that the server must keep them */
  async #takeAll(batch: StreamedTransaction[], more = false): Promise<void> {
    if (batch.length === 0) return;
    if (this.#watching) {
      this.#rogue ??= batch.flatMap(({ changes }) => changes)[0];
      this.#stream.confirm(batch.findLast(({ commitLsn }) => commitLsn !== undefined)?.commitLsn ?? 0n, more);
    } else {
      const { accept, changed, hooks } = this.options;
      const accepted = accept
        ? batch.map((part) => ({ ...part, changes: part.changes.filter(accept) }))
        : batch;
      if (changed) for (const part of accepted) for (const change of part.changes) changed.note(change);
      await hooks('apply');
      await this.#applier.apply(accepted);
      await hooks('applied');
      this.#stream.confirm(this.#applier.position, more);
    }
    for (const { markers } of batch) {
      for (const marker of markers) {
        this.#passed.add(marker);
        this.#waiting.get(marker)?.();
      }
    }
  }
}
