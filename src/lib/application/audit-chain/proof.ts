// Proof that one record is in the log, for those who have no access to the database.
import { ApplicationError } from '../errors';
import { latestCheckpoint } from './checkpoint-record';
import { HASHED_COLUMNS, type HashedRecord, leafHash, sha256 } from './hashes';
import { type AuditLog, columnsOf } from './log';
import { MerkleTree, rootFromProof, siblingsOf } from './merkle-tree';
import { type Checkpoint, type CheckpointVerifier, openCheckpoint } from './signed-note';
import { readAll } from './verify';

export interface InclusionProof {
  /** Each column as its text; `occurredAt` in microseconds since 1970. */
  record: HashedRecord;
  /** Roots of the subtrees from the record's leaf to the root, base64. */
  hashes: string[];
  /** The signed note of the checkpoint. */
  checkpoint: string;
}

/**
 * Proves that a record is covered by a checkpoint. Reads as much of the log as the checkpoint covers, each page once.
 *
 * @param options.note a checkpoint; default: the latest one in the log
 * @param options.segments files of archived records; needed where there are any
 * @throws ApplicationError `audit_record_unknown`, `audit_record_not_covered`, `audit_log_changed` where the log does not fit the
 *   checkpoint
 */
export async function proveRecord(
  log: AuditLog,
  id: bigint,
  verifiers: readonly CheckpointVerifier[],
  { note, segments = [] }: { note?: string | undefined; segments?: readonly string[] } = {},
): Promise<InclusionProof> {
  const signed = note ?? (await latestCheckpoint(log, verifiers))?.note;
  const checkpoint = signed && openCheckpoint(signed, verifiers);
  if (!signed || !checkpoint || id > checkpoint.size) {
    throw new ApplicationError('audit_record_not_covered', `No checkpoint covers record ${id} yet.`, {
      hint: 'Make one: marquee audit checkpoint',
    });
  }
  const siblings = siblingsOf(id - 1n, checkpoint.size).map((range) => ({
    ...range,
    tree: new MerkleTree(),
  }));
  const inOrder = [...siblings].sort((one, other) => Number(one.from - other.from));
  let record: HashedRecord | undefined;
  let position = 0;
  for await (const page of readAll(log, segments)) {
    for (const stored of page) {
      const index = stored.id - 1n;
      if (stored.id === id) record = columnsOf(stored);
      while (inOrder[position] && index >= (inOrder[position] as { to: bigint }).to) position += 1;
      const sibling = inOrder[position];
      if (sibling && index >= sibling.from) sibling.tree.add(sha256(stored.content));
    }
    if ((page.at(-1)?.id ?? 0n) >= checkpoint.size) break;
  }
  if (!record) {
    throw new ApplicationError('audit_record_unknown', `The audit log has no record ${id}.`, {
      hint: 'Ids are those of the column id.',
    });
  }
  const hashes = siblings.map(({ tree }) => tree.root().toString('base64'));
  const proof = { record, hashes, checkpoint: signed };
  verifyProof(proof, verifiers);
  return proof;
}

/**
 * Checks a proof; needs nothing but the key.
 *
 * @param text JSON of an `InclusionProof`
 * @throws ApplicationError `audit_proof_invalid`, `audit_checkpoint_invalid`, `audit_log_changed` where record, hashes and
 *   checkpoint do not belong together
 */
export function verifyProofText(
  text: string,
  verifiers: readonly CheckpointVerifier[],
): { proof: InclusionProof; checkpoint: Checkpoint } {
  let proof: InclusionProof;
  try {
    proof = JSON.parse(text);
  } catch (cause) {
    throw malformed(cause);
  }
  return { proof, checkpoint: verifyProof(proof, verifiers) };
}

function verifyProof(proof: InclusionProof, verifiers: readonly CheckpointVerifier[]): Checkpoint {
  const { record, hashes, checkpoint: note } = proof ?? {};
  const isText = (value: unknown) => value === null || typeof value === 'string';
  const isRecord =
    typeof record === 'object' &&
    record !== null &&
    Object.keys(HASHED_COLUMNS).every((name) => isText(record[name as 'id']));
  if (
    !isRecord ||
    !Array.isArray(hashes) ||
    typeof note !== 'string' ||
    !/^[1-9]\d{0,18}$/.test(record.id ?? '')
  ) {
    throw malformed();
  }
  const checkpoint = openCheckpoint(note, verifiers);
  const index = BigInt(record.id as string) - 1n;
  const proved = rootFromProof(
    leafHash(record),
    index,
    checkpoint.size,
    hashes.map((hash) => Buffer.from(String(hash), 'base64')),
  );
  if (!proved?.equals(checkpoint.root)) {
    throw new ApplicationError(
      'audit_log_changed',
      `Record ${record.id} is not in the log that was signed.`,
      {
        hint: 'Record, hashes or checkpoint were changed. For the log itself: marquee audit verify',
      },
    );
  }
  return checkpoint;
}

function malformed(cause?: unknown): ApplicationError {
  return new ApplicationError('audit_proof_invalid', 'This is no proof of a record.', {
    hint: 'Make one: marquee audit proof',
    cause,
  });
}
