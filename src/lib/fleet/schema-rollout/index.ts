// Schema rollouts: every data source is brought to this program's schema, in waves, while tenants work. docs/schema-rollout.md explains it.

export { inParallel } from '../in-parallel';
export { advanceSchemaRollout, type SchemaRolloutDependencies } from './advance';
export {
  cancelSchemaRollout,
  decideSource,
  resumeSchemaRollout,
  type StartSchemaRollout,
  startSchemaRollout,
} from './commands';
export { type Difference, describeDifference, isHarmful } from './differences';
export { acceptDrift, type Drift, readDrift } from './drift';
export { SchemaRolloutError } from './errors';
export { findDrift, startSchemaJobs } from './jobs';
export { LOCK_MODES, planOf, type StatementPlan } from './locks';
export { DEFAULT_OPTIONS, type SchemaRolloutOptions } from './options';
export { isPending, type PlannedSource, problemOf, type SchemaRolloutPlan } from './plan';
export { statementsOf } from './statements';
export { type SchemaRollout, type SchemaRolloutSource, SchemaRolloutStore } from './store';
export { parseRolloutWait, ROLLOUT_WAITS, type RolloutWaitCode } from './waits-for';
