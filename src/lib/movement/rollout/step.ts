// Advances rollouts: reads the steps of their moves and records commands for them, which workers carry out. Every step can be
// repeated, so another process goes on after a crash.
import { randomUUID } from 'node:crypto';
import { ApplicationError } from '@/lib/application';
import type { Move } from '../control/move';
import { MoveStore } from '../control/move-store';
import type { MoveDependencies } from '../control/ports';
import { refusalText } from '../control/refusal-words';
import { startMove } from '../control/requests';
import { MovementError, NEEDS_OPERATOR } from '../errors';
import { gateText } from './gate-words';
import { checkHealth, checkMoves, checkRows, checkTarget, type Wave } from './gates';
import { type FailedGate, type Rollout, RolloutStore, type RolloutTenant } from './rollout-store';

const UNLIKE = 'move_verification_failed';

/**
 * Advances every open rollout that no other process is advancing, as far as it can go. One that fails does not keep the others.
 *
 * @param signal ends a comparison of rows; the step is repeated later
 * @returns whether a rollout waits for its moves
 * @throws what the first has failed with, after the others
 */
export async function advanceRollouts(
  dependencies: MoveDependencies,
  signal?: AbortSignal,
): Promise<boolean> {
  const store = new RolloutStore(dependencies.operations);
  let waiting = false;
  const failures: unknown[] = [];
  for (const { id } of await store.list({ open: true })) {
    const advance = async () => {
      let rollout = await store.get(id);
      for (let before = ''; before !== stateOf(rollout); rollout = await store.get(id)) {
        before = stateOf(rollout);
        await new RolloutStepper(dependencies, store, rollout, signal).step();
      }
      waiting ||= ['moving', 'closing', 'returning'].includes(rollout.step);
    };
    await store.exclusively(id, advance).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
  return waiting;
}

/** Whether a move may begin later: the tenant is being restored, or a data source migrated. */
function mayBeginLater(error: unknown): boolean {
  return error instanceof MovementError && error.retryAfterSeconds !== undefined;
}

/** Why a tenant is left out of its rollout; undefined for an error that may pass. */
function whyNotMoved(error: unknown): string | undefined {
  // It was deleted since the rollout was planned.
  if (error instanceof ApplicationError && error.code === 'tenant_unknown') return refusalText('gone');
  const refused =
    error instanceof MovementError && /already_under_way|not_possible|id_taken/.test(error.code);
  return refused ? error.message : undefined;
}

function stateOf({ step, wave, wanted }: Rollout): string {
  return `${step} ${wave} ${wanted}`;
}

class RolloutStepper {
  readonly #moves: MoveStore;

  constructor(
    private readonly dependencies: MoveDependencies,
    private readonly store: RolloutStore,
    private readonly rollout: Rollout,
    private readonly signal?: AbortSignal,
  ) {
    this.#moves = new MoveStore(dependencies.operations);
  }

  async step(): Promise<void> {
    const { rollout, store } = this;
    const { wanted, step } = rollout;
    if (rollout.finishedAt) return;
    if (wanted === 'rollback' && step !== 'returning') return store.setStep(rollout, 'returning');
    if (wanted === 'halt' && (step === 'moving' || step === 'soaking')) {
      return this.#halt({ gate: 'operator', message: gateText('operator') });
    }
    switch (step) {
      case 'moving':
        return this.#move();
      case 'soaking':
        return this.#soak();
      case 'closing':
        return this.#close();
      case 'returning':
        return this.#return();
      case 'halted':
        return wanted === 'run' ? this.#repeat() : undefined;
    }
  }

  /** Starts the wave's moves, and cuts each over when it is ready. */
  async #move(): Promise<void> {
    const { rollout, store } = this;
    const haveAllBegun = rollout.wanted !== 'pause' && (await this.#begin());
    const wave = await this.#wave();
    const failed = await this.#firstFailed(wave);
    if (failed) return this.#halt(failed);
    if (rollout.wanted === 'pause') return;
    for (const move of wave.moves)
      if (this.#isReady(move)) await this.#moves.want(move.id, 'cut_over', ['run']);
    const arrived = wave.moves.every(({ step }) => step === 'reverse_replication' || step === 'completed');
    if (arrived && haveAllBegun) await store.goOn(rollout, 'soaking');
  }

  /** @returns whether all tenants of the wave have a move or are left out; false if a move may only begin later */
  async #begin(): Promise<boolean> {
    let haveAllBegun = true;
    const { rollout, store, dependencies } = this;
    for (const { tenantId, moveId } of await this.#tenants()) {
      const id = moveId ?? randomUUID();
      if (moveId) {
        if ((await this.#movesOf([moveId])).length > 0) continue;
      } else await store.setMove(rollout.id, tenantId, id);
      try {
        await startMove(dependencies, {
          ...{ id, tenantId, toSource: rollout.toSource, requestedBy: rollout.requestedBy },
          options: { ...rollout.options.move, autoCutOver: false, autoComplete: false },
        });
      } catch (error) {
        if (mayBeginLater(error)) {
          haveAllBegun = false;
          continue;
        }
        const why = whyNotMoved(error);
        if (why === undefined) throw error;
        await store.skip(rollout.id, tenantId, why);
      }
    }
    return haveAllBegun;
  }

  /** Verified, with enough shadow reads or after the time for them, and not commanded yet. */
  #isReady({ step, wanted, progress }: Move): boolean {
    if (step !== 'catching_up' || wanted !== 'run' || !progress.verifiedAt) return false;
    const { shadowReads, shadowReadsMs } = this.rollout.options;
    const waited = Date.now() - Date.parse(progress.verifiedAt);
    return (progress.shadowReads?.same ?? 0) >= shadowReads || waited >= shadowReadsMs;
  }

  /** Observes the wave for the soak time. */
  async #soak(): Promise<void> {
    const { rollout, store, dependencies } = this;
    const wave = await this.#wave();
    const failed = await this.#firstFailed(wave);
    if (failed) return this.#halt(failed);
    if (rollout.wanted === 'pause' || Date.now() - rollout.stepSince.getTime() < rollout.options.soakMs)
      return;
    const unlike = await checkRows(dependencies, wave, this.signal);
    if (unlike) return this.#halt(unlike);
    await store.goOn(rollout, 'closing', rollout.wave, {
      event: 'passed',
      detail: { tenants: wave.moves.length },
    });
  }

  /** Completes the wave's moves, unless `keepRollback`, and begins the next wave. */
  async #close(): Promise<void> {
    const { rollout, store } = this;
    if (!rollout.options.keepRollback) {
      const open = (await this.#wave()).moves.filter(({ finishedAt }) => !finishedAt);
      const unlike = open.find(({ error, wanted }) => wanted === 'run' && error?.code === UNLIKE);
      if (unlike?.error) {
        const { tenantId, error } = unlike;
        const { code, message } = error;
        return this.#halt({ gate: 'verification', tenantId, code, message, stays: true });
      }
      for (const { id, wanted } of open)
        if (wanted !== 'complete') await this.#moves.want(id, 'complete', [wanted]);
      if (open.length > 0) return;
    }
    if (rollout.wave + 1 < rollout.waves.length) return store.goOn(rollout, 'moving', rollout.wave + 1);
    return store.goOn(rollout, 'completed');
  }

  async #halt(failed: FailedGate): Promise<void> {
    const { rollout, store } = this;
    await store.setFailed(rollout.id, failed);
    await store.note(rollout, 'gate_failed', failed);
    // The operator has to decide how to go on.
    await store.want(rollout.id, 'pause', ['run', 'pause', 'halt']);
    await store.setStep(rollout, failed.stays ? 'halted' : 'returning');
  }

  /** Rolls back the wave, or all moves that can be when the operator has asked for it. */
  async #return(): Promise<void> {
    const { rollout, store } = this;
    const all = rollout.wanted === 'rollback';
    const { moves } = await this.#wave(all);
    const open = moves.filter(({ finishedAt }) => !finishedAt);
    const refused = open.filter((move) => this.#cannotReturn(move));
    // `rollback` aborts a move before its cut-over. A failed rollback resets the command, so it is given again.
    for (const move of open) {
      const commanded = move.wanted === 'rollback' || move.step === 'completing' || refused.includes(move);
      if (!commanded) await this.#moves.want(move.id, 'rollback');
    }
    if (open.length > refused.length) return;
    const stayed = moves.filter(({ step }) => step === 'completed' || step === 'reverse_replication');
    await store.note(rollout, 'returned', {
      tenants: moves.length - stayed.length,
      stayed: stayed.map(({ tenantId }) => tenantId),
    });
    const [one] = refused;
    if (one) {
      const message = `A tenant cannot be rolled back: ${one.error?.message}`;
      const code = one.error?.code;
      await store.setFailed(rollout.id, {
        ...{ gate: 'rollback', tenantId: one.tenantId, message, stays: true },
        ...(code ? { code } : {}),
      });
      await store.want(rollout.id, 'pause', [rollout.wanted]);
    }
    await store.setStep(rollout, all && !one ? 'rolled_back' : 'halted');
  }

  /** The rows of source and target differ, or too many rollbacks have failed: the operator has to look. */
  #cannotReturn({ step, wanted, error, progress }: Move): boolean {
    const tried = (progress.cutOverAttempts ?? 0) >= this.rollout.options.cutOverAttempts;
    const inVain = error?.code === UNLIKE || (tried && NEEDS_OPERATOR.has(error?.code ?? ''));
    return step === 'reverse_replication' && wanted === 'run' && inVain;
  }

  /** Repeats the wave. */
  async #repeat(): Promise<void> {
    const { rollout, store, dependencies } = this;
    const returned = (await this.#wave()).moves.filter(
      ({ finishedAt, step }) => finishedAt && step !== 'completed',
    );
    for (const { tenantId } of returned) await store.setMove(rollout.id, tenantId, null);
    // Statements that were counted at the target say nothing about the next attempt.
    await dependencies.operations.query(
      'delete from rollout_health where rollout_id = $1 and tenant_id = any ($2) and data_source = $3',
      [rollout.id, returned.map(({ tenantId }) => tenantId), rollout.toSource],
    );
    await store.setFailed(rollout.id, null);
    await store.setStep(rollout, 'moving');
  }

  async #firstFailed(wave: Wave): Promise<FailedGate | undefined> {
    const { dependencies, store } = this;
    return (
      (await checkMoves(wave, dependencies)) ??
      (await checkTarget(dependencies, store, wave)) ??
      (await checkHealth(dependencies.operations, wave))
    );
  }

  async #tenants(all = false): Promise<RolloutTenant[]> {
    const tenants = await this.store.tenants(this.rollout.id);
    return tenants.filter(({ wave, skipped }) => skipped === null && (all || wave === this.rollout.wave));
  }

  async #wave(all = false): Promise<Wave> {
    const ids = (await this.#tenants(all)).flatMap(({ moveId }) => (moveId ? [moveId] : []));
    return { rollout: this.rollout, moves: await this.#movesOf(ids) };
  }

  #movesOf(ids: readonly string[]): Promise<Move[]> {
    return this.#moves.list({ ids });
  }
}
