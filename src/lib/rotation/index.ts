// Replacing keys while Marquee serves: which key each secret is under, bringing secrets to another, retiring one.
export type { RotationDependencies } from './dependencies';
export { retireKey } from './retire';
export {
  type RotationResult,
  rotateSecrets,
  type StoreProgress,
  secretsStatus,
} from './secrets';
