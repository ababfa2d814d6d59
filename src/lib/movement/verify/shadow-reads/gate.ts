import { MoveStore } from '../../control/move-store';
import type { MoveDependencies } from '../../control/ports';
import { MovementError } from '../../errors';
import { sumDarkReads } from './findings';

/** Fewer reads say nothing of how long they take. */
const ENOUGH_READS = 20;

/**
 * Keeps a move from its cut-over while reads have been answered otherwise by the new home.
 *
 * @throws MovementError `move_dark_reads_differ`, `move_dark_reads_slow`
 */
export async function admitDarkReads({ operations }: MoveDependencies, moveId: string): Promise<void> {
  // As they are now: whoever lets the move go on says so there.
  const { darkReads } = (await new MoveStore(operations).get(moveId)).options;
  if (darkReads === false || darkReads?.gate === false) return;
  const { same, different, refused, latencyRatio, tables } = await sumDarkReads(operations, moveId);
  if (different + refused > 0) {
    throw new MovementError(
      'move_dark_reads_differ',
      `The new home answered ${different} reads otherwise and refused ${refused}${tables.length > 0 ? ` (${tables.join(', ')})` : ''}.`,
      {
        hint: 'Find out why (grants, policies, settings of the new home), or cut over with --despite-dark-reads.',
      },
    );
  }
  const most = darkReads?.latencyRatio;
  if (most !== undefined && same >= ENOUGH_READS && (latencyRatio ?? 0) > most) {
    throw new MovementError(
      'move_dark_reads_slow',
      `Reads take ${latencyRatio?.toFixed(1)} times as long in the new home; at most ${most} was asked for.`,
      {
        hint: 'Look at the new home (ANALYZE, settings, size), or cut over with --despite-dark-reads.',
      },
    );
  }
}
