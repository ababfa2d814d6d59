// The signed proof of a move: what was compared with what, and when.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { canonicalJson } from '@/lib/secrets';
import type { OpenEndpoint } from '../control/endpoints';
import type { Move } from '../control/move';
import type { MoveContext } from '../control/move-context';
import type { MoveRun } from '../control/move-run';
import { Pacer } from '../control/pacer';
import { MovementError, verificationFailed } from '../errors';
import { awaitCatchUp } from '../stream/directions';
import type { Replicator } from '../stream/replicator';
import { compareEndpoints, compareWhileWriting, type Verification } from './compare';
import type { Signatures } from './signatures';

/** How long replication may take to pass the position that a comparison has read, ms. */
const CATCH_UP_MS = 600_000;

/** Certifies that both databases had the same rows. */
export interface Certificate {
  format: 'marquee-move-certificate/1';
  move: string;
  tenant: string;
  from: { dataSource: string; tenantId: string };
  to: { dataSource: string; tenantId: string };
  mode: string;
  requestedBy: string;
  startedAt: string;
  cutOverAt: string;
  /** Maximum time that statements had to wait, ms; null if the process ended before this was known. */
  pauseMs: number | null;
  /** WAL position at which the source's fence was closed. */
  fenceLsn: string;
  /** The rows were compared at the cut-over position, or during reverse replication if the process ended before that. */
  comparedAt: 'cut_over' | 'reverse_replication';
  /** Number and digest of each table's rows, which are the same in both databases. */
  tables: { table: string; rows: number; digest: string }[];
  rows: number;
}

/** A certificate and the signature of its JSON text with keys in order, because `jsonb` does not keep their order. */
export interface SignedCertificate {
  certificate: Certificate;
  signature: string;
}

/** Verifies the signature. @throws MovementError `certificate_invalid` if the certificate was changed, or signed with another key */
export async function verifyCertificate(
  { certificate, signature }: SignedCertificate,
  signatures: Signatures,
): Promise<Certificate> {
  if (await signatures.isValid(canonicalJson(certificate), signature)) return certificate;
  throw new MovementError('certificate_invalid', 'The certificate was changed, or signed with another key.');
}

/** Compares all rows as they were at the cut-over position, from snapshots that the cut-over has opened, and certifies the result. */
export async function certifyFromSnapshots(
  run: MoveRun,
  { tables, source, target }: MoveContext,
  cutOverAt: Date,
): Promise<void> {
  const pause = Pacer.forBackground(run.move).flow();
  const verification = await compareEndpoints(tables.target, source, target, async () => {
    await run.lease.assertHeld();
    await pause();
  });
  await Promise.all([source, target].map(({ reader }) => reader.query('rollback')));
  await certify(run, verification, cutOverAt, 'cut_over');
}

/**
 * Certifies a cut-over whose process ended before it could: compares the databases as they are, while reverse replication keeps the
 * source current. An offline move has none; its source is as it was when both were compared behind the fence.
 */
export async function certifyLate(run: MoveRun, context: MoveContext): Promise<void> {
  const { tables, source, target } = context;
  const verification = run.reverse
    ? await compareWhileReplicating(context, { from: target, to: source }, run.reverse)
    : await compareEndpoints(tables.source, source, source);
  await certify(run, verification, new Date(), 'reverse_replication');
}

/** Compares all rows while `replicator` carries changes between the endpoints. Rows with changes under way are no differences. */
export async function compareWhileReplicating(
  { tables, move, changed }: MoveContext,
  { from, to }: { from: OpenEndpoint; to: OpenEndpoint },
  replicator: Replicator,
): Promise<Verification> {
  const catchUp = () => awaitCatchUp(from, replicator, CATCH_UP_MS);
  await catchUp();
  return Promise.race([
    compareWhileWriting(tables.target, from, to, changed, catchUp, Pacer.forBackground(move).flow()),
    replicator.failed,
  ]);
}

/** Signs, stores and audits the certificate. @throws MovementError `move_verification_failed` when rows differ */
async function certify(
  run: MoveRun,
  verification: Verification,
  cutOverAt: Date,
  comparedAt: Certificate['comparedAt'],
): Promise<void> {
  const { move, store, dependencies } = run;
  const certificate: Certificate = {
    format: 'marquee-move-certificate/1',
    move: move.id,
    tenant: move.tenantId,
    from: { dataSource: move.fromSource, tenantId: move.fromTenantId },
    to: { dataSource: move.toSource, tenantId: move.toTenantId },
    mode: move.mode,
    requestedBy: move.requestedBy,
    startedAt: move.createdAt.toISOString(),
    cutOverAt: cutOverAt.toISOString(),
    pauseMs: move.progress.pauseMs === undefined ? null : Math.round(move.progress.pauseMs),
    fenceLsn: move.progress.fenceLsn ?? '',
    comparedAt,
    tables: verification.tables.map(({ table, rows, digest }) => ({ table, rows, digest })),
    rows: verification.rows,
  };
  const signed = { certificate, signature: await dependencies.signatures.sign(canonicalJson(certificate)) };
  await run.hooks('certificate');
  await store.setCertificate(move, signed);
  if (dependencies.certificateDirectory)
    await writeCertificate(dependencies.certificateDirectory, move, signed);
  await run.audit('tenants.moved', signed);
  if (verification.differences.length > 0) throw verificationFailed(verification.differences.length);
}

async function writeCertificate(directory: string, move: Move, signed: SignedCertificate): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(path.join(directory, `${move.id}.json`), `${JSON.stringify(signed, null, 2)}\n`);
}
