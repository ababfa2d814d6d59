import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { provisionDataSource, provisionTenant, removeTenant } from '@/lib/data-sources';
import { administer, createTestDatabase } from '../../../support/postgres';
import { createInstallation } from '../installation';

const installation = await createInstallation();
const { application, operations } = installation;
const url = await createTestDatabase('shared', 'tenant_data');
await provisionDataSource(operations, {
  name: 'shared',
  kind: 'shared',
  adminUrl: url,
});
const manager = installation.newManager();

async function makeTenant(subdomain: string) {
  const tenant = await provisionTenant(installation, { name: subdomain, subdomain, dataSource: 'shared' });
  const rows = { text: "insert into accounts (name) values ('One'), ('Two')", values: [] };
  await manager.execute(tenant.id, rows);
  return tenant;
}

const rowsOf = async (tenantId: string) =>
  (
    await administer(
      url,
      `select (select count(*) from accounts where tenant_id = $1)::int as accounts,
         (select count(*) from tenant_settings where tenant_id = $1)::int as settings,
         (select count(*) from tenancy.fence where tenant_id = $1)::int as fences`,
      [tenantId],
    )
  ).rows[0];

test('a tenant is removed with its rows, people and keys, and nothing of another', async () => {
  const [gone, stays] = [await makeTenant('gone'), await makeTenant('stays')];
  const owner = { email: 'o@example.com', displayName: 'O', role: 'owner' as const };
  await application.users.create({ ...owner, tenantId: gone.id });
  await operations.pool.query(
    "insert into api_keys (tenant_id, kind, name, key_hash, created_by) values ($1, 'anon', 'k', sha256('x'), 'test')",
    [gone.id],
  );
  await operations.pool.query(
    `insert into support_access (tenant_id, operator_id, operator_name, role, reason, hours)
     values ($1, gen_random_uuid(), 'O', 'viewer', 'A ticket of the company', 1)`,
    [gone.id],
  );
  const before = await rowsOf(stays.id);
  assert.deepEqual(await removeTenant(installation, gone.id), { rowsRemoved: true });
  assert.deepEqual(await rowsOf(gone.id), { accounts: 0, settings: 0, fences: 0 });
  assert.deepEqual(await rowsOf(stays.id), before);
  assert.equal(await application.tenants.find(gone.id), undefined);
  assert.deepEqual(await application.users.list(gone.id), []);
  assert.equal(
    (await operations.pool.query('select from api_keys where tenant_id = $1', [gone.id])).rowCount,
    0,
  );
  const { rows } = await operations.pool.query('select ended_at from support_access where tenant_id = $1', [
    gone.id,
  ]);
  assert.ok(rows[0]?.ended_at, 'no one may look any more; that someone has is kept');
  const count = { text: 'select count(*) from accounts', values: [] };
  assert.equal(Object.values((await manager.execute(stays.id, count))[0] ?? {})[0], '2');
});

test('it is refused while a move is open or holds the fence, and nothing is removed', async () => {
  const tenant = await makeTenant('moving');
  const move = randomUUID();
  await administer(url, 'select tenancy.claim_fence($1, $2, $3)', [
    tenant.id,
    `move ${move}#1`,
    tenant.routeEpoch,
  ]);
  await administer(url, 'select tenancy.hold_fence($1, $2)', [tenant.id, `move ${move}#1`]);
  await assert.rejects(removeTenant(installation, tenant.id), { code: 'place_taken' });
  assert.equal((await rowsOf(tenant.id)).accounts, 2);
  assert.ok(await application.tenants.find(tenant.id));
  await administer(url, 'select tenancy.release_fence($1, $2, $3)', [
    tenant.id,
    tenant.routeEpoch,
    `move ${move}#1`,
  ]);
  // What was interrupted is gone on with: also after the data are gone and the tenant is not.
  assert.deepEqual(await removeTenant(installation, tenant.id), { rowsRemoved: true });
});

test('a tenant whose data source is gone is forgotten', async () => {
  const tenant = await makeTenant('unreachable');
  assert.deepEqual(await removeTenant(installation, tenant.id, { leaveData: true }), { rowsRemoved: false });
  assert.equal((await rowsOf(tenant.id)).accounts, 2);
  assert.equal(await application.tenants.find(tenant.id), undefined);
});
