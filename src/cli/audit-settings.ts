import {
  type CheckpointSigner,
  type CheckpointSink,
  type CheckpointVerifier,
  checkpointBucket,
  checkpointFile,
  checkpointSigner,
  checkpointSyslog,
} from '@/lib/application';
import type { Configuration } from '@/lib/configuration';
import type { Instance } from './instance';

/** The key that signs checkpoints, and all whose checkpoints count. @throws SecretError; OperationsError */
export async function checkpointKeys({
  operations,
  configuration,
}: Pick<Instance, 'operations' | 'configuration'>): Promise<{
  signer: CheckpointSigner;
  verifiers: CheckpointVerifier[];
}> {
  const { AUDIT_CHECKPOINT_ORIGIN: origin } = configuration;
  const [present, ...previous] = await operations.signingKeys.read('checkpoints');
  const signer = checkpointSigner(present.seed, origin);
  return { signer, verifiers: [signer, ...previous.map(({ seed }) => checkpointSigner(seed, origin))] };
}

/** Where checkpoints go outside the database. */
export function checkpointSinks(configuration: Configuration): CheckpointSink[] {
  const {
    AUDIT_CHECKPOINT_FILE: file,
    AUDIT_CHECKPOINT_SYSLOG: syslog,
    AUDIT_CHECKPOINT_BUCKET: bucket,
  } = configuration;
  return [
    ...(file ? [checkpointFile(file)] : []),
    ...(syslog ? [checkpointSyslog(syslog)] : []),
    ...(bucket ? [checkpointBucket(bucket)] : []),
  ];
}

/** What a login that can do more than add records means. @param weaknesses not empty */
export function describeLogin(weaknesses: string[]): string {
  return `The login of APPLICATION_DATABASE_URL can change the audit log unseen up to the last checkpoint outside: ${weaknesses.join(', ')}.
  Give the log another owner: docs/running.md, “A login that cannot change the audit log”.`;
}
