// One process's hold on one move: the connections to both homes, the streams between them, and the lease.
import { setTimeout as sleep } from 'node:timers/promises';
import { ChangedKeys } from './changed-keys';
import { cleanUp } from './clean-up';
import type { OpenHome } from './cut-over';
import { MovementError } from './errors';
import { holderOf } from './fence';
import type { Follower, StreamFollower } from './follower';
import { closeHome, openHome, watchHome } from './homes';
import type { MoveLease } from './lease';
import type { Move, MoveStore } from './move-store';
import type { MoveDependencies, TenantHome } from './ports';
import { fingerprint, type MovedTable, readTables, refuseUnlike, schemaChanged } from './tables';

const WAITING_MS = 200;
const QUEUE_MS = 500;

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
    this.options.signal?.throwIfAborted();
    await this.lease.assertHeld();
    const wanted = await this.store.wanted(this.move.id);
    if (wanted === 'pause') throw new Stop('paused');
    if (wanted === 'abort' || wanted === 'rollback') throw new Stop('abort');
  }

  /** A moment, unless a stream fails, the lease is lost or the process ends. */
  async wait(followers: (Follower | undefined)[]): Promise<void> {
    await this.lease.assertHeld();
    this.options.signal?.throwIfAborted();
    await Promise.race([
      sleep(WAITING_MS),
      ...followers.flatMap((follower) => (follower ? [follower.failed] : [])),
    ]);
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

  async #openHome(side: 'from' | 'to'): Promise<OpenHome> {
    const { move } = this;
    const [from, to] = await this.places();
    const place = side === 'from' ? from : to;
    const home = await openHome(place, move.id, holderOf(move));
    const silent = () =>
      this.#lose(
        new MovementError('move_home_unreachable', `The database of ${home.name} answers no more.`, {
          hint: 'The move goes on when it can be reached.',
        }),
      );
    const stop = await watchHome(home, move.id, silent).catch(async (error: unknown) => {
      await closeHome(home);
      throw error;
    });
    this.#watches.push(stop);
    return home;
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
  async removeAll(): Promise<{ rowsRemoved: number }> {
    await Promise.all([this.out?.stop(), this.back?.stop()]);
    this.out = undefined;
    this.back = undefined;
    return cleanUp(this);
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

  async close(): Promise<void> {
    for (const stop of this.#watches) stop();
    await Promise.all([this.out?.stop(), this.back?.stop()]);
    const homes = await Promise.allSettled(this.#homes.values());
    await Promise.all(homes.map((home) => closeHome(home.status === 'fulfilled' ? home.value : undefined)));
  }
}
