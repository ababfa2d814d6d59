import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { provisionDataSource, provisionTenant } from '@/lib/data-sources';
import { administer, createTestDatabase, OLDEST_POSTGRES, startTestServer } from '../../../support/postgres';
import { createInstallation } from '../installation';

const installation = await createInstallation();
const { operations } = installation;
const manager = installation.newManager();
const code = (expected: string) => (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === expected;
const server = await startTestServer(OLDEST_POSTGRES);
const sharedUrl = await createTestDatabase('shared');
const { dataSource: shared, steps } = await provisionDataSource(operations, {
  name: 'shared',
  kind: 'shared',
  adminUrl: sharedUrl,
});

async function loginFacts(url: string) {
  const { rows } = await administer(
    url,
    `select rolsuper, rolbypassrls, rolinherit, rolcreaterole,
       (select count(*)::int from pg_class where relowner = pg_roles.oid) as owns
     from pg_roles where rolname = current_user`,
  );
  return rows[0];
}

test('provisioning makes two logins: one that can do nothing by itself, one that moves rows, and says what it did', async () => {
  const { routerUrl, moverUrl } = await operations.dataSources.credentials(shared.id);
  assert.equal(steps.length, 5);
  assert.ok(routerUrl && moverUrl);
  const harmless = { rolsuper: false, rolbypassrls: false, rolcreaterole: false, owns: 0 };
  assert.deepEqual(await loginFacts(routerUrl), { ...harmless, rolinherit: false });
  // COPY into a table with policies needs it; the mover's own policy lets it see every row anyway.
  assert.deepEqual(await loginFacts(moverUrl), { ...harmless, rolinherit: true, rolbypassrls: true });
  await assert.rejects(administer(routerUrl, 'select * from accounts'), code('42501'));
  const test = await manager.testConnection({ kind: 'postgres', url: routerUrl });
  assert.ok(test.ok, JSON.stringify(test.checks));
  assert.equal(test.schemaVersion, shared.schemaVersion);
});

test('no password appears in the clear anywhere on the server or in the operations database', async () => {
  const { routerUrl } = await operations.dataSources.credentials(shared.id);
  const password = new URL(routerUrl ?? '').password;
  const { rows } = await administer(sharedUrl, 'select rolpassword from pg_authid where rolname = $1', [
    new URL(routerUrl ?? '').username,
  ]);
  assert.match(rows[0]?.rolpassword, /^SCRAM-SHA-256\$4096:/);
  const registry = await administer(installation.operationsUrl, 'select * from data_sources');
  assert.ok(!JSON.stringify(registry.rows).includes(password));
});

test('a failure while a data source is set up leaves no login and no registration', async () => {
  // A server of its own: on the shared one other tests make logins too.
  const url = server.url();
  await administer(url, 'create table accounts (id int)');
  const before = await administer(url, "select count(*)::int n from pg_roles where rolname like 'marquee%'");
  await assert.rejects(provisionDataSource(operations, { name: 'broken', kind: 'shared', adminUrl: url }));
  const after = await administer(url, "select count(*)::int n from pg_roles where rolname like 'marquee%'");
  assert.deepEqual(after.rows, before.rows);
  assert.equal(await operations.dataSources.find('broken'), undefined);
});

test('an administrator that may not make roles is refused before anything is done', async () => {
  const url = await createTestDatabase('poor');
  const login = `poor_${randomUUID().slice(0, 8)}`;
  await administer(url, `create role ${login} login password 'p'`);
  const poor = new URL(url);
  poor.username = login;
  poor.password = 'p';
  await assert.rejects(
    provisionDataSource(operations, {
      name: 'poor',
      kind: 'byod',
      networks: 'any',
      adminUrl: poor.toString(),
    }),
    code('data_source_privileges_missing'),
  );
  await administer(url, `drop role ${login}`);
});

test('an administrator with no more than CREATEROLE and the database suffices, whatever its defaults are (PostgreSQL 15)', async () => {
  await administer(server.url(), "create role dba login createrole password 'p'");
  await administer(server.url(), 'create database customer owner dba');
  for (const setting of [
    "default_transaction_isolation to 'serializable'",
    'default_transaction_read_only to on',
    'search_path to nowhere',
    "statement_timeout to '10ms'",
    "DateStyle to 'German'",
    'row_security to off',
  ])
    await administer(server.url(), `alter database customer set ${setting}`);
  const url = new URL(server.url('customer'));
  url.username = 'dba';
  url.password = 'p';
  await provisionDataSource(operations, {
    name: 'customer',
    kind: 'byod',
    networks: ['127.0.0.0/8'],
    adminUrl: url.toString(),
  });
  const tenant = await provisionTenant(installation, {
    name: 'C',
    subdomain: 'customer',
    dataSource: 'customer',
  });
  const client = await manager.getClientForTenant(tenant.id, true);
  assert.equal((await client.from('core_task_templates').select('name')).data?.length, 5);
  await operations.dataSources.remove((await operations.dataSources.get('customer')).id);
});
