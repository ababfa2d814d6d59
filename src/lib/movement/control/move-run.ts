// One process's run of a move: its lease, its connections to source and target, and the replication between them.

import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditAction } from '@/lib/application';
import { fingerprint, readTables } from '@/lib/tenant-data/rows';
import { holderOf } from '../cutover/fence';
import type { EndpointToOpen } from '../cutover/recovery';
import { MovementError } from '../errors';
import { refuseUnlike, schemaChanged } from '../plan/same-tables';
import type { Replicator } from '../stream/replicator';
import type { StreamReplicator } from '../stream/stream-replicator';
import { ChangedKeys } from '../verify/changed-keys';
import { cleanUp } from './clean-up';
import {
  closeEndpoint,
  endpointUnreachable,
  type OpenEndpoint,
  openEndpoint,
  watchEndpoint,
} from './endpoints';
import type { Move, MoveObject, MoveStep } from './move';
import type { MoveContext } from './move-context';
import type { MoveLease } from './move-lease';
import type { MoveStore } from './move-store';
import type { MoveDependencies, TenantEndpoint } from './ports';
import { type RunOptions, stopFor } from './run-end';

const POLL_MS = 200;
const QUEUE_POLL_MS = 500;
/** How often a run checks during its work for a new command of the operator, ms. */
const COMMAND_POLL_MS = 1_000;
/** How long work may take to notice that its connections were destroyed, ms. */
const SETTLE_MS = 10_000;

/** Steps during which fences are closed. They have their own time limits, and open a fence before any command is read. */
const FENCED: ReadonlySet<MoveStep> = new Set(['cutting_over', 'rolling_back']);
/** Steps that the commands pause and abort interrupt at once. */
const STOPPABLE: ReadonlySet<MoveStep> = new Set([
  'queued',
  'preflight',
  'preparing',
  'copying',
  'catching_up',
]);

export class MoveRun {
  context: MoveContext | undefined;
  /** Replicates from the source to the target. */
  forward: Replicator | undefined;
  /** Before the cut-over: watches the target for writes of others. After it: replicates from the target to the source. */
  reverse: Replicator | undefined;
  verified = false;
  readonly #endpoints = new Map<'source' | 'target', Promise<OpenEndpoint>>();
  readonly #watches: (() => void)[] = [];
  #lose: (error: MovementError) => void = () => {};
  /** Rejects when an endpoint stops answering: a statement sent to it would never return. */
  readonly lost: Promise<never>;
  /** Aborted to destroy every connection of the run. */
  readonly #closing = new AbortController();
  #polling: NodeJS.Timeout | undefined;

