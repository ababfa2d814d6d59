// Checks both homes and brings the rows that are there already to the new one.
import { copyForMove, OfflineCopy } from '../copy-step';
import { MovementError } from '../errors';
import { prepareWayOut } from '../following';
import type { MoveMode } from '../move-store';
import { preflight } from '../preflight';
import { type MoveSession, Stop } from '../session';
import { refuseTaken } from '../target-id';
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
  if (move.mode === 'logical' && result.mode !== 'logical')
    await store.setMode(move, result.mode as MoveMode);
  const warnings = result.findings.filter(({ level }) => level === 'warning').map(({ message }) => message);
  await store.addProgress(move, {
    rowsExpected: result.rows,
    bytesExpected: result.bytes,
    secondsLeft: result.estimatedSeconds,
    warnings,
  });
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
