// Continues a schema rollout from its recorded step. Any process of the rollout's version can, one at a time, and may be killed at any point.
import type { ApplicationDatabase } from '@/lib/application';
import type { Message } from '@/lib/failures';
import { digestOf, type SchemaFiles } from '@/lib/migrations';
import type { DataSource, OperationsDatabase } from '@/lib/operations';
import { inParallel } from '../in-parallel';
import { type Difference, isHarmful } from './differences';
import { readDrift, recordReference } from './drift';
import { SchemaRolloutError } from './errors';
import { checkSource } from './gates';
import { migrateWithRetries } from './migrate-source';
import { problemOf } from './plan';
import { type FailedGate, type SchemaRollout, type SchemaRolloutSource, SchemaRolloutStore } from './store';
import { waiting } from './waits-for';

export interface SchemaRolloutDependencies {
  operations: OperationsDatabase;
  application: ApplicationDatabase;
  /** Schema files of this program. */
  files: SchemaFiles;
}

/** The name of the lock that a process holds while it advances a rollout. */
const ALONE = 'schema rollout';

/**
 * Migrates wave after wave until the rollout is done, is halted, or has to wait for the soak of a wave, a move, or processes of an older
 * version.
 *
 * @returns the rollout in its new state; undefined if none is open
 * @throws SchemaRolloutError `schema_rollout_other_version`; OperationsError `job_running` if another process is advancing it
 */
export async function advanceSchemaRollout(
  parts: SchemaRolloutDependencies,
  signal: AbortSignal,
): Promise<SchemaRollout | undefined> {
  const store = new SchemaRolloutStore(parts.operations.pool);
  const open = await store.open();
  if (!open || open.step === 'halted') return open;
  if (open.files !== digestOf(parts.files)) {
    throw new SchemaRolloutError(
      'schema_rollout_other_version',
      `The schema rollout to version ${open.toVersion} was started by a program of another version.`,
      { hint: 'Resume it with that version, or cancel it: marquee migrate cancel' },
    );
  }
  return parts.operations.tryWithLock(ALONE, async (locked) => {
    const stop = AbortSignal.any([signal, locked]);
    const recorded = new Set<string>();
    for (;;) {
      const rollout = await store.get(open.id);
      const ended = rollout.finishedAt !== null || rollout.step === 'halted' || stop.aborted;
      if (ended || !(await new Advance(parts, store, rollout, stop, recorded).step()))
        return store.get(open.id);
    }
  });
}

class Advance {
  constructor(
    private readonly parts: SchemaRolloutDependencies,
    private readonly store: SchemaRolloutStore,
    private readonly rollout: SchemaRollout,
    private readonly signal: AbortSignal,
    /** Kinds of databases whose reference schema is recorded. */
    private readonly recorded: Set<string>,
  ) {}

  /** @returns whether the next step can be done now */
  async step(): Promise<boolean> {
    const { store, rollout } = this;
    const { id, step, wave, waves, options } = rollout;
    if (step !== 'soaking') {
      // This includes databases of earlier waves that were pinned or failed and are to be tried again.
      const sources = await store.sources(id);
      const open = sources.filter((source) => source.wave <= wave && OPEN.includes(source.state));
      const failed = await this.#migrate(open);
      if (this.signal.aborted) return false;
      const worse =
        failed ?? (await this.#check(step === 'waiting' ? open : sources.filter((one) => one.wave === wave)));
      if (worse) return this.#halt(worse);
      if (step === 'waiting') return this.#finishPhase();
      await store.setStep(id, 'soaking');
      return true;
    }
    if (rollout.stepSince.getTime() + options.soakMs > Date.now()) {
      return this.#wait(waiting('observed', { wave: waves[wave] ?? '' }), 'soaking');
    }
    if (options.soakMs > 0) {
      const failed = await this.#check((await store.sources(id)).filter((one) => one.wave === wave));
      if (failed) return this.#halt(failed);
    }
    if (wave + 1 === waves.length) return this.#finishPhase();
    await store.setStep(id, 'migrating', { wave: wave + 1 });
    return true;
  }

  /** Migrates the open databases, within the rollout's limits of databases at a time and for each server. @returns the gate that halts the rollout */
  async #migrate(open: readonly SchemaRolloutSource[]): Promise<FailedGate | undefined> {
    const { parts, rollout } = this;
    const { atOnce, perServer, onError } = rollout.options;
    const known = new Map((await parts.operations.dataSources.list()).map((source) => [source.id, source]));
    const servers = new Map<string, SchemaRolloutSource[]>();
    for (const source of open) {
      const server = known.get(source.dataSourceId)?.serverKey ?? '';
      servers.set(server, [...(servers.get(server) ?? []), source]);
    }
    // Each server has a queue for each database that it may migrate at a time, so that a slow server does not delay the others.
    const queues = [...servers.values()].flatMap((all) => divide(all, perServer));
    let failed: FailedGate | undefined;
    await inParallel(queues, atOnce, async (queue) => {
      for (const source of queue) {
        if (this.signal.aborted || (failed && onError === 'halt')) return;
        const dataSource = known.get(source.dataSourceId);
        // It was left out or had failed, and was removed before it is tried again.
        if (!dataSource) await this.store.setSource(rollout.id, source.dataSourceId, { state: 'skipped' });
        const problem = dataSource && (await this.#migrateOne(dataSource));
        if (problem) failed ??= { gate: 'migration', source: source.name, ...problem };
      }
    });
    return failed && onError === 'halt' ? failed : undefined;
  }

  async #migrateOne(source: DataSource): Promise<{ code: string; message: string } | undefined> {
    const { store, rollout, parts } = this;
    const { id, phase, options } = rollout;
    if (!(await store.begin(id, source.id))) return undefined;
    const started = performance.now();
    const tookMs = () => Math.round(performance.now() - started);
    try {
      const beside = options.allowDrift ? [] : await this.#refuseDrifted(source);
      const { version, waiting } = await migrateWithRetries(
        ...([parts.operations, source, parts.files, phase, options, this.signal] as const),
      );
      await this.#record(source, beside);
      const state = waiting ? 'expanded' : 'done';
      await store.setSource(id, source.id, { state, version, tookMs: tookMs() });
      return undefined;
    } catch (error) {
      const problem = problemOf(error);
      if (problem.code === 'data_source_not_administered') {
        // The customer's DBA runs the script. The rollout does not wait for that.
        await store.setSource(id, source.id, { state: 'skipped', problem });
        return undefined;
      }
      await store.setSource(id, source.id, { state: 'failed', tookMs: tookMs(), problem });
      return problem;
    }
  }

