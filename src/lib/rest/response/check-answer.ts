// Conditions on the number of rows. The transaction's `outcome` has rolled back what does not meet them; here it becomes an error.
import type { TextRow } from '@/lib/postgres';
import type { Preferences } from '../api-request/preferences';
import { maxAffectedError, singularityError, upsertKeyError } from '../errors';
import type { Plan } from '../plan/types';
import { ANSWER } from '../statement/build';
import { isLimited, isSingular } from '../statement/transaction';

/** @throws EngineError PGRST115, PGRST116, PGRST124 */
export function checkAnswer(
  plan: Plan,
  { handling, maxAffected }: Preferences,
  rows: readonly TextRow[],
): void {
  const affected = Number(rows[0]?.[ANSWER.pageTotal] ?? 0);
  if (plan.kind === 'mutate' && plan.mutation === 'upsert' && affected !== 1) throw upsertKeyError();
  if (isSingular(plan) && affected !== 1) throw singularityError(affected);
  if (isLimited(plan) && handling === 'strict' && maxAffected !== undefined && affected > maxAffected) {
    throw maxAffectedError(affected);
  }
}
