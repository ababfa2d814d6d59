// A tenant that was inserted by hand is placed by its first use; a column that was added by hand is found.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { readConfiguration } from '@/lib/configuration';
import { dependenciesFrom, provisionDataSource } from '@/lib/data-sources';
import { DataSourceManager } from '@/lib/data-sources/manager';
import { administer, createTestDatabase } from '../../../support/postgres';
import { until } from '../../../support/until';
import { createInstallation } from '../installation';

const managers: DataSourceManager[] = [];
// Before what they are connected to goes away.
after(() => Promise.all(managers.map((manager) => manager.close())));
const installation = await createInstallation();
const { application, operations } = installation;
const adminUrl = await createTestDatabase('default', 'tenant_data');
const environment = {
  APPLICATION_DATABASE_URL: installation.applicationUrl,
  OPERATIONS_DATABASE_URL: installation.operationsUrl,
  ENCRYPTION_KEY: installation.key,
  DEFAULT_TENANT_DATA_URL: adminUrl,
};

function openManager(overrides: Record<string, string> = {}): DataSourceManager {
  const manager = new DataSourceManager(() =>
    dependenciesFrom(readConfiguration({ ...environment, ...overrides })),
  );
  managers.push(manager);
  return manager;
}

async function insertTenant(subdomain: string): Promise<string> {
  const { rows } = await administer(
    installation.applicationUrl,
    'insert into tenants (name, subdomain) values ($1, $1) returning id',
    [subdomain],
  );
  return rows[0].id;
}

const manager = openManager();

test('a default data source that cannot be prepared is named, with what to do', async () => {
  const nowhere = new URL(adminUrl);
  nowhere.port = '1';
  const broken = openManager({ DEFAULT_TENANT_DATA_URL: nowhere.toString() });
  const id = await insertTenant('nowhere');
  await assert.rejects(
    broken.getClientForTenant(id, true),
    (error: { code: string; message: string; hint: string }) => {
      assert.equal(error.code, 'tenant_unplaced');
      assert.match(error.message, /data_source_unreachable/);
      assert.match(error.hint, new RegExp(`marquee tenant place ${id} --source`));
      assert.doesNotMatch(error.message, /postgres(ql)?:\/\//);
      return true;
    },
  );
  const unset = openManager({ DEFAULT_TENANT_DATA_URL: '' });
  await assert.rejects(unset.getClientForTenant(id, true), { code: 'tenant_unplaced' });
});

test('tenants inserted by hand are placed on the default data source by their first use, once', async () => {
  const ids = await Promise.all(['first', 'second'].map(insertTenant));
  // Two processes at once, and the database is not prepared.
  const other = openManager();
  const uses = ids.flatMap((id) => [manager, other].map((one) => one.getClientForTenant(id, true)));
  for (const client of await Promise.all(uses)) {
    const { data, error } = await client.from('event_types').select('name');
    assert.equal(error, null);
    assert.ok(data && data.length > 0, 'its starting rows');
  }
  assert.deepEqual(
    (await operations.dataSources.list()).map(({ name }) => name),
    ['default'],
  );
  for (const id of ids) {
    const { routeEpoch, tenantIdInDataSource, status } = await application.tenants.get(id);
    assert.deepEqual([routeEpoch, tenantIdInDataSource, status], ['2', id, 'active']);
    const audited = await application.audit.list({ tenantId: id });
    assert.equal(audited.filter(({ actor }) => actor === 'system:placement').length, 1);
  }
  const { rows } = await administer(
    adminUrl,
    'select tenant_id, count(*)::int as n from staff_roles group by 1',
  );
  assert.equal(new Set(rows.map(({ n }) => n)).size, 1, JSON.stringify(rows));
});

test('a source of another name on the default database is the default', async () => {
  const otherUrl = await createTestDatabase('named', 'tenant_data');
  await provisionDataSource(operations, { name: 'named', kind: 'shared', adminUrl: otherUrl });
  const before = await operations.dataSources.get('default');
  await operations.dataSources.update(before.id, { name: 'renamed' });
  const id = await insertTenant('named');
  await openManager({ DEFAULT_TENANT_DATA_URL: otherUrl }).getClientForTenant(id, true);
  const { id: named } = await operations.dataSources.get('named');
  assert.equal((await application.tenants.get(id)).dataSourceId, named);
});

test('a script with the specification’s snippet ends by itself, not before its queries', async () => {
  const id = await insertTenant('script');
  const program = new URL('first-use.program.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', program, id, '0.7'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  after(() => child.kill('SIGKILL'));
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  assert.equal(code, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), { rows: 0, error: null, slept: 1 });
  const { rows } = await administer(installation.operationsUrl, 'select from processes where pid = $1', [
    child.pid,
  ]);
  assert.deepEqual(rows, [], 'it has given up its share of the connections');
});

test('a column added by hand is known at once to a request that names it', async () => {
  const client = await manager.getClientForTenant(await insertTenant('column'), true);
  await client.from('accounts').select('name');
  await administer(adminUrl, 'alter table accounts add column shoe_size int');
  const row = { name: 'With shoes', shoe_size: 43 } as { name: string };
  const inserted = await client.from('accounts').insert(row).select('name, shoe_size').single();
  assert.equal(inserted.error, null);
  assert.deepEqual(inserted.data, row);
  const { error } = await client.from('accounts').insert({ ...row, hat_size: 7 } as typeof row);
  assert.equal(error?.code, 'PGRST204');
  await administer(
    adminUrl,
    'create function shout(text) returns text language sql immutable return upper($1)',
  );
  const unknown = client as unknown as { rpc(name: string, values: object): PromiseLike<{ data: unknown }> };
  await administer(adminUrl, 'drop function shout(text)');
  await administer(
    adminUrl,
    'create function shout(words text) returns text language sql immutable return upper(words)',
  );
  assert.equal((await unknown.rpc('shout', { words: 'hear' })).data, 'HEAR');
});

test('a reload is heard by every process: what nothing names is known, too', async () => {
  const client = await manager.getClientForTenant(await insertTenant('reload'), true);
  await client.from('accounts').insert({ name: 'Any' });
  const columns = async () => Object.keys((await client.from('accounts').select('*')).data?.[0] ?? {});
  assert.equal((await columns()).includes('sock_size'), false);
  await administer(adminUrl, 'alter table accounts add column sock_size int');
  const source = await operations.dataSources.get('renamed');
  await application.announceSchema(source.id);
  await until(async () => (await columns()).includes('sock_size'), 'the new column');
});
