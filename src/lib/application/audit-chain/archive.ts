// Retention: old records leave the table in whole segments, which stay verifiable. See "Archives" in docs/audit-log.md.
import type pg from 'pg';
import { ApplicationError } from '../errors';
import { statements } from '../statements';
import { ChainCheck } from './chain-check';
import { type CheckpointRecord, latestCheckpoint } from './checkpoint-record';
import { type AuditLog, readRecords } from './log';
import { MerkleTree } from './merkle-tree';
import { headOfSegment, readSegment, writeSegment } from './segment';
import {
  type CheckpointSigner,
  type CheckpointVerifier,
  openCheckpoint,
  signCheckpoint,
} from './signed-note';

/** The entity of records that say what was archived; `entity_id` is the last record. */
const ENTITY = 'audit_archive';
const BATCH = 20_000;

export const ARCHIVES = statements('audit_archive', {
  latest: `select details from public.audit_log where entity = '${ENTITY}' order by audit_log.id desc limit 1000`,
  checkpointBefore: `select max(id)::text id from public.audit_log where action = 'audit.checkpoint' and occurred_at < $1::timestamptz`,
  record: `insert into public.audit_log (actor, action, entity, entity_id, details)
    values ($1::text, 'audit.archive', '${ENTITY}', $2::text, $3::jsonb) returning id::text`,
});

export interface ArchiveOptions {
  /** Where the segment is written. */
  directory: string;
  /** Only records before this time. */
  before: Date;
  signer: CheckpointSigner;
  verifiers: readonly CheckpointVerifier[];
  actor: string;
  /** A session of the owner of the table: others may not delete. */
  owner: pg.ClientBase;
}

export interface Archived {
  /** Absent where nothing new was old enough. */
  file?: string;
  first?: string;
  last?: string;
  /** Records that left the table. */
  removed: number;
}

/**
 * Writes the records up to the last checkpoint before a time to a segment, reads it back and checks it against the checkpoint, records
 * that under the key that signs checkpoints, and only then deletes them. Killed anywhere, the next call goes on.
 *
 * @throws ApplicationError `audit_log_changed`: the records do not fit the checkpoint, and nothing is deleted
 */
export async function archive(log: AuditLog, options: ArchiveOptions): Promise<Archived> {
  const { directory, before, signer, verifiers, actor, owner } = options;
  const done = await archivedThrough(log, verifiers);
  const until = await lastCheckpointBefore(log, before, verifiers);
  const size = until?.checkpoint.size ?? 0n;
  const former = done?.tree.size ?? 0n;
  if (!until || size <= former) return { removed: await remove(owner, former) };
  const [first, last] = [`${former + 1n}`, `${size}`];
  const pages = readRecords(log, former, size);
  const { file, sha256 } = await writeSegment(directory, { first, last, checkpoint: until.note }, pages);
  await expectFits(file, done, until);
  const { root, chain } = until.checkpoint;
  const madeAt = `${new Date().toISOString().slice(0, 19)}Z`;
  const note = signCheckpoint({ size, root, chain, madeAt, archived: sha256 }, signer);
  const roots = until.tree.roots.map((one) => one.toString('hex'));
  await log.query(ARCHIVES.record, [actor, last, JSON.stringify({ first, last, sha256, note, roots })]);
  return { file, first, last, removed: await remove(owner, size) };
}

/** Up to which record the log was archived, as far as a known key says so. */
export async function archivedThrough(
  log: AuditLog,
  verifiers: readonly CheckpointVerifier[],
): Promise<{ tree: MerkleTree; chain: Buffer } | undefined> {
  const rows = await log.query<{ details: { note?: string; roots?: string[] } | null }>(ARCHIVES.latest);
  for (const { details } of rows) {
    try {
      const { size, root, chain, archived } = openCheckpoint(String(details?.note), verifiers);
      const tree = new MerkleTree(
        size,
        (details?.roots ?? []).map((one) => Buffer.from(one, 'hex')),
      );
      if (archived && tree.root().equals(root)) return { tree, chain };
    } catch {
      // Signed by no known key, or malformed.
    }
  }
  return undefined;
}

async function lastCheckpointBefore(
  log: AuditLog,
  before: Date,
  verifiers: readonly CheckpointVerifier[],
): Promise<CheckpointRecord | undefined> {
  const [{ id } = { id: null }] = await log.query<{ id: string | null }>(ARCHIVES.checkpointBefore, [before]);
  return id === null ? undefined : latestCheckpoint(log, verifiers, `${BigInt(id) + 1n}`);
}

/** Reads the file as a later verification does. */
async function expectFits(
  file: string,
  from: { tree: MerkleTree; chain: Buffer } | undefined,
  { checkpoint }: CheckpointRecord,
): Promise<void> {
  await headOfSegment(file);
  const check = from ? new ChainCheck(from.tree, from.chain) : new ChainCheck();
  for await (const page of readSegment(file)) {
    for (const record of page) {
      const [finding] = check.take(record);
      if (finding) throw changed(finding.message);
    }
  }
  const fits = check.last === checkpoint.size && check.tree?.root().equals(checkpoint.root);
  if (!fits) throw changed('The records do not fit the checkpoint.');
}

/** Deletes the records up to one. @returns how many */
async function remove(owner: pg.ClientBase, through: bigint): Promise<number> {
  if (through === 0n) return 0;
  let removed = 0;
  for (;;) {
    await owner.query('begin');
    try {
      await owner.query("set local marquee.archiving = 'on'");
      const { rowCount } = await owner.query(
        `delete from public.audit_log where id <= (
           select max(id) from (select id from public.audit_log where id <= $1 order by id limit ${BATCH}) batch)`,
        [`${through}`],
      );
      await owner.query('commit');
      if (!rowCount) return removed;
      removed += rowCount;
    } catch (error) {
      await owner.query('rollback').catch(() => {});
      throw error;
    }
  }
}

function changed(message: string): ApplicationError {
  return new ApplicationError('audit_log_changed', message, {
    hint: 'Nothing was archived. See everything that was changed: marquee audit verify',
  });
}
