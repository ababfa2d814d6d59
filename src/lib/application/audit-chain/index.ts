// The chain of the audit log: verification, signed checkpoints, proofs of single records. See docs/audit-log.md.
export { ARCHIVES, type Archived, type ArchiveOptions, archive } from './archive';
export type { Finding } from './chain-check';
export { CHECKPOINTS, makeCheckpoint, type SignedCheckpoint } from './checkpoint-record';
export {
  type CheckpointBucket,
  type CheckpointSink,
  checkpointBucket,
  checkpointFile,
  checkpointSyslog,
  deliverCheckpoint,
  readNotes,
} from './checkpoint-sinks';
export type { AuditLog, LogPage, StoredRecord } from './log';
export { type InclusionProof, proveRecord, verifyProofText } from './proof';
export { PROTECTION, weaknessesOf } from './protection';
export { type ChainPosition, type Growth, headOf, POSITIONS, readOn } from './read-on';
export { segmentsIn } from './segment';
export { sessionLog } from './session-log';
export {
  type Checkpoint,
  type CheckpointSigner,
  type CheckpointVerifier,
  checkpointSigner,
  readVerifier,
} from './signed-note';
export { type Verification, type VerifyOptions, verifyRecords } from './verify';
