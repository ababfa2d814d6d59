// One process's work on one move: from the recorded step to the next that has to wait for the operator, or to the end.
import { setTimeout as sleep } from 'node:timers/promises';
import { signCertificate, writeCertificate } from './certificate';
import { ChangedKeys } from './changed-keys';
import { cleanUp } from './clean-up';
import { copyForMove, OfflineCopy } from './copy-step';
import { cutOver, type OpenHome, recoverCutOver, verificationFailed } from './cut-over';
import { MovementError } from './errors';
import { holderOf, holdFence } from './fence';
import type { Follower, StreamFollower } from './follower';
import { followBack, followOut, prepareWayBack, prepareWayOut, rogueChange } from './following';
import { closeHome, currentLsn, openHome } from './homes';
import { MoveLease } from './lease';
import type { Move, MoveMode, MoveStep } from './move-store';
import { MoveStore } from './move-store';
import type { MoveDependencies, TenantHome } from './ports';
import { preflight } from './preflight';
import { type MovedTable, readTables, refuseUnlike } from './tables';
import { compareHomes, settleChanged, type Verification, verifyWhileWriting } from './verify';

/** Why a run ended. */
export type RunEnd = 'completed' | 'aborted' | 'rolled_back' | 'paused' | 'ready' | 'moved';

export interface RunOptions {
  /** Return when the operator has to decide (`ready` to cut over, `moved` with a way back) instead of staying current. */
  returnWhenWaiting?: boolean;
  signal?: AbortSignal;
}

const DEFAULT_PAUSE_LIMIT_MS = 2_000;
const DEFAULT_LAG_LIMIT_BYTES = 1 << 20;
/** The whole copy is made while nobody may write. */
const OFFLINE_LIMIT_MS = 6 * 3_600_000;
const WAITING_MS = 200;
const QUEUE_MS = 500;

/** The operator wants something else than to go on. */
class Stop extends Error {
  constructor(readonly end: 'paused' | 'abort') {
    super(end);
  }
}

/**
 * Works on a move. Rejects with what it failed at, having recorded it: the move can be resumed or aborted.
 *
 * @throws MovementError `move_owned_elsewhere`, `move_preflight_failed`, and every other code of this room
 */
export async function runMove(
  dependencies: MoveDependencies,
  moveId: string,
  options: RunOptions = {},
): Promise<RunEnd> {
  const store = new MoveStore(dependencies.operations);
  const lease = await MoveLease.take(dependencies.operations, moveId);
  const run = new MoveRun(dependencies, store, lease, await store.takeOver(moveId), options);
  try {
    return await run.toEnd();
  } catch (error) {
    await store.setError(moveId, describe(error)).catch(() => {});
    throw error;
  } finally {
    await run.close();
    await lease.release();
  }
}

