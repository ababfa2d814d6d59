import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import pg from 'pg';
import { loginUrl } from '@/lib/data-sources/provisioning/logins';
import { removeRows } from '@/lib/movement/copy/remove-rows';
import { createTenantDatabase } from '../../data-sources/tenant-database';

let mover: pg.Client;
after(() => mover.end());
const database = await createTenantDatabase();
mover = new pg.Client({ connectionString: loginUrl(database.adminUrl, database.logins.mover) });
await mover.connect();

async function tenantWith(locations: number): Promise<string> {
  const tenantId = randomUUID();
  await database.sql('select tenancy.reserve_fence($1, $2)', [tenantId, `move ${tenantId}#1`]);
  await database.sql(`set session_replication_role = replica;
    insert into locations (tenant_id, id, name) select '${tenantId}', gen_random_uuid(), 'l ' || n from generate_series(1, ${locations}) n;
    insert into contacts (tenant_id, id, first_name) select '${tenantId}', gen_random_uuid(), 'c ' || n from generate_series(1, 10) n`);
  return tenantId;
}

const rowsOf = async (tenantId: string) =>
  (
    await database.sql(
      `select (select count(*) from locations where tenant_id = $1) + (select count(*) from contacts where tenant_id = $1) as n`,
      [tenantId],
    )
  ).rows[0].n;

test('every row of the tenant goes, in several batches, and no other tenant’s', async () => {
  const [tenantId, other] = [await tenantWith(11_000), await tenantWith(100)];
  let pauses = 0;
  const removed = await removeRows(mover, tenantId, `move ${tenantId}#1`, async () => {
    pauses += 1;
  });
  assert.equal(removed, 11_010);
  assert.equal(await rowsOf(tenantId), '0');
  assert.equal(await rowsOf(other), '110');
  assert.ok(pauses > 3, 'between batches others get their turn');
});

test('where the fence is held by another move nothing is removed', async () => {
  const tenantId = await tenantWith(10);
  await assert.rejects(removeRows(mover, tenantId, `move ${randomUUID()}#1`), { code: 'MQ021' });
  assert.equal(await rowsOf(tenantId), '20');
});
