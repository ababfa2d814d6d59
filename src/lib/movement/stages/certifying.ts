// Proof of the move: both homes as they were at the cut-over position, compared and signed.
import { signCertificate, writeCertificate } from '../certificate';
import { verificationFailed } from '../cut-over';
import type { MoveContext, MoveSession } from '../session';
import { compareHomes, type Verification } from '../verify';

/** The whole of both homes as they were at the cut-over position, compared after the pause. */
export async function certifyFromSnapshots(
  session: MoveSession,
  { tables, from, to }: MoveContext,
  cutOverAt: Date,
): Promise<void> {
  const verification = await compareHomes(tables.to, from, to, () => session.lease.assertHeld());
  await Promise.all([from, to].map(({ reader }) => reader.query('rollback')));
  await certify(session, verification, cutOverAt);
  if (verification.differences.length > 0) throw verificationFailed(verification.differences.length);
}

async function certify(session: MoveSession, verification: Verification, cutOverAt: Date): Promise<void> {
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
      pauseMs: Math.round(move.progress.pauseMs ?? 0),
      fenceLsn: move.progress.fenceLsn ?? '',
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
