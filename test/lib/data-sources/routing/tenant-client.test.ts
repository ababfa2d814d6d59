import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mock, test } from 'node:test';
import { provisionDataSource, provisionTenant } from '@/lib/data-sources';
import { administer, createTestDatabase } from '../../../support/postgres';
import { until } from '../../../support/until';
import { createInstallation } from '../installation';

const installation = await createInstallation();
const { application, operations, tokens } = installation;
const dataSourceManager = installation.newManager();

await provisionDataSource(operations, {
  name: 'shared',
  kind: 'shared',
  adminUrl: await createTestDatabase('shared', 'tenant_data'),
});
const ownUrl = await createTestDatabase('own', 'tenant_data');
await provisionDataSource(operations, { name: 'own', kind: 'dedicated', adminUrl: ownUrl });
await provisionDataSource(operations, {
  name: 'byod',
  kind: 'byod',
  networks: 'any',
  adminUrl: await createTestDatabase('byod', 'tenant_data'),
});
const provision = async (subdomain: string, dataSource: string, tenantIdInDataSource?: string) => {
  const { id } = await provisionTenant(installation, {
    name: subdomain,
    subdomain,
    dataSource,
    tenantIdInDataSource,
  });
  const tenantDb = await dataSourceManager.getClientForTenant(id, true);
  const { error } = await tenantDb.from('accounts').insert({ name: `Account of ${subdomain}` });
  assert.equal(error, null);
  return id;
};
const a = await provision('a', 'shared');
const b = await provision('b', 'shared');
const e = await provision('e', 'own');
const idOfF = randomUUID();
const f = await provision('f', 'byod', idOfF);

for (const [name, tenantId] of Object.entries({ a, b, e, f })) {
  test(`the specification’s snippet finds the rows of tenant ${name}`, async () => {
    const tenantDb = await dataSourceManager.getClientForTenant(tenantId, true);
    const { data } = await tenantDb.from('accounts').select('*').eq('tenant_id', tenantId);
    assert.deepEqual(
      data?.map((account) => account.name),
      [`Account of ${name}`],
    );
  });
}

test('the id in the data source finds the same rows, in filters, in `or` and in bodies', async () => {
  const client = await dataSourceManager.getClientForTenant(f, true);
  for (const id of [f, idOfF, f.toUpperCase()]) {
    const byFilter = await client.from('accounts').select('tenant_id').eq('tenant_id', id);
    assert.deepEqual(byFilter.data, [{ tenant_id: idOfF }], `by ${id}`);
    const byList = await client.from('accounts').select('name').in('tenant_id', [randomUUID(), id]);
    assert.equal(byList.data?.length, 1);
    const byOr = await client.from('accounts').select('name').or(`tenant_id.eq.${id},name.eq.nothing`);
    assert.equal(byOr.data?.length, 1);
    const written = await client
      .from('contacts')
      .insert([{ tenant_id: id, first_name: 'Ada' }])
      .select('tenant_id')
      .single();
    assert.deepEqual(written.data, { tenant_id: idOfF });
  }
});

test('no request reaches another tenant’s rows', async () => {
  const client = await dataSourceManager.getClientForTenant(b, true);
  const admin = await dataSourceManager.getClientForTenant(a, true);
  const { data: target } = await admin.from('accounts').select('id').single();
  const account = target?.id as string;

  const read = await client.from('accounts').select('*').eq('tenant_id', a);
  assert.deepEqual(read.data, []);
  const every = await client.from('accounts').select('tenant_id').or(`tenant_id.eq.${a},tenant_id.neq.${a}`);
  assert.ok(every.data?.every((row) => row.tenant_id === b));
  const updated = await client.from('accounts').update({ name: 'taken' }).eq('id', account).select();
  assert.deepEqual(updated.data, []);
  const removed = await client.from('accounts').delete().eq('id', account).select();
  assert.deepEqual(removed.data, []);
  const inserted = await client.from('accounts').insert({ tenant_id: a, name: 'planted' });
  assert.equal(inserted.error?.code, '42501');
  const moved = await client.from('accounts').update({ tenant_id: a }).neq('name', '');
  assert.ok(moved.error);
  const upserted = await client.from('accounts').upsert({ tenant_id: a, id: account, name: 'planted' });
  assert.ok(upserted.error);
  const pointed = await client
    .from('contact_accounts')
    .insert({ contact_id: randomUUID(), account_id: account });
  assert.ok(pointed.error);
  const injected = await client.from('accounts').select('name').eq('name', "' or tenant_id is not null --");
  assert.deepEqual(injected.data, []);
  const [{ name } = { name: '' }] = (await admin.from('accounts').select('name')).data ?? [];
  assert.equal(name, 'Account of a');
});

