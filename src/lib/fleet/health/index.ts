// The health of data sources: probed from every process, one at a time for each source; its state, history and alerts. See docs/health.md.
export type { CauseName, Finding, Level } from './catalogue';
export { CAUSES } from './catalogue';
export { changeThreshold } from './change-threshold';
export { HealthError } from './errors';
export { EVIDENCE, type EvidenceCode } from './evidence';
export { startHealthJobs } from './jobs';
export { registerHealthMetrics } from './metrics';
export { type HealthDependencies, type MonitorOptions, startMonitor } from './monitor';
export {
  type HealthChange,
  type HealthSample,
  type HealthSummary,
  type PublicHealth,
  readChanges,
  readHealth,
  readHealthSummaries,
  readPublicHealth,
  readSamples,
  type ShownFinding,
  type SourceHealth,
} from './read';
export type { State } from './state';
export type { OpenCircuit } from './store';
export { thinHistory } from './thin';
export { readThresholds, setThreshold, THRESHOLDS, type ThresholdName } from './thresholds';
