import { MoveStore } from '../../control/move-store';
import type { MoveDependencies } from '../../control/ports';
import { MovementError } from '../../errors';
import { sumShadowReads } from './findings';

/** Latencies of fewer reads are not judged. */
const ENOUGH_READS = 20;
const DESPITE = 'or cut over with --despite-shadow-reads.';

/**
 * Forbids the cut-over while shadow reads have found another answer, a refusal, or too long times at the target.
 *
 * @throws MovementError `move_shadow_reads_differ`, `move_shadow_reads_slow`
 */
export async function admitShadowReads({ operations }: MoveDependencies, moveId: string): Promise<void> {
  // Read anew, because the operator may have turned the gate off since the run began.
  const { shadowReads } = (await new MoveStore(operations).get(moveId)).options;
  if (shadowReads === false || shadowReads?.gate === false) return;
  const { same, different, refused, latencyRatio, tables } = await sumShadowReads(operations, moveId);
  if (different + refused > 0) {
    throw new MovementError(
      'move_shadow_reads_differ',
      `The target answered ${different} reads differently and refused ${refused}${tables.length > 0 ? ` (${tables.join(', ')})` : ''}.`,
      { hint: `Find out why (grants, policies, settings of the target), ${DESPITE}` },
    );
  }
  const most = shadowReads?.latencyRatio;
  if (most !== undefined && same >= ENOUGH_READS && (latencyRatio ?? 0) > most) {
    throw new MovementError(
      'move_shadow_reads_slow',
      `Reads take ${latencyRatio?.toFixed(1)} times as long at the target; the limit is ${most}.`,
      { hint: `Look at the target (ANALYZE, settings, size), ${DESPITE}` },
    );
  }
}
