import assert from 'node:assert/strict';
import { test } from 'node:test';
import { provisionDataSource, provisionTenant } from '@/lib/data-sources';
import { administer, createTestDatabase } from '../../../support/postgres';
import { createInstallation } from '../installation';

const installation = await createInstallation();
const { application, operations } = installation;
const code = (expected: string) => (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === expected;
const sharedUrl = await createTestDatabase('shared', 'tenant_data');
const { dataSource: shared } = await provisionDataSource(operations, {
  name: 'shared',
  kind: 'shared',
  adminUrl: sharedUrl,
});

test('two tenants cannot have one subdomain, and the second leaves nothing behind', async () => {
  await provisionTenant(installation, { name: 'One', subdomain: 'same', dataSource: 'shared' });
  const fences = () => administer(sharedUrl, 'select count(*)::int as n from tenancy.fence');
  const before = (await fences()).rows;
  await assert.rejects(
    provisionTenant(installation, { name: 'Two', subdomain: 'same', dataSource: 'shared' }),
    code('subdomain_taken'),
  );
  assert.deepEqual((await fences()).rows, before);
});

test('a tenant whose set-up fails leaves no row, no fence and no data', async () => {
  const url = await createTestDatabase('failing');
  await provisionDataSource(operations, { name: 'failing', kind: 'shared', adminUrl: url });
  await administer(
    url,
    `create function break() returns trigger language plpgsql as $$ begin raise 'disk full'; end $$;
     create trigger break before insert on core_task_templates for each row execute function break()`,
  );
  await assert.rejects(
    provisionTenant(installation, { name: 'X', subdomain: 'failing', dataSource: 'failing' }),
    code('provisioning_failed'),
  );
  assert.equal(await application.tenants.findBySubdomain('failing'), undefined);
  assert.equal((await administer(url, 'select count(*)::int as n from tenancy.fence')).rows[0]?.n, 0);
  assert.equal(
    (await administer(url, 'select count(*)::int as n from payment_status_options')).rows[0]?.n,
    0,
  );
});

test('a full source, a wrong region, a wrong pool configuration and an unknown source are refused', async () => {
  await operations.dataSources.update(shared.id, { capacity: 1 });
  const refused = (tenant: Partial<Parameters<typeof provisionTenant>[1]>, expected: string) =>
    assert.rejects(
      provisionTenant(installation, { name: 'R', subdomain: 'refused', dataSource: 'shared', ...tenant }),
      code(expected),
    );
  await refused({}, 'provisioning_failed');
  await operations.dataSources.update(shared.id, { capacity: null });
  await refused({ requiredRegion: 'eu' }, 'region_refused');
  await refused({ connectionPoolConfig: { max: 0 } }, 'connection_pool_config_invalid');
  await refused({ connectionPoolConfig: { maximum: 3 } }, 'connection_pool_config_invalid');
  await refused({ dataSource: 'nowhere' }, 'data_source_unknown');
  await refused({ subdomain: 'no good' }, 'subdomain_invalid');
  assert.equal(await application.tenants.findBySubdomain('refused'), undefined);
});