function describe(error: unknown): Move['error'] {
  if (error instanceof MovementError) {
    return { code: error.code, message: error.message, ...(error.hint ? { hint: error.hint } : {}) };
  }
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unexpected';
  return {
    code,
    message: `The step failed (${code}).`,
    hint: 'Resume the move when the cause is gone, or abort it.',
  };
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

class MoveRun {
  #context: MoveContext | undefined;
  #out: Follower | undefined;
  #back: Follower | undefined;
  #verified = false;

  constructor(
    private readonly dependencies: MoveDependencies,
    private readonly store: MoveStore,
    private readonly lease: MoveLease,
    private readonly move: Move,
    private readonly options: RunOptions,
  ) {}

  async toEnd(): Promise<RunEnd> {
    const { move } = this;
    if (move.finishedAt) return move.step as RunEnd;
    try {
      for (;;) {
        const end = await this.#step(move.step);
        if (end) return end;
      }
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
      if (error.end === 'paused') return 'paused';
      await this.#abort();
      return 'aborted';
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#out?.stop(), this.#back?.stop()]);
    await Promise.all([closeHome(this.#context?.from), closeHome(this.#context?.to)]);
  }

  async #step(step: MoveStep): Promise<RunEnd | undefined> {
    const { move, store } = this;
    switch (step) {
      case 'queued':
        await this.#mayGoOn();
        await this.#queue();
        return void (await store.setStep(move, 'preflight'));
      case 'preflight':
        await this.#mayGoOn();
        await this.#preflight();
        return void (await store.setStep(move, 'preparing'));
      case 'preparing':
      case 'copying':
        await this.#queue();
        return void (await (move.mode === 'offline' ? this.#offline() : this.#copy()));
      case 'catching_up':
        // Before anything else: what cannot go on can be aborted.
        await this.#mayGoOn();
        await this.#queue();
        return this.#catchUp();
      case 'cutting_over':
        return void (await this.#recover());
      case 'way_back':
        return this.#wayBack();
      case 'rolling_back':
        return this.#recoverRollback();
      case 'completing':
        return this.#complete();
      case 'aborting':
        await this.#abort();
        return 'aborted';
      default:
        return step as RunEnd;
    }
  }

  // ---- steps -------------------------------------------------------------------------------------------------------

  /** Waits for room on both servers. */
  async #queue(): Promise<void> {
    const servers = await this.#servers();
    while (!(await this.lease.takeServers(servers, this.move.options.perServer ?? 2))) {
      await this.#mayGoOn();
      await sleep(QUEUE_MS, undefined, { signal: this.options.signal });
    }
  }

  async #preflight(): Promise<void> {
    const { move, store, dependencies } = this;
    await this.#hooks('preflight');
    const { from, to } = await this.#homes();
    const route = await dependencies.route(move.tenantId);
    const result = await preflight({ from, to, route });
    const problems = result.findings.filter(({ level }) => level === 'problem');
    if (route.dataSourceId !== move.fromSource) {
      problems.push({
        check: 'route',
        level: 'problem',
        message: 'The tenant does not live where the move begins.',
      });
    }
    if (problems.length > 0) {
      throw new MovementError('move_preflight_failed', problems.map(({ message }) => message).join(' '), {
        hint: 'See: marquee move verify --preflight',
      });
    }
    if (move.mode === 'logical' && result.mode !== 'logical')
      await store.setMode(move, result.mode as MoveMode);
    const warnings = result.findings.filter(({ level }) => level === 'warning').map(({ message }) => message);
    await store.addProgress(move, {
      rowsExpected: result.rows,
      secondsLeft: result.estimatedSeconds,
      warnings,
    });
  }

  async #copy(): Promise<void> {
    const context = await this.#opened();
    await prepareWayOut(context);
    this.#out = await copyForMove(context);
    await this.store.setStep(this.move, 'catching_up');
  }

  async #offline(): Promise<void> {
    const context = await this.#opened();
    await prepareWayOut(context);
    this.#out = new OfflineCopy(context);
    await this.#cutOver(context);
  }

  async #catchUp(): Promise<RunEnd | undefined> {
    const { move, store } = this;
    const context = await this.#opened();
    await context.hooks('catch_up');
    this.#out ??= await followOut(context);
    if (!this.#back) {
      await prepareWayBack(context);
      // A change log keeps what somebody else writes there until the cut-over looks at it.
      if (this.move.mode === 'logical') this.#back = await followBack(context, true);
    }
    if (!this.#verified) await this.#verify(context);
    for (;;) {
      const wanted = await store.wanted(move.id);
      if (wanted === 'pause') throw new Stop('paused');
      if (wanted === 'abort' || wanted === 'rollback') throw new Stop('abort');
      await this.#reportLag(context);
      if (wanted === 'cut_over' || wanted === 'complete' || move.options.autoCutOver) {
        await this.#cutOver(context);
        return undefined;
      }
      if (this.options.returnWhenWaiting) return 'ready';
      await this.#wait([this.#out, this.#back]);
      await settleChanged(context.tables.to, context.from, context.to, context.changed);
    }
  }

  async #cutOver(context: MoveContext): Promise<void> {
    const { move, store } = this;
    await context.hooks('cut_over');
    await this.#lagGate(context);
    // Twice: what changed during the first is little.
    for (let round = 0; round < 2 && move.mode !== 'offline'; round += 1) {
      await settleChanged(context.tables.to, context.from, context.to, context.changed);
    }
    await store.setStep(move, 'cutting_over');
    const out = this.#out as Follower;
    let result: Awaited<ReturnType<typeof cutOver>>;
    try {
      result = await cutOver({
        ...{ move, store, dependencies: this.dependencies, follower: out },
        ...{ old: context.from, next: context.to, tables: context.tables.to, changed: context.changed },
        findRogue: (timeoutMs) => rogueChange(context, this.#watcher(), timeoutMs),
        pauseLimitMs:
          move.mode === 'offline' ? OFFLINE_LIMIT_MS : (move.options.pauseLimitMs ?? DEFAULT_PAUSE_LIMIT_MS),
      });
    } catch (error) {
      if (!(error instanceof MovementError && GIVEN_UP.has(error.code))) throw error;
      // Given up: the tenant goes on where it was, and the operator says when to try again.
      await store.setStep(move, move.mode === 'offline' ? 'aborting' : 'catching_up', {
        givenUp: error.code,
      });
      await store.want(move.id, move.options.autoCutOver ? 'pause' : 'run');
      throw error;
    }
    const { position } = out;
    await store.addProgress(move, {
      pauseMs: result.pauseMs,
      fenceLsn: result.fenceLsn,
      appliedLsn: String(position),
    });
    const cutOverAt = new Date();
    await store.setStep(move, 'way_back', { pauseMs: Math.round(result.pauseMs), compared: result.compared });
    if ((await store.wanted(move.id)) === 'cut_over') await store.want(move.id, 'run');
    this.#watcher()?.takeChanges();
    await this.#certifyFromSnapshots(context, cutOverAt);
    await this.#endOut();
  }

  /** The whole of both homes as they were at the cut-over position, compared after the pause. */
  async #certifyFromSnapshots({ tables, from, to }: MoveContext, cutOverAt: Date): Promise<void> {
    const verification = await compareHomes(tables.to, from, to, () => this.lease.assertHeld());
    await Promise.all([from, to].map(({ reader }) => reader.query('rollback')));
    await this.#certify(verification, cutOverAt);
    if (verification.differences.length > 0) throw verificationFailed(verification.differences.length);
  }

  async #recover(): Promise<void> {
    const context = await this.#opened();
    const { move, store } = this;
    const arrived = await recoverCutOver({ ...this.#decider(), old: context.from, next: context.to });
    await store.setStep(move, arrived ? 'way_back' : move.mode === 'offline' ? 'aborting' : 'catching_up', {
      recovered: true,
    });
    if (arrived) await this.#endOut();
  }

  async #wayBack(): Promise<RunEnd | undefined> {
    const { move, store } = this;
    const context = await this.#opened();
    await this.lease.leaveServers(await this.#servers(), move.options.perServer ?? 2);
    if (move.mode !== 'offline') {
      this.#back ??= await followBack(context, false);
      this.#watcher()?.takeChanges();
    }
    await this.#endOut();
    await context.hooks('way_back');
    for (;;) {
      const wanted = await store.wanted(move.id);
      if (wanted === 'complete' || move.options.autoComplete)
        return void (await store.setStep(move, 'completing'));
      if (wanted === 'rollback' || wanted === 'abort') return this.#rollback(context);
      if (this.options.returnWhenWaiting) return 'moved';
      if (wanted === 'pause') return 'paused';
      await this.#wait([this.#back]);
      if (this.#back && context.changed.size > 0)
        await settleChanged(context.tables.to, context.to, context.from, context.changed);
    }
  }

  /** A cut-over the other way. */
  async #rollback(context: MoveContext): Promise<RunEnd | undefined> {
    const { move, store } = this;
    if (!this.#back) {
      throw new MovementError('move_not_possible', 'An offline move has no way back.', {
        hint: 'Move the tenant again.',
      });
    }
    await store.setStep(move, 'rolling_back');
    try {
      const result = await cutOver({
        ...{ move, store, dependencies: this.dependencies, follower: this.#back },
        ...{ old: context.to, next: context.from, tables: context.tables.from, changed: context.changed },
        pauseLimitMs: move.options.pauseLimitMs ?? DEFAULT_PAUSE_LIMIT_MS,
      });
      await Promise.all([context.from, context.to].map(({ reader }) => reader.query('rollback')));
      await store.addProgress(move, { pauseMs: result.pauseMs });
    } catch (error) {
      if (error instanceof MovementError && GIVEN_UP.has(error.code)) {
        await store.setStep(move, 'way_back', { givenUp: error.code });
        await store.want(move.id, 'run');
      }
      throw error;
    }
    return this.#rolledBack();
  }

  async #recoverRollback(): Promise<RunEnd | undefined> {
    const context = await this.#opened();
    const arrived = await recoverCutOver({ ...this.#decider(), old: context.to, next: context.from });
    if (arrived) return this.#rolledBack();
    return void (await this.store.setStep(this.move, 'way_back', { recovered: true }));
  }

  async #rolledBack(): Promise<RunEnd> {
    await this.store.setStep(this.move, 'aborting', { rolledBack: true });
    await this.#removeAll();
    await this.#finish('rolled_back', 'tenants.move_rolled_back', {});
    return 'rolled_back';
  }

  async #complete(): Promise<RunEnd> {
    const { move, store } = this;
    const context = await this.#opened();
    const old = { dataSource: move.fromSource };
    // The rows and the fence of the new home stay; those of the old go.
    await store.forgetObject(move, { kind: 'rows', dataSource: move.toSource, name: move.toTenantId });
    await store.forgetObject(move, { kind: 'fence', dataSource: move.toSource, name: move.toTenantId });
    await store.recordObject(move, { ...old, kind: 'rows', name: move.fromTenantId });
    await store.recordObject(move, { ...old, kind: 'fence', name: move.fromTenantId });
    await holdFence(context.from.client, context.from.tenantId, holderOf(move), 60_000);
    const { rowsRemoved } = await this.#removeAll();
    await this.#finish('completed', 'tenants.move_completed', { rowsRemoved, certificate: move.certificate });
    return 'completed';
  }

  async #abort(): Promise<void> {
    const { move, store } = this;
    if (move.step === 'cutting_over') await this.#recover();
    if (move.step === 'way_back') {
      throw new MovementError('move_not_possible', 'The tenant has moved already.', {
        hint: 'Use: marquee move rollback',
      });
    }
    await store.setStep(move, 'aborting');
    await this.#removeAll();
    await this.#finish('aborted', 'tenants.move_aborted', {});
  }

  // ---- parts of steps ------------------------------------------------------------------------------------------------

  async #removeAll(): Promise<{ rowsRemoved: number }> {
    const { move, store } = this;
    await Promise.all([this.#out?.stop(), this.#back?.stop()]);
    this.#out = undefined;
    this.#back = undefined;
    return cleanUp({ move, store, homes: await this.#places(), hooks: this.#hooks });
  }

  /** The stream to the new home has done its work; its slot would keep the old home's WAL. */
  async #endOut(): Promise<void> {
    const { move, store } = this;
    await this.#out?.stop();
    this.#out = undefined;
    const ofTheWayOut = ({ name }: { name: string }) => name.endsWith('_out');
    await cleanUp({ move, store, homes: await this.#places(), hooks: this.#hooks }, ofTheWayOut);
  }

  async #verify(context: MoveContext): Promise<void> {
    await context.hooks('verify');
    const out = this.#out as Follower;
    const settle = async () => {
      const marker = crypto.randomUUID();
      const sql = out.markerSql(marker);
      if (sql) await context.from.client.query(sql.replace(/^; /, ''));
      await out.drainTo(marker, 600_000);
    };
    await settle();
    const { tables, from, to, changed } = context;
    const verification = await Promise.race([
      verifyWhileWriting(tables.to, from, to, changed, settle),
      out.failed,
    ]);
    if (verification.differences.length > 0) throw verificationFailed(verification.differences.length);
    this.#verified = true;
    await this.store.addProgress(this.move, {
      verifiedAt: new Date().toISOString(),
      rows: verification.rows,
    });
    await context.hooks('verified');
  }

  async #lagGate(context: MoveContext): Promise<void> {
    const limit = BigInt(this.move.options.lagLimitBytes ?? DEFAULT_LAG_LIMIT_BYTES);
    for (let round = 0; round < 50; round += 1) {
      if ((await this.#reportLag(context)) <= limit) return;
      await sleep(100);
    }
    throw new MovementError('move_lag_too_high', 'The stream does not keep up with the tenant’s writes.', {
      hint: 'Cut over at a quieter time, or raise lagLimitBytes.',
    });
  }

  async #reportLag({ from, changed }: MoveContext): Promise<bigint> {
    const lag = (this.#out as Follower).lag(this.move.mode === 'logical' ? await currentLsn(from) : 0n);
    await this.store.addProgress(this.move, { lagBytes: Number(lag), changedKeys: changed.size });
    return lag;
  }

  async #wait(followers: (Follower | undefined)[]): Promise<void> {
    await this.lease.assertHeld();
    this.options.signal?.throwIfAborted();
    await Promise.race([
      sleep(WAITING_MS),
      ...followers.flatMap((follower) => (follower ? [follower.failed] : [])),
    ]);
  }

  async #certify(verification: Verification, cutOverAt: Date): Promise<void> {
    const { move, store, dependencies } = this;
    const signed = signCertificate(
      {
        format: 'marquee-move-certificate/1',
        move: move.id,
        tenant: move.tenantId,
        from: { dataSource: move.fromSource, tenantId: move.fromTenantId },
        to: { dataSource: move.toSource, tenantId: move.toTenantId },
        mode: move.mode,
        requestedBy: move.requestedBy,
        startedAt: move.createdAt.toISOString(),
        cutOverAt: cutOverAt.toISOString(),
        pauseMs: Math.round(move.progress.pauseMs ?? 0),
        fenceLsn: move.progress.fenceLsn ?? '',
        tables: verification.tables.map(({ table, rows, digest }) => ({ table, rows, digest })),
        rows: verification.rows,
      },
      dependencies.sign,
    );
    await this.#hooks('certificate');
    await store.setCertificate(move, { ...signed });
    if (dependencies.certificateDirectory)
      await writeCertificate(dependencies.certificateDirectory, move, signed);
    await this.#audit('tenants.moved', { ...signed });
  }

  async #finish(
    step: 'completed' | 'aborted' | 'rolled_back',
    action: string,
    details: Record<string, unknown>,
  ): Promise<void> {
    await this.#audit(action, details);
    await this.store.setStep(this.move, step);
  }

  #audit(action: string, details: Record<string, unknown>): Promise<void> {
    const { tenantId, id, requestedBy } = this.move;
    return this.dependencies.audit({ tenantId, action, entityId: id, details, actor: requestedBy });
  }

  #watcher(): StreamFollower | undefined {
    return this.#back && 'takeChanges' in this.#back ? (this.#back as StreamFollower) : undefined;
  }

  #decider() {
    return { move: this.move, store: this.store, dependencies: this.dependencies };
  }

  get #hooks() {
    return this.dependencies.hooks ?? (() => {});
  }

  async #mayGoOn(): Promise<void> {
    this.options.signal?.throwIfAborted();
    await this.lease.assertHeld();
    const wanted = await this.store.wanted(this.move.id);
    if (wanted === 'pause') throw new Stop('paused');
    if (wanted === 'abort' || wanted === 'rollback') throw new Stop('abort');
  }

  async #servers(): Promise<string[]> {
    return (await this.#places()).map(({ serverKey }) => serverKey);
  }

  async #places(): Promise<[TenantHome, TenantHome]> {
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

  async #homes(): Promise<{ from: OpenHome; to: OpenHome }> {
    if (this.#context) return this.#context;
    const [from, to] = await this.#places();
    const opened = await Promise.allSettled([openHome(from, this.move.id), openHome(to, this.move.id)]);
    const [left, right] = opened;
    if (left.status === 'fulfilled' && right.status === 'fulfilled') {
      this.#context = {
        ...{
          dependencies: this.dependencies,
          store: this.store,
          move: this.move,
          from: left.value,
          to: right.value,
        },
        tables: { from: [], to: [] },
        changed: new ChangedKeys(),
        hooks: this.#hooks,
        mayGoOn: () => this.#mayGoOn(),
      };
      return this.#context;
    }
    for (const result of opened) if (result.status === 'fulfilled') await closeHome(result.value);
    throw opened.find((result) => result.status === 'rejected')?.reason;
  }

  async #opened(): Promise<MoveContext> {
    await this.#homes();
    const context = this.#context as MoveContext;
    if (context.tables.from.length === 0) {
      const [from, to] = await Promise.all([readTables(context.from.client), readTables(context.to.client)]);
      refuseUnlike(from, to);
      context.tables = { from, to };
    }
    return context;
  }
}

/** After these the old home is open again. */
const GIVEN_UP = new Set([
  'move_pause_limit',
  'move_verification_failed',
  'move_rogue_write',
  'move_stream_failed',
  'move_slot_lost',
  'move_schema_changed',
]);
