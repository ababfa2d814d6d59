// Sequences that number the rows of customers' own tables: at the target they go on where those of the source stand.
import type pg from 'pg';
import { withBriefLocks } from '../control/mover-connection';

/** Brings the target's sequences as far as the source's, whose fence has to be held. Other tenants may be at work there. */
export async function continueNumbering(source: pg.ClientBase, target: pg.ClientBase): Promise<void> {
  const { rows } = await source.query<{ table: string; column: string; reached: string }>(
    'select of_table::text as table, of_column::text as column, reached::text from tenancy.numbering_reached()',
  );
  for (const { table, column, reached } of rows) {
    const values = [table, column, reached];
    await withBriefLocks(target, 'select tenancy.continue_numbering($1::regclass, $2, $3)', values);
  }
}
