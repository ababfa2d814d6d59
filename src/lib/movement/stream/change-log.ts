// The log for replication without logical decoding: triggers record the keys of changed rows (`tenancy.move_log`).

import type pg from 'pg';
import { withBriefLocks } from '@/lib/tenant-data/rows';

/** Makes a table log the keys of a tenant's changed rows from now on. Can be repeated. */
export async function keepChangeLog(
  client: pg.Client,
  { name, moveId, tenantId, oid }: { name: string; moveId: string; tenantId: string; oid: number },
): Promise<void> {
  const values = [name, moveId, tenantId, oid];
  await withBriefLocks(client, 'select tenancy.keep_change_log($1, $2, $3, $4::oid)', values);
}

/** Removes the triggers and the log, even if only some of them were created. */
export async function dropChangeLog(client: pg.Client, name: string, moveId: string): Promise<void> {
  const { rows } = await client.query<{ table: string }>(
    'select distinct tgrelid::text as table from pg_trigger where tgname = any ($1)',
    [[name, `${name}_d`, `${name}_t`]],
  );
  for (const { table } of rows)
    await withBriefLocks(client, 'select tenancy.drop_change_log($1, $2::oid)', [name, table]);
  await client.query('delete from tenancy.move_log where move_id = $1', [moveId]);
}
