import type pg from 'pg';
import { withBriefLocks } from '@/lib/tenant-data/rows';

/**
 * Advances the sequences of customers' own tables at `to` as far as those at `from`, whose fence has to be closed. Other tenants may
 * use them at the same time.
 */
export async function continueSequences(from: pg.ClientBase, to: pg.ClientBase): Promise<void> {
  const { rows } = await from.query<{ table: string; column: string; reached: string }>(
    'select of_table::text as table, of_column::text as column, reached::text from tenancy.sequences_reached()',
  );
  for (const { table, column, reached } of rows) {
    const values = [table, column, reached];
    await withBriefLocks(to, 'select tenancy.continue_sequence($1::regclass, $2, $3)', values);
  }
}
