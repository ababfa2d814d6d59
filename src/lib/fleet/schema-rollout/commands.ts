// Operators' commands for schema rollouts.
import { digestOf } from '@/lib/migrations';
import type { SchemaRolloutDependencies } from './advance';
import { SchemaRolloutError } from './errors';
import { DEFAULT_OPTIONS, type SchemaRolloutOptions } from './options';
import { isPending, planSchemaRollout, type SchemaRolloutPlan } from './plan';
import { type SchemaRollout, SchemaRolloutStore, type SourceState } from './store';
import { planWaves } from './waves';

export interface StartSchemaRollout {
  options?: Partial<SchemaRolloutOptions>;
  /** Names of data sources; all of them when left out. */
  sources?: readonly string[];
  /** Who gives the command, for the record. */
  requestedBy: string;
  /** Only plan. */
  dryRun?: boolean;
}

/**
 * Plans a rollout to this program's version, and records it where a database lacks something.
 *
 * @returns the plan; no rollout where every database is at this version
 * @throws SchemaRolloutError `schema_rollout_running`, `schema_rollout_invalid`
 */
export async function startSchemaRollout(
  { operations, application, files }: SchemaRolloutDependencies,
  { options: given = {}, sources: names, requestedBy, dryRun }: StartSchemaRollout,
): Promise<{ plan: SchemaRolloutPlan; rollout: SchemaRollout | undefined }> {
  const options = { ...DEFAULT_OPTIONS, ...given };
  const all = await operations.dataSources.list();
  const unknown = names?.find((name) => !all.some((source) => source.name === name));
  if (unknown !== undefined) {
    throw new SchemaRolloutError('schema_rollout_invalid', `There is no data source ${unknown}.`, {
      hint: 'List them with: marquee source list',
    });
  }
  const chosen = all.filter(({ name }) => names?.includes(name) ?? true);
  const plan = await planSchemaRollout(operations, files, chosen, options.atOnce);
  const pending = plan.sources.filter((source) => source.problem || isPending(source));
  // Where no database can be migrated there is nothing to roll out: the plan says why.
  if (dryRun || !pending.some(isPending)) return { plan, rollout: undefined };
  const rollout = await new SchemaRolloutStore(operations.pool).create({
    toVersion: plan.toVersion,
    files: digestOf(files),
    waves: planWaves(
      pending.map(({ source }) => source),
      digestOf(files),
      options,
    ),
    options,
    requestedBy,
    versions: new Map(pending.map(({ source, version }) => [source, version ?? 0])),
  });
  await application.audit.append({
    ...{ action: 'schema_rollouts.start', entity: 'schema_rollouts', entityId: rollout.id },
    details: { toVersion: rollout.toVersion, sources: pending.length },
  });
  return { plan, rollout };
}

/** Goes on after a halt; failed databases stay as they are until each is retried or skipped. */
export async function resumeSchemaRollout(parts: SchemaRolloutDependencies): Promise<SchemaRollout> {
  const { store, rollout } = await openRollout(parts, 'resume');
  if (rollout.step === 'halted') await store.setStep(rollout.id, 'migrating');
  return store.get(rollout.id);
}

/** Ends the rollout: databases stay as they are. A database that is being migrated is finished. */
export async function cancelSchemaRollout(parts: SchemaRolloutDependencies): Promise<SchemaRollout> {
  const { store, rollout } = await openRollout(parts, 'cancel');
  await store.setStep(rollout.id, 'cancelled');
  return store.get(rollout.id);
}

const MAY: Record<'retry' | 'skip', { from: SourceState[]; to: SourceState }> = {
  retry: { from: ['failed', 'skipped'], to: 'waiting' },
  skip: { from: ['failed', 'waiting', 'pinned', 'expanded'], to: 'skipped' },
};

/**
 * Tries one database again, or leaves it out.
 *
 * @param name of the data source
 * @throws SchemaRolloutError `schema_rollout_unknown`, `schema_rollout_source`
 */
export async function decideSource(
  parts: SchemaRolloutDependencies,
  command: 'retry' | 'skip',
  name: string,
): Promise<SchemaRollout> {
  const { store, rollout } = await openRollout(parts, command, name);
  const source = (await store.sources(rollout.id)).find((one) => one.name === name);
  const { from, to } = MAY[command];
  if (!source || !from.includes(source.state)) {
    const is = source ? `is ${source.state}` : 'is not part of it';
    throw new SchemaRolloutError('schema_rollout_source', `${name} ${is}: ${command} is not possible.`, {
      hint: 'See: marquee migrate status',
    });
  }
  const problem = to === 'skipped' ? { code: 'skipped', message: 'Left out by an operator.' } : undefined;
  await store.setSource(rollout.id, source.dataSourceId, { state: to, ...(problem ? { problem } : {}) });
  const others = (await store.sources(rollout.id)).some(({ state }) => state === 'failed');
  if (rollout.step === 'halted' && !others) await store.setStep(rollout.id, 'migrating');
  return store.get(rollout.id);
}

async function openRollout(
  { operations, application }: SchemaRolloutDependencies,
  command: string,
  source?: string,
) {
  const store = new SchemaRolloutStore(operations.pool);
  const rollout = await store.open();
  if (!rollout) {
    throw new SchemaRolloutError('schema_rollout_unknown', 'No schema rollout is open.', {
      hint: 'Start one: marquee migrate',
    });
  }
  await application.audit.append({
    ...{ action: 'schema_rollouts.command', entity: 'schema_rollouts', entityId: rollout.id },
    details: { command, ...(source ? { source } : {}) },
  });
  return { store, rollout };
}