  constructor(
    readonly dependencies: MoveDependencies,
    readonly store: MoveStore,
    readonly lease: MoveLease,
    readonly move: Move,
    readonly options: RunOptions,
  ) {
    this.lost = new Promise((_, reject) => {
      this.#lose = reject;
    });
    this.lost.catch(() => {});
    setMaxListeners(0, this.#closing.signal);
  }

  /**
   * Waits for work of this run, and closes the run. It ends within seconds, regardless of the work, if an endpoint or the lease is lost, the
   * operator pauses or aborts the move, or the process is to end.
   *
   * @param stoppable false if the work carries out the operator's command itself
   * @throws Stop, MovementError `move_database_unreachable`, `move_interrupted`, and what the work throws
   */
  async untilStopped<T>(work: Promise<T>, stoppable: boolean): Promise<T> {
    try {
      return await Promise.race([work, this.lost, this.lease.lost, this.#stopRequested(stoppable)]);
    } finally {
      clearInterval(this.#polling);
      await this.#close(work);
    }
  }

  /** Rejects when the operator or the process requests that the current step ends. */
  #stopRequested(stoppable: boolean): Promise<never> {
    const { move, store, options } = this;
    return new Promise((_, reject) => {
      let reading = false;
      const read = async () => {
        const stop = stopFor(await store.wanted(move.id));
        if (stop && STOPPABLE.has(move.step)) reject(stop);
      };
      this.#polling = setInterval(() => {
        if (options.signal?.aborted && !FENCED.has(move.step)) reject(options.signal.reason);
        if (reading || !stoppable || !STOPPABLE.has(move.step)) return;
        reading = true;
        // If the operations database does not answer, the lease notices it.
        read()
          .catch(() => {})
          .finally(() => {
            reading = false;
          });
      }, COMMAND_POLL_MS);
    });
  }

  /** Waits for a place on both servers. */
  async queue(): Promise<void> {
    const servers = await this.servers();
    while (!(await this.lease.takeServers(servers, this.move.options.perServer ?? 2))) {
      await this.throwIfStopped();
      await sleep(QUEUE_POLL_MS, undefined, { signal: this.options.signal });
    }
  }

  /** @throws Stop when the operator has asked to pause or abort */
  async throwIfStopped(): Promise<void> {
    this.#throwIfEnding();
    await this.lease.assertHeld();
    const stop = stopFor(await this.store.wanted(this.move.id));
    if (stop) throw stop;
  }

  /** Waits for a short time, or until a replicator fails. */
  async wait(replicators: (Replicator | undefined)[]): Promise<void> {
    await this.lease.assertHeld();
    this.#throwIfEnding();
    await Promise.race([
      sleep(POLL_MS),
      ...replicators.flatMap((replicator) => (replicator ? [replicator.failed] : [])),
    ]);
  }

  #throwIfEnding(): void {
    this.options.signal?.throwIfAborted();
    this.#closing.signal.throwIfAborted();
  }

  /** Both endpoints with their tables. @throws MovementError `move_schema_changed` if the tables differ or have been changed */
  async openWithTables(): Promise<MoveContext> {
    await this.openEndpoints();
    const context = this.context as MoveContext;
    if (context.tables.source.length === 0) {
      const [source, target] = await Promise.all([
        readTables(context.source.client),
        readTables(context.target.client),
      ]);
      refuseUnlike(source, target);
      // A table that was created after the beginning of the move is in no publication or change log.
      const { shape = fingerprint(source) } = this.move.progress;
      if (shape !== fingerprint(source)) throw schemaChanged();
      if (!this.move.progress.shape) await this.store.addProgress(this.move, { shape });
      context.tables = { source, target };
    }
    return context;
  }

