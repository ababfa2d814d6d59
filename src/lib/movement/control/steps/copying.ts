import { copyForMove } from '../../copy/initial-copy';
import { OfflineCopy } from '../../copy/offline-copy';
import { prepareForward } from '../../stream/prepare';
import type { MoveRun } from '../move-run';
import { Stop } from '../run-end';
import { moveRoute } from './cutting-over';
import { endWithoutMoving } from './ending';

/** Copies the rows under the snapshot at which replication starts. */
export async function copy(run: MoveRun): Promise<void> {
  const context = await run.openWithTables();
  await prepareForward(context);
  run.forward = await copyForMove(context);
  await run.store.setStep(run.move, 'catching_up');
}

/** Copies within the cut-over, while the source's fence is closed. */
export async function moveOffline(run: MoveRun): Promise<void> {
  const context = await run.openWithTables();
  await prepareForward(context);
  run.forward = new OfflineCopy(context);
  try {
    await moveRoute(run, context, ['run', 'cut_over', 'complete']);
  } catch (error) {
    // Each attempt stops the tenant for as long as the copy takes, so the operator decides whether to make another.
    if (error instanceof Stop || run.move.step !== 'preparing') throw error;
    await run.store.setStep(run.move, 'aborting');
    await endWithoutMoving(run);
    throw error;
  }
}
