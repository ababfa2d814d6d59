// What an operator asks of rollouts.

import type { MoveOptions } from '../control/move-store';
import type { MoveDependencies } from '../control/ports';
import { MovementError } from '../errors';
import { type GateLimits, type Rollout, RolloutStore } from './rollout-store';
import { type PlannedWave, planWaves } from './waves';

export interface StartRollout {
  /** Data sources that are left. */
  fromSources: readonly string[];
  toSource: string;
  /** Tenants that go first. */
  samples?: readonly string[];
  /** Percent of the tenants that have moved after each wave. Default 5, 25, 100. */
  percents?: readonly number[];
  /** Tenants between their move and its completion at a time. Default 4: each takes a slot of the new home. */
  atOnce?: number;
  /** How long a wave is watched, ms. Default 10 minutes. */
  soakMs?: number;
  /** Reads to compare before a cut-over. Default 20. */
  darkReads?: number;
  /** How long to wait for them, ms: a tenant may not be reading. Default 60,000. */
  darkReadsMs?: number;
  /** Keep ways back until the end. Default false. */
  keepWayBack?: boolean;
  /** Cut-overs of a tenant that may be given up. Default 3. */
  cutOverAttempts?: number;
  gates?: GateLimits;
  move?: MoveOptions;
  requestedBy: string;
}

interface Plan {
  waves: PlannedWave[];
  /** Where each tenant lives now. */
  from: Map<string, string>;
}

/** @throws MovementError `rollout_invalid`, also where two tenants would have one id at the target */
export async function planRollout(
  dependencies: MoveDependencies,
  {
    fromSources,
    toSource,
    samples = [],
    percents = [5, 25, 100],
    atOnce = 4,
  }: Omit<StartRollout, 'requestedBy'>,
): Promise<Plan> {
  if (fromSources.includes(toSource)) {
    throw new MovementError('rollout_invalid', 'The tenants of this data source are there already.');
  }
  const from = new Map<string, string>();
  const there = new Map(
    (await dependencies.tenantsIn(toSource)).map((tenant) => [tenant.tenantIdInDataSource, tenant]),
  );
  for (const source of fromSources) {
    for (const tenant of await dependencies.tenantsIn(source)) {
      const other = there.get(tenant.tenantIdInDataSource);
      if (other) throw sameId(tenant.name, other.name);
      there.set(tenant.tenantIdInDataSource, tenant);
      from.set(tenant.id, source);
    }
  }
  return { waves: planWaves([...from.keys()], toSource, { samples, percents, atOnce }), from };
}

/**
 * Records a rollout; a worker does it.
 *
 * @throws MovementError `rollout_invalid`, `rollout_already_under_way`
 */
export async function startRollout(dependencies: MoveDependencies, request: StartRollout): Promise<Rollout> {
  const { waves, from } = await planRollout(dependencies, request);
  if (waves.length === 0) {
    throw new MovementError('rollout_invalid', 'No tenant lives in the data sources that are left.', {
      hint: 'See where tenants are: marquee tenant list',
    });
  }
  const { soakMs = 600_000, darkReads = 20, darkReadsMs = 60_000, keepWayBack = false } = request;
  const { cutOverAttempts = 3, gates = {}, move = {}, requestedBy, toSource } = request;
  return new RolloutStore(dependencies.operations).create(
    {
      ...{ fromSources: [...request.fromSources], toSource, requestedBy },
      options: { soakMs, darkReads, darkReadsMs, keepWayBack, cutOverAttempts, gates, move },
    },
    waves.map((wave) => ({ ...wave, from })),
  );
}

function sameId(one: string, other: string): MovementError {
  return new MovementError(
    'rollout_invalid',
    `The tenants ${one} and ${other} would have one id at the target.`,
    {
      hint: `Move one of them by itself under another id first: marquee move start ${one} --to SOURCE --to-tenant-id UUID`,
    },
  );
}