  async openEndpoints(): Promise<{ source: OpenEndpoint; target: OpenEndpoint }> {
    if (this.context) return this.context;
    const opened = await Promise.allSettled([this.endpoint('source'), this.endpoint('target')]);
    const [source, target] = opened.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    }) as [OpenEndpoint, OpenEndpoint];
    const { dependencies, store, move, hooks } = this;
    this.context = {
      ...{ dependencies, store, move, hooks, source, target },
      tables: { source: [], target: [] },
      changed: new ChangedKeys(),
      signal: this.#closing.signal,
      throwIfStopped: () => this.throwIfStopped(),
    };
    return this.context;
  }

  /** Opens connections to one endpoint. The first call takes it over from earlier attempts. */
  endpoint(side: 'source' | 'target'): Promise<OpenEndpoint> {
    const opening = this.#endpoints.get(side) ?? this.#openEndpoint(side);
    this.#endpoints.set(side, opening);
    opening.catch(() => this.#endpoints.delete(side));
    return opening;
  }

  /** An endpoint that may be unreachable, to be opened where it is needed. */
  toOpen(side: 'source' | 'target'): EndpointToOpen {
    const dataSourceId = side === 'source' ? this.move.fromSource : this.move.toSource;
    return { dataSourceId, open: () => this.endpoint(side) };
  }

  async #openEndpoint(side: 'source' | 'target'): Promise<OpenEndpoint> {
    const { move } = this;
    const [source, target] = await this.#places();
    const place = side === 'source' ? source : target;
    const { signal } = this.#closing;
    signal.throwIfAborted();
    const claim = { holder: holderOf(move), epoch: side === 'source' ? await this.#epochAtStart() : null };
    const endpoint = await openEndpoint(place, move.id, claim, signal);
    const silent = () => this.#lose(endpointUnreachable(endpoint));
    const stop = await watchEndpoint(endpoint, move.id, silent).catch(async (error: unknown) => {
      await closeEndpoint(endpoint);
      throw error;
    });
    this.#watches.push(stop);
    return endpoint;
  }

  async #epochAtStart(): Promise<bigint> {
    const { move, dependencies } = this;
    return move.fromEpoch ?? (await dependencies.route(move.tenantId)).epoch;
  }

  async #places(): Promise<[source: TenantEndpoint, target: TenantEndpoint]> {
    const { move, dependencies } = this;
    const [source, target] = await Promise.all([
      dependencies.endpoint(move.fromSource),
      dependencies.endpoint(move.toSource),
    ]);
    return [
      { ...source, tenantId: move.fromTenantId },
      { ...target, tenantId: move.toTenantId },
    ];
  }

  async servers(): Promise<string[]> {
    return (await this.#places()).map(({ serverKey }) => serverKey);
  }

  /** The replicator that watches the target's change stream, if there is one. */
  watcher(): StreamReplicator | undefined {
    return this.reverse && 'takeChanges' in this.reverse ? (this.reverse as StreamReplicator) : undefined;
  }

  get hooks() {
    return this.dependencies.hooks ?? (() => {});
  }

  /** Ends replication and removes everything that the move has recorded. */
  async removeAll(): Promise<{ rowsRemoved: number; left: MoveObject[] }> {
    await Promise.all([this.forward?.stop(), this.reverse?.stop()]);
    this.forward = undefined;
    this.reverse = undefined;
    const removed = await cleanUp(this);
    if (removed.left.length > 0) await this.store.addProgress(this.move, { left: removed.left });
    return removed;
  }

  /** Ends replication to the target after the cut-over, since its slot would keep the source's WAL. */
  async endForward(): Promise<void> {
    await this.forward?.stop();
    this.forward = undefined;
    await cleanUp(this, ({ name }) => /_forward(_\d+)?$/.test(name));
  }

  /** Records the end of the move. */
  async finish(
    step: 'completed' | 'aborted' | 'rolled_back',
    action: AuditAction,
    details: Record<string, unknown>,
  ): Promise<void> {
    await this.audit(action, details);
    await this.store.setStep(this.move, step);
  }

  audit(action: AuditAction, details: Record<string, unknown>): Promise<void> {
    const { tenantId, id, requestedBy } = this.move;
    return this.dependencies.audit({ tenantId, action, entityId: id, details, actor: requestedBy });
  }

  /** Destroys the connections of work that still runs, waits until it has failed, closes the rest, and destroys what is left. */
  async #close(work: Promise<unknown>): Promise<void> {
    const settled = work.then(
      () => true,
      () => true,
    );
    if (!(await Promise.race([settled, sleep(0, false)]))) {
      this.#closing.abort(interruptedRun());
      await Promise.race([settled, sleep(SETTLE_MS, undefined, { ref: false })]);
    }
    for (const stop of this.#watches) stop();
    await Promise.all([this.forward?.stop(), this.reverse?.stop()]);
    const endpoints = await Promise.allSettled(this.#endpoints.values());
    await Promise.all(
      endpoints.map((endpoint) =>
        closeEndpoint(endpoint.status === 'fulfilled' ? endpoint.value : undefined),
      ),
    );
    this.#closing.abort(interruptedRun());
  }
}

function interruptedRun(): MovementError {
  return new MovementError('move_interrupted', 'The run of this move was ended.', {
    hint: 'Resume the move: marquee move resume',
  });
}
