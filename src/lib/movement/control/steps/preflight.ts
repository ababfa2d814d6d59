import { MovementError } from '../../errors';
import { finding } from '../../plan/findings';
import { preflight } from '../../plan/preflight';
import { refuseTaken } from '../../plan/target-id';
import { checkRoom } from '../../plan/target-room';
import { sayFinding } from '../../plan/words';
import { expectSessions } from '../endpoints';
import type { MoveRun } from '../move-run';

/** Checks source and target, and chooses the mode. @throws MovementError `move_preflight_failed` with every problem found */
export async function runPreflight(run: MoveRun): Promise<void> {
  const { move, store, dependencies } = run;
  await run.hooks('preflight');
  // This precedes the opening of the endpoints: if both were one database, each would end the sessions of the other.
  await expectSessions(
    await dependencies.endpoint(move.fromSource),
    await dependencies.endpoint(move.toSource),
  );
  const { source, target } = await run.openEndpoints();
  // The id is reserved before other routes are looked for. Provisioning records its tenant before it looks for reservations. So one of the two
  // sees the other.
  await store.reserve(move);
  await refuseTaken(dependencies, move.tenantId, move.toSource, move.toTenantId);
  const route = await dependencies.route(move.tenantId);
  const result = await preflight({ source, target, route, bytesPerSecond: move.options.bytesPerSecond });
  const problems = result.findings.filter(({ level }) => level === 'problem');
  const room = await checkRoom(dependencies, target, move);
  if (room.level === 'problem') problems.push(room);
  if (route.dataSourceId !== move.fromSource) {
    problems.push(finding('route', 'problem', sayFinding('elsewhere')));
  }
  if (problems.length > 0) {
    await store.addProgress(move, {
      problems: problems.map(({ message: text, says: said }) => ({ text, said })),
    });
    throw new MovementError('move_preflight_failed', problems.map(({ message }) => message).join(' '), {
      hint: 'See: marquee move verify TENANT --to SOURCE',
    });
  }
  if (move.mode === 'logical' && result.mode !== 'logical') {
    await store.setMode(move, result.mode);
    await store.addProgress(move, { modeReason: result.modeReason });
  }
  const warnings = result.findings.filter(({ level }) => level === 'warning');
  await store.addProgress(move, {
    rowsExpected: result.rows,
    bytesExpected: result.bytes,
    secondsLeft: result.estimatedSeconds,
    warnings: warnings.map(({ message }) => message),
    warningsSay: warnings.map(({ says }) => says),
  });
}