  /**
   * Compares a database with its version before it is migrated, since manual changes could not be told apart afterwards.
   *
   * @returns differences that are no obstacle
   */
  async #refuseDrifted(source: DataSource): Promise<Difference[]> {
    const drift = await readDrift(this.parts.operations, source);
    const [first, ...others] = drift.differences.filter(isHarmful);
    if (!first) return drift.differences;
    throw new SchemaRolloutError(
      'schema_drifted',
      `The schema of ${source.name} is not that of its version: ${first.change}: ${first.kind} ${first.name}${others.length > 0 ? `, and ${others.length} more` : ''}.`,
      { hint: `See: marquee migrate drift ${source.name}` },
    );
  }

  /** Records the schema of the first database of its kind as that of the new version, without the differences that it had before. */
  async #record(source: DataSource, beside: readonly Difference[]): Promise<void> {
    const like = `${this.rollout.phase} ${source.kind} ${source.serverVersion}`;
    if (this.rollout.options.allowDrift || this.recorded.has(like)) return;
    await recordReference(this.parts.operations, source, beside);
    this.recorded.add(like);
  }

  /** Checks the gates: each database can be read as a tenant, and has the recorded schema of its version. */
  async #check(sources: readonly SchemaRolloutSource[]): Promise<FailedGate | undefined> {
    const { operations } = this.parts;
    const { options, id } = this.rollout;
    const ids = new Set(sources.map(({ dataSourceId }) => dataSourceId));
    const migrated = (await this.store.sources(id)).filter(
      ({ dataSourceId, state }) => ids.has(dataSourceId) && (state === 'done' || state === 'expanded'),
    );
    let failed: FailedGate | undefined;
    await inParallel(migrated, options.atOnce, async ({ dataSourceId }) => {
      if (failed || this.signal.aborted) return;
      const source = await operations.dataSources.find(dataSourceId);
      const found = source && (await checkSource(this.parts, source, options));
      failed ??= found;
    });
    return failed;
  }

  /** Ends a phase after its last wave. */
  async #finishPhase(): Promise<boolean> {
    const { store, rollout, parts } = this;
    const sources = await store.sources(rollout.id);
    const named = (state: string) =>
      sources.filter((source) => source.state === state).map(({ name }) => name);
    const [failed, pinned, expanded] = [named('failed'), named('pinned'), named('expanded')];
    const [one] = failed;
    if (one) {
      const problem = sources.find(({ name }) => name === one)?.problem;
      const message = `${failed.length} of ${sources.length} databases were not migrated. ${problem?.message ?? ''}`;
      return this.#halt({
        gate: 'migration',
        source: one,
        code: problem?.code ?? '',
        message: message.trim(),
      });
    }
    if (pinned.length > 0) return this.#wait(movesOf(pinned));
    if (expanded.length > 0) {
      const old = await oldProcesses(parts.operations, rollout.toVersion);
      const since = await store.setOnlyNew(rollout.id, old === 0);
      if (!since) return this.#wait(old === 1 ? waiting('process') : waiting('processes', { count: old }));
      const left = since.getTime() + rollout.options.graceMs - Date.now();
      if (left > 0) return this.#wait(waiting('grace'));
      await store.setStates(rollout.id, ['expanded'], 'waiting');
      await store.setStep(rollout.id, 'migrating', { phase: 'contract', wave: 0 });
      return true;
    }
    await store.setStep(rollout.id, 'completed');
    return false;
  }

  async #wait({ text: waitsFor }: Message, step: 'waiting' | 'soaking' = 'waiting'): Promise<false> {
    await this.store.setStep(this.rollout.id, step, { waitsFor });
    return false;
  }

  async #halt(failed: FailedGate): Promise<false> {
    await this.store.setStep(this.rollout.id, 'halted', { failed });
    return false;
  }
}

/** States of databases that are not migrated yet in this phase. `running` was left by a process that died: its transaction was rolled back or committed. */
const OPEN = ['waiting', 'pinned', 'running'];

/** Number of processes that serve tenants and know an older schema only. */
async function oldProcesses({ processes }: OperationsDatabase, version: number): Promise<number> {
  const all = await processes.list();
  return all.filter(({ schemaVersion }) => (schemaVersion ?? 0) < version).length;
}

function divide<T>(items: readonly T[], parts: number): T[][] {
  const divided = Array.from({ length: Math.min(parts, items.length) }, (): T[] => []);
  for (const [place, item] of items.entries()) divided[place % divided.length]?.push(item);
  return divided;
}

function movesOf(names: readonly string[]): Message {
  const sources = [...names].sort().slice(0, 3).join(', ');
  return names.length > 3
    ? waiting('moves_of_more', { sources, more: names.length - 3 })
    : waiting('moves', { sources });
}
