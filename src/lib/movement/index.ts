// Moving a tenant between databases while it is in use. The protocol is in README.md.

export { certificateSigner, type MoveDependenciesOptions, moveDependencies } from './control/adapters';
export { leftBehind } from './control/clean-up';
export type { MoveHooks, MovePoint } from './control/hooks';
export { isWorkedOn } from './control/move-lease';
export {
  type Move,
  type MoveMode,
  type MoveObject,
  type MoveOptions,
  type MoveProgress,
  type MoveStep,
  MoveStore,
  type MoveWish,
} from './control/move-store';
export { observeForMoves } from './control/observe-statements';
export type { Home, MoveDependencies, TenantRoute } from './control/ports';
export { checkMove, requestOf, type StartMove, startMove, verifyMove } from './control/requests';
export { type RunEnd, type RunOptions, runMove } from './control/run-move';
export { startMoveWorker } from './control/worker';
export { MovementError, type MovementErrorCode, NEEDS_OPERATOR } from './errors';
export type { Finding, Preflight } from './plan/preflight';
export {
  type FailedGate,
  type GateLimits,
  type Rollout,
  type RolloutOptions,
  RolloutStore,
  type RolloutWish,
} from './rollout/rollout-store';
export { planRollout, type StartRollout, startRollout } from './rollout/start-rollout';
export { type Certificate, type SignedCertificate, verifyCertificate } from './verify/certificate';
