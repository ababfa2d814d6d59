// One process's hold on one move: the connections to both homes, the streams between them, and the lease.
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HomeToOpen, OpenHome } from '../cutover/cut-over';
import { holderOf } from '../cutover/fence';
import { MovementError } from '../errors';
import { fingerprint, type MovedTable, readTables, refuseUnlike, schemaChanged } from '../plan/tables';
import type { Follower, StreamFollower } from '../stream/replicator';
import { ChangedKeys } from '../verify/changed-keys';
import { cleanUp } from './clean-up';
import { closeHome, homeUnreachable, openHome, watchHome } from './endpoints';
import type { MoveLease } from './move-lease';
import type { Move, MoveObject, MoveStep, MoveStore, MoveWish } from './move-store';
import type { MoveDependencies, TenantHome } from './ports';

const WAITING_MS = 200;
const QUEUE_MS = 500;
/** How often a run asks, beside its work, whether the operator wants something else. */
const HEAR_EVERY_MS = 1_000;
/** How long work whose connections were destroyed may take to notice. */
const SETTLE_MS = 10_000;

/** Why a run ended. */
export type RunEnd = 'completed' | 'aborted' | 'rolled_back' | 'paused' | 'ready' | 'moved';

export interface RunOptions {
  /** Return when the operator has to decide (`ready` to cut over, `moved` with a way back) instead of staying current. */
  returnWhenWaiting?: boolean;
  signal?: AbortSignal;
}

/** The operator wants something else than to go on. */
export class Stop extends Error {
  constructor(readonly end: 'paused' | 'abort') {
    super(end);
  }
}

/** Steps with closed fences: they have limits of their own, and end with an open fence before anything else is heard. */
const CLOSED: ReadonlySet<MoveStep> = new Set(['cutting_over', 'rolling_back']);
/** Steps that a wish to pause or to abort ends wherever they are. */
const STOPPABLE: ReadonlySet<MoveStep> = new Set([
  'queued',
  'preflight',
  'preparing',
  'copying',
  'catching_up',
]);

/** What the steps of a move work with. */
export interface MoveContext {
  dependencies: MoveDependencies;
  store: MoveStore;
  move: Move;
  from: OpenHome;
  to: OpenHome;
  tables: { from: MovedTable[]; to: MovedTable[] };
  changed: ChangedKeys;
  hooks: NonNullable<MoveDependencies['hooks']>;
  /** Aborted when the run ends: for connections that are not a home's. */
  signal: AbortSignal;
  /** Rejects when the operator wants to pause or abort. */
  mayGoOn(): Promise<void>;
}

/** What the stages of a run share. */
export class MoveSession {
  context: MoveContext | undefined;
  /** Keeps the new home current. */
  out: Follower | undefined;
  /** Watches the new home before the cut-over; keeps the old home current after it. */
  back: Follower | undefined;
  verified = false;
  readonly #homes = new Map<'from' | 'to', Promise<OpenHome>>();
  readonly #watches: (() => void)[] = [];
  #lose: (error: MovementError) => void = () => {};
  /** Rejects when a home answers no more: what waits for it would wait for ever. */
  readonly lost: Promise<never>;
  /** Ends every connection of the run. */
  readonly #closing = new AbortController();
  #hearing: NodeJS.Timeout | undefined;

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
   * Waits for some work of this run; whatever it waits for, it ends within seconds when a home or the lease is lost, when the operator
   * wants something else, or when the process is to end.
   *
   * @param stoppable false where the work is what the operator wants
   * @throws Stop, MovementError `move_home_unreachable`, `move_interrupted`, and what the work throws
   */
  async whileWanted<T>(work: Promise<T>, stoppable: boolean): Promise<T> {
    try {
      return await Promise.race([work, this.lost, this.lease.lost, this.#heard(stoppable)]);
    } finally {
      clearInterval(this.#hearing);
      await this.#close(work);
    }
  }

  /** Rejects when the step that is under way is not wanted any more. */
  #heard(stoppable: boolean): Promise<never> {
    const { move, store, options } = this;
    return new Promise((_, reject) => {
      let asking = false;
      const ask = async () => {
        const stop = stopFor(await store.wanted(move.id));
        if (stop && STOPPABLE.has(move.step)) reject(stop);
      };
      this.#hearing = setInterval(() => {
        if (options.signal?.aborted && !CLOSED.has(move.step)) reject(options.signal.reason);
        if (asking || !stoppable || !STOPPABLE.has(move.step)) return;
        asking = true;
        // An operations database that does not answer is the lease's to notice.
        ask()
          .catch(() => {})
          .finally(() => {
            asking = false;
          });
      }, HEAR_EVERY_MS);
    });
  }

  /** Waits for room on both servers. */
  async queue(): Promise<void> {
    const servers = await this.servers();
    while (!(await this.lease.takeServers(servers, this.move.options.perServer ?? 2))) {
      await this.mayGoOn();
      await sleep(QUEUE_MS, undefined, { signal: this.options.signal });
    }
  }

  /** Rejects with a {@link Stop} when the operator wants to pause or abort. */
  async mayGoOn(): Promise<void> {
    this.#goOn();
    await this.lease.assertHeld();
    const stop = stopFor(await this.store.wanted(this.move.id));
    if (stop) throw stop;
  }

  /** A moment, unless a stream fails, the lease is lost or the process ends. */
  async wait(followers: (Follower | undefined)[]): Promise<void> {
    await this.lease.assertHeld();
    this.#goOn();
    await Promise.race([
      sleep(WAITING_MS),
      ...followers.flatMap((follower) => (follower ? [follower.failed] : [])),
    ]);
  }

