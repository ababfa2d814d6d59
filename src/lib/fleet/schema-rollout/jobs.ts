// Background jobs: an open rollout continues after the process that started it was killed; drift is checked every night.

import { inParallel } from '../in-parallel';
import type { SchemaRolloutDependencies } from './advance';
import { advanceSchemaRollout } from './advance';
import { isHarmful } from './differences';
import { readDrift } from './drift';
import { SchemaRolloutError } from './errors';
import { DEFAULT_OPTIONS } from './options';
import { problemOf } from './plan';

/** A run ends when the rollout waits for something; the next begins within a minute. */
const ROLLOUT_LIMIT_SECONDS = 6 * 3600;

/** Takes part in the jobs until they stop. */
export async function startSchemaJobs(parts: SchemaRolloutDependencies): Promise<void> {
  const { jobs } = parts.operations;
  await jobs.runInBackground({
    name: 'schema-rollout',
    cron: '* * * * *',
    limitSeconds: ROLLOUT_LIMIT_SECONDS,
    retries: 0,
    historyDays: 1,
    async work(_, { signal }) {
      const rollout = await advanceSchemaRollout(parts, signal).catch(leftToOthers);
      return rollout && { rollout: rollout.id, step: rollout.step, waitsFor: rollout.waitsFor };
    },
  });
  await jobs.runInBackground({
    name: 'schema-drift',
    cron: '40 3 * * *',
    limitSeconds: 3600,
    work: () => findDrift(parts),
  });
}

/** Not a failure: the command line, or a process of the rollout's version, continues it. */
function leftToOthers(error: unknown): undefined {
  const code = (error as { code?: string }).code;
  if (
    code === 'job_running' ||
    (error instanceof SchemaRolloutError && code === 'schema_rollout_other_version')
  )
    return undefined;
  throw error;
}

/** @returns per database what is not as in its version; those that could not be read apart */
export async function findDrift({ operations }: Pick<SchemaRolloutDependencies, 'operations'>) {
  const found = await inParallel(
    await operations.dataSources.list(),
    DEFAULT_OPTIONS.atOnce,
    async (source) => {
      try {
        return await readDrift(operations, source);
      } catch (error) {
        return { source: source.name, problem: problemOf(error) };
      }
    },
  );
  return {
    databases: found.length,
    drifted: found.flatMap((one) =>
      'differences' in one && one.differences.some(isHarmful) ? [one.source] : [],
    ),
    unread: found.flatMap((one) => ('problem' in one ? [one.source] : [])),
  };
}
