// Signed checkpoints in the log itself: each record keeps what the next one needs to continue from it.
import { ApplicationError } from '../errors';
import { statements } from '../statements';
import { ChainCheck } from './chain-check';
import { type AuditLog, readRecords } from './log';
import { MerkleTree } from './merkle-tree';
import {
  type Checkpoint,
  type CheckpointSigner,
  type CheckpointVerifier,
  openCheckpoint,
  signCheckpoint,
} from './signed-note';

/** The action of records that hold a checkpoint. */
export const CHECKPOINT_ACTION = 'audit.checkpoint';
/** How often a checkpoint is made again because records were added meanwhile. */
const ATTEMPTS = 30;

export const CHECKPOINTS = statements('audit_checkpoint', {
  latest: `select id::text, details from public.audit_log
    where action = '${CHECKPOINT_ACTION}' and id < $1::bigint order by audit_log.id desc limit 1`,
  append: `select marquee.append_checkpoint($1::bigint, $2::text, $3::jsonb) appended`,
});

export interface SignedCheckpoint {
  note: string;
  checkpoint: Checkpoint;
  /** False where no record was added since the last one. */
  isNew: boolean;
}

export interface CheckpointRecord {
  id: bigint;
  note: string;
  checkpoint: Checkpoint;
  tree: MerkleTree;
}

/**
 * Signs the present state of the log where it has grown since the last checkpoint. Checks the records since then first, so that
 * nothing is signed that does not continue what was signed before.
 *
 * @param options.verifiers of earlier checkpoints
 * @throws ApplicationError `audit_log_changed` naming the record, `audit_log_busy`
 */
export async function makeCheckpoint(
  log: AuditLog,
  options: { signer: CheckpointSigner; verifiers: readonly CheckpointVerifier[]; actor: string },
): Promise<SignedCheckpoint> {
  const { signer, verifiers, actor } = options;
  const last = await latestCheckpoint(log, verifiers);
  const check = last ? new ChainCheck(last.tree, last.checkpoint.chain) : new ChainCheck();
  await checkRest(log, check);
  if (last && check.last <= last.id) return { ...last, isNew: false };
  return log.exclusively(async () => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const other = await latestCheckpoint(log, verifiers);
      if (other && other.id !== last?.id) return { ...other, isNew: false };
      await checkRest(log, check);
      const { tree, chain } = check;
      if (!tree || !chain) throw changed('Records are missing.');
      const madeAt = `${new Date().toISOString().slice(0, 19)}Z`;
      const checkpoint = { size: tree.size, root: tree.root(), chain, madeAt };
      const note = signCheckpoint(checkpoint, signer);
      const roots = tree.roots.map((root) => root.toString('hex'));
      const details = JSON.stringify({ note, size: Number(tree.size), roots });
      const [row] = await log.query<{ appended: boolean }>(CHECKPOINTS.append, [
        `${tree.size}`,
        actor,
        details,
      ]);
      if (row?.appended) return { note, checkpoint: { origin: signer.name, ...checkpoint }, isNew: true };
    }
    throw new ApplicationError(
      'audit_log_busy',
      'Records are added to the audit log faster than it can be signed.',
      { hint: 'Try again in a minute.' },
    );
  });
}

/** The latest checkpoint that a known key has signed. @param beforeId only records with smaller ids */
export async function latestCheckpoint(
  log: AuditLog,
  verifiers: readonly CheckpointVerifier[],
  beforeId = '9223372036854775807',
): Promise<CheckpointRecord | undefined> {
  for (let before = beforeId; ; ) {
    const [row] = await log.query<{ id: string; details: { note?: unknown; roots?: unknown } | null }>(
      CHECKPOINTS.latest,
      [before],
    );
    if (!row) return undefined;
    const record = readCheckpoint(row.id, row.details, verifiers);
    if (record) return record;
    before = row.id;
  }
}

/** @returns undefined where the note is not signed, is copied, or the roots are not those of the signed tree */
function readCheckpoint(
  id: string,
  details: { note?: unknown; roots?: unknown } | null,
  verifiers: readonly CheckpointVerifier[],
): CheckpointRecord | undefined {
  try {
    const note = String(details?.note);
    const checkpoint = openCheckpoint(note, verifiers);
    const roots = [details?.roots as string[]].flat().map((root) => Buffer.from(root, 'hex'));
    const tree = new MerkleTree(checkpoint.size, roots);
    const fits = checkpoint.size === BigInt(id) - 1n && tree.root().equals(checkpoint.root);
    return fits ? { id: BigInt(id), note, checkpoint, tree } : undefined;
  } catch {
    return undefined;
  }
}

async function checkRest(log: AuditLog, check: ChainCheck): Promise<void> {
  for await (const page of readRecords(log, check.last)) {
    for (const record of page) {
      const [finding] = check.take(record);
      if (finding) throw changed(finding.message);
    }
  }
}

function changed(message: string): ApplicationError {
  return new ApplicationError('audit_log_changed', message, {
    hint: 'Nothing was signed. See everything that was changed: marquee audit verify',
  });
}
