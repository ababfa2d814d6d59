// One process's hold on one move: the connections to both homes, the streams between them, and the lease.
import { setTimeout as sleep } from 'node:timers/promises';
import { ChangedKeys } from './changed-keys';
import { cleanUp } from './clean-up';
import type { OpenHome } from './cut-over';
import type { Follower, StreamFollower } from './follower';
import { closeHome, openHome } from './homes';
import type { MoveLease } from './lease';
import type { Move, MoveStore } from './move-store';
import type { MoveDependencies, TenantHome } from './ports';
import { type MovedTable, readTables, refuseUnlike } from './tables';

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

  constructor(
    readonly dependencies: MoveDependencies,
    readonly store: MoveStore,
    readonly lease: MoveLease,
    readonly move: Move,
    readonly options: RunOptions,
  ) {}

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
      context.tables = { from, to };
    }
    return context;
  }

  /** Connections to both homes. */
  async homes(): Promise<{ from: OpenHome; to: OpenHome }> {
    if (this.context) return this.context;
    const [from, to] = await this.places();
    const opened = await Promise.allSettled([openHome(from, this.move.id), openHome(to, this.move.id)]);
    const [left, right] = opened;
    if (left.status === 'fulfilled' && right.status === 'fulfilled') {
      this.context = {
        ...{
          dependencies: this.dependencies,
          store: this.store,
          move: this.move,
          from: left.value,
          to: right.value,
        },
        tables: { from: [], to: [] },
        changed: new ChangedKeys(),
        hooks: this.hooks,
        mayGoOn: () => this.mayGoOn(),
      };
      return this.context;
    }
    for (const result of opened) if (result.status === 'fulfilled') await closeHome(result.value);
    throw opened.find((result) => result.status === 'rejected')?.reason;
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
    const { move, store } = this;
    await Promise.all([this.out?.stop(), this.back?.stop()]);
    this.out = undefined;
    this.back = undefined;
    return cleanUp({ move, store, homes: await this.places(), hooks: this.hooks });
  }

  /** The stream to the new home has done its work; its slot would keep the old home's WAL. */
  async endOut(): Promise<void> {
    const { move, store } = this;
    await this.out?.stop();
    this.out = undefined;
    const ofTheWayOut = ({ name }: { name: string }) => name.endsWith('_out');
    await cleanUp({ move, store, homes: await this.places(), hooks: this.hooks }, ofTheWayOut);
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
    await Promise.all([this.out?.stop(), this.back?.stop()]);
    await Promise.all([closeHome(this.context?.from), closeHome(this.context?.to)]);
  }
}
