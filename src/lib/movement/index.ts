// Moving a tenant between databases while it is in use. The protocol is in README.md.
export { type Certificate, type SignedCertificate, verifyCertificate } from './certificate';
export { leftBehind } from './clean-up';
export { certificateSigner, type MoveDependenciesOptions, moveDependencies } from './dependencies';
export { isTransient, MovementError, type MovementErrorCode, NEEDS_OPERATOR } from './errors';
export type { MoveHooks, MovePoint } from './hooks';
export { isWorkedOn } from './lease';
export {
  type Move,
  type MoveMode,
  type MoveObject,
  type MoveOptions,
  type MoveProgress,
  type MoveStep,
  MoveStore,
  type MoveWish,
} from './move-store';
export { observeForMoves } from './observing';
export type { Home, MoveDependencies, TenantRoute } from './ports';
export type { Finding, Preflight } from './preflight';
export { checkMove, requestOf, type StartMove, startMove, verifyMove } from './requests';
export { planRollout, type StartRollout, startRollout } from './rollout/requests';
export {
  type FailedGate,
  type GateLimits,
  type Rollout,
  type RolloutOptions,
  RolloutStore,
  type RolloutWish,
} from './rollout/rollout-store';
export { type RunEnd, type RunOptions, runMove } from './run';
export { startMoveWorker } from './worker';
