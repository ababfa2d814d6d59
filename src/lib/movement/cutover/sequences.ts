import type pg from 'pg';
import { withBriefLocks } from '@/lib/tenant-data/rows';

/**
 * Advances the sequences of customers' own tables at `to` to the values at `from`. Other tenants may use the sequences at the same time.
 *
 * @returns a function that does so again, to be called when the fence of `from` is closed; it is quick if no sequence was used since
 */
export async function continueSequences(
  from: pg.ClientBase,
  to: pg.ClientBase,
): Promise<() => Promise<void>> {
  const continued = new Set<string>();
  const go = async () => {
    const { rows } = await from.query<{ table: string; column: string; reached: string }>(
      'select of_table::text as table, of_column::text as column, reached::text from tenancy.sequences_reached()',
    );
    for (const { table, column, reached } of rows) {
      const values = [table, column, reached];
      const state = values.join('\0');
      if (continued.has(state)) continue;
      await withBriefLocks(to, 'select tenancy.continue_sequence($1::regclass, $2, $3)', values);
      continued.add(state);
    }
  };
  await go();
  return go;
}
