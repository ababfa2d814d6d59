// Plans and records rollouts.

import type { MoveOptions } from '../control/move';
import type { MoveDependencies } from '../control/ports';
import { MovementError } from '../errors';
import { type GateLimits, type Rollout, RolloutStore } from './rollout-store';
import { type PlannedWave, planWaves } from './waves';

/** The rollout that `startRollout` records. */
export interface StartRollout {
  /** Ids of the data sources that the tenants leave. */
  fromSources: readonly string[];
  /** Id of the target. */
  toSource: string;
  /** Ids of tenants that move in the first wave. */
  samples?: readonly string[];
  /** Percentage of the tenants that have moved after each wave. Default 5, 25, 100. */
  percents?: readonly number[];
  /** Maximum number of tenants between cut-over and completion. Default 4, since each takes a replication slot at the target. */
  atOnce?: number;
  /** How long a wave is watched, ms. Default 10 minutes. */
  soakMs?: number;
  /** Number of shadow reads to compare before a tenant's cut-over. Default 20. */
  shadowReads?: number;
  /** Maximum time to wait for the shadow reads, ms, since a tenant may not read at all. Default 60,000. */
  shadowReadsMs?: number;
  /** Whether to keep reverse replication of all waves until each move is completed by hand. Default false. */
  keepRollback?: boolean;
  /** Number of failed cut-overs of a tenant after which its wave fails. Default 3. */
  cutOverAttempts?: number;
  gates?: GateLimits;
  /** Options of each tenant's move. */
  move?: MoveOptions;
  requestedBy: string;
}

interface Plan {
  waves: PlannedWave[];
  /** Each tenant's data source now. */
  from: Map<string, string>;
}

/** Divides the tenants into waves, and records nothing. @throws MovementError `rollout_invalid`, also if two tenants would have the same id at the target */
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
    throw new MovementError('rollout_invalid', 'A data source cannot be both left and moved to.');
  }
  const from = new Map<string, string>();
  const atTarget = new Map(
    (await dependencies.tenantsIn(toSource)).map((tenant) => [tenant.tenantIdInDataSource, tenant]),
  );
  for (const source of fromSources) {
    for (const tenant of await dependencies.tenantsIn(source)) {
      const other = atTarget.get(tenant.tenantIdInDataSource);
      if (other) throw sameId(tenant.name, other.name);
      atTarget.set(tenant.tenantIdInDataSource, tenant);
      from.set(tenant.id, source);
    }
  }
  return { waves: planWaves([...from.keys()], toSource, { samples, percents, atOnce }), from };
}

/**
 * Records a rollout; a worker carries it out.
 *
 * @throws MovementError `rollout_invalid`, `rollout_already_under_way`
 */
export async function startRollout(dependencies: MoveDependencies, request: StartRollout): Promise<Rollout> {
  const { waves, from } = await planRollout(dependencies, request);
  if (waves.length === 0) {
    throw new MovementError('rollout_invalid', 'There are no tenants in the data sources to leave.', {
      hint: 'See where tenants are: marquee tenant list',
    });
  }
  const { soakMs = 600_000, shadowReads = 20, shadowReadsMs = 60_000, keepRollback = false } = request;
  const { cutOverAttempts = 3, gates = {}, move = {}, requestedBy, toSource } = request;
  const fromSources = [...request.fromSources];
  const rollout = await new RolloutStore(dependencies.operations).create(
    {
      ...{ fromSources, toSource, requestedBy },
      options: { soakMs, shadowReads, shadowReadsMs, keepRollback, cutOverAttempts, gates, move },
    },
    waves.map((wave) => ({ ...wave, from })),
  );
  await dependencies.audit({
    ...{ action: 'rollouts.start', entity: 'rollouts', entityId: rollout.id, actor: requestedBy },
    details: { from: fromSources, to: toSource },
  });
  return rollout;
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
