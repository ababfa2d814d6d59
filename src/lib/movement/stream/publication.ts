// A publication of one tenant's rows. Tables are added and removed one by one: a change of a table's publications discards its cached plans,
// and changing all tables at once would make every session plan again at the same time.

import type pg from 'pg';
import { withBriefLocks } from '@/lib/tenant-data/rows';

/** Adds the tenant's rows of a table to the publication, and creates the publication if necessary. Can be repeated. */
export async function publishTable(
  client: pg.Client,
  { name, tenantId, oid }: { name: string; tenantId: string; oid: number },
): Promise<void> {
  await withBriefLocks(client, 'select tenancy.publish_table($1, $2, $3::oid)', [name, tenantId, oid]);
}

/** Removes a publication with all its tables. @param pause called between tables */
export async function dropPublication(
  client: pg.Client,
  name: string,
  pause: () => Promise<void>,
): Promise<void> {
  const { rows } = await client.query<{ oid: number }>(
    'select r.prrelid as oid from pg_publication_rel r join pg_publication p on p.oid = r.prpubid where p.pubname = $1',
    [name],
  );
  for (const { oid } of rows) {
    await withBriefLocks(client, 'select tenancy.unpublish_table($1, $2::oid)', [name, oid]);
    await pause();
  }
  await withBriefLocks(client, 'select tenancy.unpublish_tenant($1)', [name]);
}
