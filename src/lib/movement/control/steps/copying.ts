// Checks both homes and brings the rows that are there already to the new one.
import { copyForMove, OfflineCopy } from '../../copy/initial-copy';
import type { OpenHome } from '../../cutover/cut-over';
import { MovementError } from '../../errors';
import { preflight } from '../../plan/preflight';
import { refuseTaken } from '../../plan/target-id';
import { prepareWayOut } from '../../stream/replication';
import type { MoveMode } from '../move-store';
import { type MoveSession, Stop } from '../open-move';
import { moveRoute } from './cutting-over';
import { endWithoutMoving } from './ending';

/** @throws MovementError `move_preflight_failed` with every problem found */
export async function runPreflight(session: MoveSession): Promise<void> {
  const { move, store, dependencies } = session;
  await session.hooks('preflight');
  const { from, to } = await session.homes();
  // Reserved first, then asked of the routes: a tenant that is set up meanwhile is recorded first and then asks for reservations.
  await store.reserve(move);
  await refuseTaken(dependencies, move.tenantId, move.toSource, move.toTenantId);
  const route = await dependencies.route(move.tenantId);
  const result = await preflight({ from, to, route, bytesPerSecond: move.options.bytesPerSecond });
  const problems = result.findings.filter(({ level }) => level === 'problem');
  if (route.dataSourceId !== move.fromSource) {
    problems.push({
      check: 'route',
      level: 'problem',
      message: 'The tenant does not live where the move begins.',
    });
  }
  if (problems.length > 0) {
    throw new MovementError('move_preflight_failed', problems.map(({ message }) => message).join(' '), {
      hint: 'See: marquee move verify TENANT --to SOURCE',
    });
  }
  if (move.mode === 'logical' && result.mode !== 'logical') {
    await store.setMode(move, result.mode as MoveMode);
    const reasons = await Promise.all([from, to].map(whyNotLogical));
    await store.addProgress(move, { modeBecause: reasons.filter(Boolean).join('; ') });
  }
  const warnings = result.findings.filter(({ level }) => level === 'warning').map(({ message }) => message);
  await store.addProgress(move, {
    rowsExpected: result.rows,
    bytesExpected: result.bytes,
    secondsLeft: result.estimatedSeconds,
    warnings,
  });
}

/** Why a home allows no logical decoding, in words; empty where it does. */
async function whyNotLogical({ client, name }: OpenHome): Promise<string> {
  const { rows } = await client.query<{ level: string; replication: boolean }>(
    `select current_setting('wal_level') as level, (select rolreplication or rolsuper or exists (
         select from pg_roles r where r.rolname = 'rds_replication' and pg_has_role(r.oid, 'usage'))
       from pg_roles where rolname = current_user) as replication`,
  );
  const { level = '', replication = false } = rows[0] ?? {};
  if (level !== 'logical') return `wal_level is ${level} in ${name} and must be logical`;
  return replication ? '' : `the login for moves in ${name} has no REPLICATION`;
}

/** Copies under the snapshot from which the stream goes on. */
export async function copy(session: MoveSession): Promise<void> {
  const context = await session.opened();
  await prepareWayOut(context);
  session.out = await copyForMove(context);
  await session.store.setStep(session.move, 'catching_up');
}

/** The copy is made within the cut-over, while the fence is held. */
export async function moveOffline(session: MoveSession): Promise<void> {
  const context = await session.opened();
  await prepareWayOut(context);
  session.out = new OfflineCopy(context);
  try {
    await moveRoute(session, context);
  } catch (error) {
    // Each try closes the tenant for the length of the copy: the operator says whether there is to be another.
    if (error instanceof Stop || session.move.step !== 'preparing') throw error;
    await session.store.setStep(session.move, 'aborting');
    await endWithoutMoving(session);
    throw error;
  }
}
