// A publication of one tenant's rows, made and removed table by table: whoever works with a table plans its statements again
// when its publications change, and all tables at once would be everybody at the same moment.
import type pg from 'pg';
import { withBriefLocks } from '../control/mover-connection';
import type { Rest } from '../control/pacer';

/** Publishes the tenant's rows of a table; makes the publication where it is not there. May be repeated. */
export async function publishTable(
  client: pg.Client,
  { name, tenantId, oid }: { name: string; tenantId: string; oid: number },
): Promise<void> {
  await withBriefLocks(client, 'select tenancy.publish_table($1, $2, $3::oid)', [name, tenantId, oid]);
}

/** Undoes `publishTable`, for however many tables. */
export async function dropPublication(client: pg.Client, name: string, rest: Rest): Promise<void> {
  const { rows } = await client.query<{ oid: number }>(
    'select r.prrelid as oid from pg_publication_rel r join pg_publication p on p.oid = r.prpubid where p.pubname = $1',
    [name],
  );
  for (const { oid } of rows) {
    await withBriefLocks(client, 'select tenancy.unpublish_table($1, $2::oid)', [name, oid]);
    await rest.take();
  }
  await withBriefLocks(client, 'select tenancy.unpublish_tenant($1)', [name]);
}
