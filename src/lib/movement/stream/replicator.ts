// Keeps one home current with the other: reads changes there, writes them here, until told to stop.

import { withDeadline } from '@/lib/time';
import type { MoveHooks } from '../control/hooks';
import { endAfter } from '../control/mover-connection';
import { MovementError } from '../errors';
import type { ChangedKeys } from '../verify/changed-keys';
import { Applier, type ApplierOptions } from './applier';
import {
  type Change,
  ChangeStream,
  type ChangeStreamOptions,
  MARKER,
  type StreamedTransaction,
} from './change-stream';

export interface Follower {
  /** Goes on from the recorded position, or begins at this one. */
  start(at: bigint): Promise<void>;
  /** SQL that writes a marker into a transaction of the home that is read; empty where none is needed. */
  markerSql(marker: string): string;
  /** Resolves when everything up to the marker has been committed. */
  drainTo(marker: string, timeoutMs: number): Promise<void>;
  /** Takes nothing that comes after the marker until told to go on: nobody has business to write there any more. */
  holdAfter(marker: string): void;
  /** As before the marker was named. */
  goOn(): void;
  /** Bytes of WAL between the position applied and the given one, or of 0 or 1 where there are no positions. */
  lag(currentLsn: bigint): bigint;
  readonly position: bigint;
  /** Rejects when following has failed. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

/** What whoever still waits for a follower hears that was stopped. */
export function stoppedFollowing(): MovementError {
  return new MovementError('move_interrupted', 'The homes are not followed any more.');
}

/** Between batches that are smaller than `LARGE_BATCH` transactions, ms. */
const BATCH_EVERY_MS = 50;
const LARGE_BATCH = 200;

export interface StreamFollowerOptions {
  stream: ChangeStreamOptions;
  applier: ApplierOptions;
  /** Changed keys are noted here. */
  changed?: ChangedKeys;
  /** Take no change: whoever writes there now has no business to. */
  watchOnly?: boolean;
  /** Changes to leave out. */
  accept?: (change: Change) => boolean;
  /** Stop before transactions that commit after this position. */
  until?: bigint;
  hooks: MoveHooks;
}

export class StreamFollower implements Follower {
  readonly #stream: ChangeStream;
  readonly #applier: Applier;
  readonly #markers = new Map<string, () => void>();
  readonly #seen = new Set<string>();
  /** Only looking on: what is found was made by somebody who had no business to. */
  #watching: boolean;
  /** After this marker changes are held back until it is known what they are. */
  #holdAfter = '';
  #held: Promise<void> | undefined;
  #letGo: () => void = () => {};
  #rogue: Change | undefined;
  #stopped = false;
  /** Ends a rest between two batches. */
  #hurry: () => void = () => {};
  #loop: Promise<void> | undefined;
  #fail: (error: unknown) => void = () => {};
  #reached: () => void = () => {};
  readonly failed: Promise<never>;
  /** Resolves when `until` has been reached. */
  readonly reached: Promise<void>;

  constructor(private readonly options: StreamFollowerOptions) {
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

  /** A change that was found while only watching. */
  get rogueChange(): Change | undefined {
    return this.#rogue;
  }

  async start(at: bigint): Promise<void> {
    const position = await this.#applier.begin(at);
    await this.#stream.start(position);
    this.#loop = this.#follow().catch((error: unknown) => {
      if (!this.#stopped) this.#fail(error);
    });
  }

  holdAfter(marker: string): void {
    this.#holdAfter = marker;
  }

  /** From now on changes are taken. */
  takeChanges(): void {
    this.#watching = false;
    this.goOn();
  }

  goOn(): void {
    this.#holdAfter = '';
    this.#held = undefined;
    this.#letGo();
  }

  markerSql(marker: string): string {
    return `; select pg_logical_emit_message(true, '${MARKER}', '${marker}')`;
  }

  async drainTo(marker: string, timeoutMs: number): Promise<void> {
    if (this.#seen.has(marker)) return;
    const drained = new Promise<void>((resolve) => this.#markers.set(marker, resolve));
    this.#hurry();
    try {
      await withDeadline(
        Promise.race([drained, this.failed]),
        timeoutMs,
        () => new MovementError('move_pause_limit', `The stream was not drained within ${timeoutMs} ms.`),
      );
    } finally {
      this.#markers.delete(marker);
    }
  }

  lag(currentLsn: bigint): bigint {
    const behind = currentLsn - this.#stream.receivedLsn;
    return behind > 0n ? behind : 0n;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#letGo();
    this.#hurry();
    await this.#stream.stop();
    await endAfter(this.#loop, [this.options.applier.client]);
    this.#fail(stoppedFollowing());
  }

  async #follow(): Promise<void> {
    while (!this.#stopped) {
      const batch = await this.#stream.next(250);
      const { until } = this.options;
      const end = until === undefined ? -1 : batch.findIndex(({ commitLsn }) => (commitLsn ?? 0n) > until);
      await this.#take(end < 0 ? batch : batch.slice(0, end));
      if (end >= 0 || (until !== undefined && batch.length === 0 && this.#stream.receivedLsn >= until)) {
        this.#reached();
        return;
      }
      if (batch.length > 0 && batch.length < LARGE_BATCH) await this.#rest();
    }
  }

  /** Fewer and larger transactions cost both homes less; who waits for a marker does not wait for this. */
  async #rest(): Promise<void> {
    if (this.#markers.size > 0 || this.#stopped) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#hurry = resolve;
      timer = setTimeout(resolve, BATCH_EVERY_MS);
    });
    clearTimeout(timer);
  }

  async #take(batch: StreamedTransaction[]): Promise<void> {
    const end = this.#holdAfter ? batch.findIndex(({ markers }) => markers.includes(this.#holdAfter)) + 1 : 0;
    if (end === 0) return this.#takeAll(batch);
    this.#held = new Promise((resolve) => {
      this.#letGo = resolve;
    });
    await this.#takeAll(batch.slice(0, end), true);
    await this.#held;
    if (!this.#stopped) await this.#takeAll(batch.slice(end));
  }

  /** @param more what followed is not done with: the server must not forget it */
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
        this.#seen.add(marker);
        this.#markers.get(marker)?.();
      }
    }
  }
}
