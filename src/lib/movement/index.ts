// Moving a tenant between databases while it is in use. README.md describes the protocol.
export { type MoveDependenciesOptions, moveDependencies } from './control/adapters';
export { manualCleanUp } from './control/clean-up';
export type { MoveHooks, MovePoint } from './control/hooks';
export type {
  CopiedTable,
  Move,
  MoveCommand,
  MoveEvent,
  MoveMode,
  MoveObject,
  MoveOptions,
  MoveProgress,
  MoveStep,
} from './control/move';
export { isLeased } from './control/move-lease';
export { MoveStore } from './control/move-store';
export { type MoveNames, namesOf } from './control/names';
export { observeForMoves } from './control/observe-statements';
export { type ChosenOptions, optionsOf, PACES, type Pace, pauseLimitOf } from './control/pace';
export type { Endpoint, MoveDependencies, TenantRoute } from './control/ports';
export { parseRefusal, REFUSALS, type Refusal } from './control/refusal-words';
export { type Remedy, remedyOf } from './control/remedy';
export { isSettled, readMoveReport } from './control/report';
export {
  type CommandOptions,
  commandMove,
  possibleCommands,
  type StartMove,
  startMove,
} from './control/requests';
export type { RunEnd, RunOptions } from './control/run-end';
export { runMove } from './control/state-machine';
export { MOVE_WAITS, type MoveWaitCode, parseWait } from './control/wait-words';
export { startMoveWorker } from './control/worker';
export { MovementError, type MovementErrorCode, NEEDS_OPERATOR } from './errors';
export { checkMove } from './plan/check-move';
export type { Finding } from './plan/findings';
export { type PastPauses, readPastPauses } from './plan/past-pauses';
export type { Preflight } from './plan/preflight';
export type { PreflightPart, PreflightWord } from './plan/words';
export { commandRollout, possibleRolloutCommands } from './rollout/command-rollout';
export { GATE_WORDS, type GateWord, parseGate } from './rollout/gate-words';
export { readRolloutReport } from './rollout/rollout-report';
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
export {
  readVerification,
  requestVerification,
  startVerifications,
  type VerificationState,
} from './verify/verification-job';
export { verifyMove } from './verify/verify-move';
