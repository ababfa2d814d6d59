// Proof of the move: both homes as they were at the cut-over position, compared and signed.
import { randomUUID } from 'node:crypto';
import type { MoveContext, MoveSession } from '../control/open-move';
import { Rest } from '../control/pacer';
import { verificationFailed } from '../cutover/cut-over';
import type { Follower } from '../stream/replicator';
import { type Certificate, signCertificate, writeCertificate } from './certificate';
import { compareHomes, type Verification, verifyWhileWriting } from './compare';

const SETTLE_MS = 600_000;

/** The whole of both homes as they were at the cut-over position, compared after the pause. */
export async function certifyFromSnapshots(
  session: MoveSession,
  { tables, from, to }: MoveContext,
  cutOverAt: Date,
): Promise<void> {
  const rest = new Rest(session.move);
  const verification = await compareHomes(tables.to, from, to, async () => {
    await session.lease.assertHeld();
    await rest.take();
  });
  await Promise.all([from, to].map(({ reader }) => reader.query('rollback')));
  await certify(session, verification, cutOverAt, 'cut_over');
  if (verification.differences.length > 0) throw verificationFailed(verification.differences.length);
}

/**
 * After a cut-over whose process ended before it could certify: both homes as they are, while the way back keeps the old
 * one current. An offline move's old home has no such stream and is as it was when both were compared under the fence.
 */
export async function certifyLate(session: MoveSession, context: MoveContext): Promise<void> {
  const { tables, from } = context;
  const verification = session.back
    ? await compareWhileFollowing(session, context, session.back)
    : await compareHomes(tables.from, from, from);
  await certify(session, verification, new Date(), 'way_back');
  if (verification.differences.length > 0) throw verificationFailed(verification.differences.length);
}

/** Compares all rows while the follower keeps one home current with the other: a difference is no change under way. */
export async function compareWhileFollowing(
  session: MoveSession,
  { tables, from, to, changed }: MoveContext,
  follower: Follower,
): Promise<Verification> {
  const [read, written] = follower === session.back ? [to, from] : [from, to];
  const settle = async () => {
    const marker = randomUUID();
    const sql = follower.markerSql(marker);
    if (sql) await read.client.query(sql.replace(/^; /, ''));
    await follower.drainTo(marker, SETTLE_MS);
  };
  await settle();
  const rest = new Rest(session.move);
  return Promise.race([
    verifyWhileWriting(tables.to, read, written, changed, settle, () => rest.take()),
    follower.failed,
  ]);
}

async function certify(
  session: MoveSession,
  verification: Verification,
  cutOverAt: Date,
  comparedAt: Certificate['comparedAt'],
): Promise<void> {
  const { move, store, dependencies } = session;
  const signed = signCertificate(
    {
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
    },
    dependencies.sign,
  );
  await session.hooks('certificate');
  await store.setCertificate(move, { ...signed });
  if (dependencies.certificateDirectory)
    await writeCertificate(dependencies.certificateDirectory, move, signed);
  await session.audit('tenants.moved', { ...signed });
}