test('a user acts by the role matrix, and only in the tenant of the token', async () => {
  const sign = (tenantId: string, role: string) =>
    tokens.signAccessToken({ userId: randomUUID(), tenantId, role, tokenVersion: 1 }, 60);
  const owner = await dataSourceManager.getClientForTenant(a, false, { accessToken: await sign(a, 'owner') });
  assert.equal((await owner.from('accounts').select('name')).data?.length, 1);
  const viewer = await dataSourceManager.getClientForTenant(a, false, {
    accessToken: await sign(a, 'viewer'),
  });
  assert.equal((await viewer.from('accounts').select('name')).data?.length, 1);
  const refused = await viewer.from('accounts').insert({ name: 'by a viewer' });
  assert.equal(refused.error?.code, '42501');
  assert.equal(refused.status, 403);
  const foreign = await sign(b, 'owner');
  await assert.rejects(dataSourceManager.getClientForTenant(a, false, { accessToken: foreign }), {
    code: 'access_token_invalid',
  });
  await assert.rejects(dataSourceManager.getClientForTenant(a, false, { accessToken: `${foreign}x` }), {
    code: 'access_token_invalid',
  });
});

test('`*` means the columns that the role may read', async () => {
  const trusted = await dataSourceManager.getClientForTenant(b, true);
  await trusted.from('products').insert({ name: 'Strip', price: 500, cost: 120 });
  const read = async (role: string) => {
    const accessToken = await tokens.signAccessToken(
      { userId: randomUUID(), tenantId: b, role, tokenVersion: 1 },
      60,
    );
    const client = await dataSourceManager.getClientForTenant(b, false, { accessToken });
    const whole = await client.from('products').select('*').single();
    const cost = await client.from('products').select('cost');
    return { whole: whole.data, error: whole.error, cost: cost.status };
  };
  const manager = await read('manager');
  assert.equal(manager.whole?.cost, 120);
  const sales = await read('sales');
  assert.equal(sales.error, null);
  assert.equal(sales.whole?.price, 500);
  assert.ok(!('cost' in (sales.whole ?? {})));
  assert.equal(sales.cost, 403);
});

test('a client that is kept stops with its token', async () => {
  const accessToken = await tokens.signAccessToken(
    { userId: randomUUID(), tenantId: a, role: 'viewer', tokenVersion: 1 },
    60,
  );
  const client = await dataSourceManager.getClientForTenant(a, false, { accessToken });
  assert.equal((await client.from('accounts').select('name')).status, 200);
  mock.timers.enable({ apis: ['Date'], now: Date.now() + 61_000 });
  try {
    const late = await client.from('accounts').select('name');
    assert.deepEqual([late.status, late.error?.code], [401, 'access_token_invalid']);
  } finally {
    mock.timers.reset();
  }
});

test('what is defined anew under the same name and types is used as it is then', async () => {
  const client = await dataSourceManager.getClientForTenant(e, true);
  const define = (parameters: string) =>
    administer(
      ownUrl,
      `create or replace function public.planted(${parameters}) returns int language sql as 'select a + b';
       grant execute on function public.planted(int, int) to tenant_service`,
    );
  const call = () => client.rpc('planted' as never, { a: 1 } as never);
  await define('a int, b int');
  assert.equal((await call()).error?.code, 'PGRST202');
  await define('a int, b int default 2');
  assert.equal((await call()).data, 3);
  await administer(ownUrl, 'drop function public.planted');
});

test('suspending a tenant stops clients that exist, by NOTIFY', async () => {
  const tenant = await provision('suspended-soon', 'shared');
  const client = await dataSourceManager.getClientForTenant(tenant, true);
  await application.tenants.setStatus(tenant, 'suspended');
  await until(async () => (await client.from('accounts').select('name')).status === 403);
  const { error } = await client.from('accounts').select('name');
  assert.equal(error?.code, 'tenant_suspended');
});

test('a malformed request is an answer with PostgREST’s error body', async () => {
  const client = await dataSourceManager.getClientForTenant(a, true);
  const unknown = await client.from('no_such_table' as 'accounts').select();
  assert.equal(unknown.status, 404);
  assert.equal(unknown.error?.code, 'PGRST205');
  const nonsense = await client.from('accounts').select('name').filter('name', 'nonsense', '1');
  assert.equal(nonsense.status, 400);
});
