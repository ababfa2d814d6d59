// Moving a tenant between databases while it is in use. README.md describes the protocol.
export { type MoveDependenciesOptions, moveDependencies } from './control/adapters';
export { manualCleanUp } from './control/clean-up';
export type { MoveHooks, MovePoint } from './control/hooks';
export type {
  Move,
  MoveCommand,
  MoveMode,
  MoveObject,
  MoveOptions,
  MoveProgress,
  MoveStep,
} from './control/move';
export { isLeased } from './control/move-lease';
export { MoveStore } from './control/move-store';
export { observeForMoves } from './control/observe-statements';
export type { Endpoint, MoveDependencies, TenantRoute } from './control/ports';
export { commandMove, type StartMove, startMove } from './control/requests';
export type { RunEnd, RunOptions } from './control/run-end';
export { runMove } from './control/state-machine';
export { startMoveWorker } from './control/worker';
export { MovementError, type MovementErrorCode, NEEDS_OPERATOR } from './errors';
export { checkMove } from './plan/check-move';
export type { Finding } from './plan/findings';
export type { Preflight } from './plan/preflight';
export {
  type FailedGate,
  type GateLimits,
  type Rollout,
  type RolloutCommand,
  type RolloutOptions,
  RolloutStore,
} from './rollout/rollout-store';
export { planRollout, type StartRollout, startRollout } from './rollout/start-rollout';
export { type Certificate, type SignedCertificate, verifyCertificate } from './verify/certificate';
export { verifyMove } from './verify/verify-move';