  #goOn(): void {
    this.options.signal?.throwIfAborted();
    this.#closing.signal.throwIfAborted();
  }

  /** Both homes with their tables, which have to be alike. */
  async opened(): Promise<MoveContext> {
    await this.homes();
    const context = this.context as MoveContext;
    if (context.tables.from.length === 0) {
      const [from, to] = await Promise.all([readTables(context.from.client), readTables(context.to.client)]);
      refuseUnlike(from, to);
      // A table that came later is in no publication and no change log.
      const { shape = fingerprint(from) } = this.move.progress;
      if (shape !== fingerprint(from)) throw schemaChanged();
      if (!this.move.progress.shape) await this.store.addProgress(this.move, { shape });
      context.tables = { from, to };
    }
    return context;
  }

  /** Connections to both homes. */
  async homes(): Promise<{ from: OpenHome; to: OpenHome }> {
    if (this.context) return this.context;
    const opened = await Promise.allSettled([this.home('from'), this.home('to')]);
    const [from, to] = opened.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    }) as [OpenHome, OpenHome];
    const { dependencies, store, move, hooks } = this;
    this.context = {
      ...{ dependencies, store, move, hooks, from, to },
      tables: { from: [], to: [] },
      changed: new ChangedKeys(),
      signal: this.#closing.signal,
      mayGoOn: () => this.mayGoOn(),
    };
    return this.context;
  }

  /** Connections to one home, which is taken over from earlier attempts when it is first opened. */
  home(side: 'from' | 'to'): Promise<OpenHome> {
    const opening = this.#homes.get(side) ?? this.#openHome(side);
    this.#homes.set(side, opening);
    opening.catch(() => this.#homes.delete(side));
    return opening;
  }

  /** A home that may be out of reach. */
  toOpen(side: 'from' | 'to'): HomeToOpen {
    const dataSourceId = side === 'from' ? this.move.fromSource : this.move.toSource;
    return { dataSourceId, open: () => this.home(side) };
  }

  async #openHome(side: 'from' | 'to'): Promise<OpenHome> {
    const { move } = this;
    const [from, to] = await this.places();
    const place = side === 'from' ? from : to;
    const { signal } = this.#closing;
    signal.throwIfAborted();
    const owner = { holder: holderOf(move), epoch: side === 'from' ? await this.#epochAtStart() : null };
    const home = await openHome(place, move.id, owner, signal);
    const silent = () => this.#lose(homeUnreachable(home));
    const stop = await watchHome(home, move.id, silent).catch(async (error: unknown) => {
      await closeHome(home);
      throw error;
    });
    this.#watches.push(stop);
    return home;
  }

  async #epochAtStart(): Promise<bigint> {
    const { move, dependencies } = this;
    return move.fromEpoch ?? (await dependencies.route(move.tenantId)).epoch;
  }

  async places(): Promise<[TenantHome, TenantHome]> {
    const { move, dependencies } = this;
    const [from, to] = await Promise.all([
      dependencies.home(move.fromSource),
      dependencies.home(move.toSource),
    ]);
    return [
      { ...from, tenantId: move.fromTenantId },
      { ...to, tenantId: move.toTenantId },
    ];
  }

  async servers(): Promise<string[]> {
    return (await this.places()).map(({ serverKey }) => serverKey);
  }

  /** The stream that looks for changes at the new home, where there is one. */
  watcher(): StreamFollower | undefined {
    return this.back && 'takeChanges' in this.back ? (this.back as StreamFollower) : undefined;
  }

  decider() {
    return { move: this.move, store: this.store, dependencies: this.dependencies };
  }

  get hooks() {
    return this.dependencies.hooks ?? (() => {});
  }

  /** Ends both streams and removes everything the move recorded. */
  async removeAll(): Promise<{ rowsRemoved: number; left: MoveObject[] }> {
    await Promise.all([this.out?.stop(), this.back?.stop()]);
    this.out = undefined;
    this.back = undefined;
    const removed = await cleanUp(this);
    if (removed.left.length > 0) await this.store.addProgress(this.move, { left: removed.left });
    return removed;
  }

  /** The stream to the new home has done its work; its slot would keep the old home's WAL. */
  async endOut(): Promise<void> {
    await this.out?.stop();
    this.out = undefined;
    await cleanUp(this, ({ name }) => /_out(_\d+)?$/.test(name));
  }

  /** Records the end of the move. */
  async finish(
    step: 'completed' | 'aborted' | 'rolled_back',
    action: string,
    details: Record<string, unknown>,
  ): Promise<void> {
    await this.audit(action, details);
    await this.store.setStep(this.move, step);
  }

  audit(action: string, details: Record<string, unknown>): Promise<void> {
    const { tenantId, id, requestedBy } = this.move;
    return this.dependencies.audit({ tenantId, action, entityId: id, details, actor: requestedBy });
  }

  /** Work that is still under way loses its connections first, and has come to its end before anything else begins. */
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
    await Promise.all([this.out?.stop(), this.back?.stop()]);
    const homes = await Promise.allSettled(this.#homes.values());
    await Promise.all(homes.map((home) => closeHome(home.status === 'fulfilled' ? home.value : undefined)));
  }
}

/** What a wish ends a step with; undefined where the step is to go on. */
export function stopFor(wanted: MoveWish): Stop | undefined {
  if (wanted === 'pause') return new Stop('paused');
  return wanted === 'abort' || wanted === 'rollback' ? new Stop('abort') : undefined;
}

function interruptedRun(): MovementError {
  return new MovementError('move_interrupted', 'The run of this move was ended.', {
    hint: 'Resume the move.',
  });
}
