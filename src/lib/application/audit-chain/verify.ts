import { archivedThrough } from './archive';
import { ChainCheck, type Finding } from './chain-check';
import { CHECKPOINT_ACTION } from './checkpoint-record';
import { type AuditLog, columnsOf, readRecords, type StoredRecord } from './log';
import type { MerkleTree } from './merkle-tree';
import { headOfSegment, readSegment } from './segment';
import { type Checkpoint, type CheckpointVerifier, openCheckpoint } from './signed-note';

export interface Verification {
  /** Records that were read. */
  records: number;
  /** Up to this record the log was archived; without the segments they were not read. */
  archived: string;
  /** The last id. */
  head: string;
  /** Signed checkpoints that fit, of the log itself and from outside. */
  checkpoints: number;
  /** The last record that a checkpoint from outside covers: those after it could be cut unseen. */
  covered: string;
  /** How many there are; `findings` holds the first 100. */
  problems: number;
  findings: Finding[];
}

export interface VerifyOptions {
  /** Keys whose checkpoints count. */
  verifiers: readonly CheckpointVerifier[];
  /** Signed notes from outside the database. */
  notes?: readonly string[];
  /** Files of archived segments, in their order. */
  segments?: readonly string[];
  /** Called after each page with the number of records read so far. */
  progress?: (records: number) => void;
}

const MOST_FINDINGS = 100;

/**
 * Reads the whole audit log and checks every record, the chain, and all checkpoints. Hashes are computed in this process.
 */
export async function verifyRecords(log: AuditLog, options: VerifyOptions): Promise<Verification> {
  const { segments = [], verifiers, notes = [] } = options;
  const heads = await Promise.all(segments.map(headOfSegment));
  const archived = await archivedThrough(log, verifiers);
  const start = segments.length === 0 ? archived : undefined;
  const outside = [...notes, ...heads.map(({ checkpoint }) => checkpoint)];
  const run = new VerificationRun({ ...options, notes: outside }, start);
  let records = 0;
  for await (const page of readAll(log, segments, start?.tree.size)) {
    for (const record of page) run.take(record);
    records += page.length;
    options.progress?.(records);
  }
  return { records, archived: `${archived?.tree.size ?? 0}`, ...run.end() };
}

/**
 * The whole log: first the segments, then what the table has after them.
 *
 * @param after only records of the table with greater ids
 */
export async function* readAll(
  log: AuditLog,
  segments: readonly string[],
  after = 0n,
): AsyncGenerator<StoredRecord[]> {
  let last = after;
  for (const segment of segments) {
    for await (const page of readSegment(segment)) {
      yield page;
      last = page.at(-1)?.id ?? last;
    }
  }
  yield* readRecords(log, last || undefined);
}

class VerificationRun {
  readonly #check: ChainCheck;
  readonly #findings: Finding[] = [];
  #problems = 0;
  /** From outside, the smallest first. */
  readonly #outside: Checkpoint[] = [];
  #checkpoints = 0;
  /** Records that some checkpoint has confirmed. */
  #confirmed = 0n;
  #covered = 0n;
  #rewritten = false;

  /** @param start what was archived: signed, and not read */
  constructor(
    private readonly options: VerifyOptions,
    start?: { tree: MerkleTree; chain: Buffer },
  ) {
    this.#check = start ? new ChainCheck(start.tree, start.chain) : new ChainCheck();
    this.#confirmed = start?.tree.size ?? 0n;
    for (const [index, note] of (options.notes ?? []).entries()) {
      const checkpoint = this.#open(note, `Checkpoint ${index + 1} from outside`, '0');
      // One of archived records says no more than the archive's own.
      if (checkpoint && checkpoint.size > this.#confirmed) this.#outside.push(checkpoint);
    }
    this.#outside.sort((one, other) => Number(one.size - other.size));
  }

  take(record: StoredRecord): void {
    if (record.content.includes(CHECKPOINT_ACTION)) this.#takeCheckpoint(record);
    for (const finding of this.#check.take(record)) this.#report(finding);
    while (this.#outside[0] && this.#outside[0].size <= this.#check.last) {
      const checkpoint = this.#outside.shift() as Checkpoint;
      if (this.#compare(checkpoint)) this.#covered = checkpoint.size;
    }
  }

  end(): Omit<Verification, 'records' | 'archived'> {
    const { last } = this.#check;
    const longest = this.#outside.at(-1);
    if (longest) {
      this.#report({
        kind: 'cut',
        id: `${last + 1n}`,
        through: `${longest.size}`,
        message: `Records ${last + 1n} to ${longest.size} are missing: a checkpoint of ${longest.madeAt} counts them.`,
      });
    }
    return {
      ...{ head: `${last}`, checkpoints: this.#checkpoints, covered: `${this.#covered}` },
      ...{ problems: this.#problems, findings: this.#findings },
    };
  }

  /** A checkpoint record is written under the lock of the chain: it covers exactly the records before it. */
  #takeCheckpoint(record: StoredRecord): void {
    const { action, details } = columnsOf(record);
    if (action !== CHECKPOINT_ACTION) return;
    const id = `${record.id}`;
    const checkpoint = this.#open(noteOf(details), `The checkpoint in record ${id}`, id);
    if (!checkpoint || record.id !== this.#check.last + 1n) return;
    if (checkpoint.size === this.#check.last) this.#compare(checkpoint);
    else {
      const message = `The checkpoint in record ${id} is a copy of the one in record ${checkpoint.size + 1n}.`;
      this.#report({ kind: 'checkpoint_invalid', id, message });
    }
  }

  #open(note: string, what: string, id: string): Checkpoint | undefined {
    try {
      return openCheckpoint(note, this.options.verifiers);
    } catch (error) {
      this.#report({ kind: 'checkpoint_invalid', id, message: `${what}: ${(error as Error).message}` });
      return undefined;
    }
  }

  /** Compares a checkpoint with the records up to now. @returns whether it fits */
  #compare({ size, root, chain, madeAt }: Checkpoint): boolean {
    const { last, tree, chain: present } = this.#check;
    const fits =
      size === last && (present?.equals(chain) ?? false) && (tree === undefined || tree.root().equals(root));
    if (fits) {
      this.#checkpoints += 1;
      this.#confirmed = size;
    } else if (!this.#rewritten && tree) {
      // Later checkpoints do not fit either.
      this.#rewritten = true;
      this.#report({
        kind: 'rewritten',
        id: `${this.#confirmed + 1n}`,
        through: `${size}`,
        message: `Records ${this.#confirmed + 1n} to ${size} are not those that were signed at ${madeAt}: some were rewritten.`,
      });
    }
    return fits;
  }

  #report(finding: Finding): void {
    this.#problems += 1;
    if (this.#findings.length < MOST_FINDINGS) this.#findings.push(finding);
  }
}

function noteOf(details: string | null): string {
  try {
    return String(JSON.parse(details ?? '').note);
  } catch {
    return '';
  }
}
