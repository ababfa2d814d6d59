// A customer's database by the command line: planned, tested, connected; what is refused, and what the audit log says.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { createInstallation } from '../lib/data-sources/installation';
import { giveToOwner } from '../support/owner';
import { administer, createTestDatabase } from '../support/postgres';
import { marquee } from './marquee';

const installation = await createInstallation();
const { application, operations } = installation;
const directory = await mkdtemp(path.join(tmpdir(), 'marquee-customer-'));
after(() => rm(directory, { recursive: true, force: true }));
const environment = {
  MARQUEE_STATE_DIRECTORY: path.join(directory, 'none'),
  APPLICATION_DATABASE_URL: installation.applicationUrl,
  OPERATIONS_DATABASE_URL: installation.operationsUrl,
  ENCRYPTION_KEY: installation.key,
};
const run = (...args: string[]) => marquee(args, environment).ended;
const url = await giveToOwner(await createTestDatabase('customer'));
const file = path.join(directory, 'owner.url');
await writeFile(file, `${url}\n`);

test('a customer’s URL that leads to this machine is refused by test, add and connect, until its network is allowed', async () => {
  const tested = await run('source', 'test', '--url-file', file, '--json');
  assert.equal(tested.code, 4);
  assert.equal(JSON.parse(tested.stdout).code, 'data_source_address_refused');
  await application.tenants.create({ name: 'Acme', subdomain: 'acme', status: 'active' });
  for (const args of [
    ['source', 'add', 'acme', '--kind', 'byod'],
    ['tenant', 'connect', 'acme'],
  ]) {
    const refused = await run(...args, '--url-file', file, '--json');
    assert.equal(JSON.parse(refused.stderr).error.code, 'data_source_address_refused');
  }
  assert.equal((await operations.dataSources.list()).length, 0);
  const allowed = await run('source', 'test', '--url-file', file, '--allow-network', '127.0.0.0/8', '--json');
  const result = JSON.parse(allowed.stdout);
  assert.deepEqual([allowed.code, result.ok], [0, true], allowed.stdout);
  assert.ok(result.latencyP99Ms > 0);
});

test('connecting a tenant adds the database, places the tenant, and is recorded with TLS and networks', async () => {
  const connected = await run(
    'tenant',
    'connect',
    'acme',
    '--url-file',
    file,
    '--allow-network',
    '127.0.0.0/8',
    '--json',
  );
  assert.equal(connected.code, 0, connected.stderr);
  const { dataSource, placed } = JSON.parse(connected.stdout);
  assert.deepEqual(
    [dataSource.name, dataSource.kind, dataSource.capacity, dataSource.networks, placed],
    ['acme', 'byod', 1, 'public,127.0.0.0/8', true],
  );
  const [record] = await application.audit.list({ action: 'data_sources.insert' });
  assert.deepEqual([record?.after?.networks, record?.after?.tls], ['public,127.0.0.0/8', 'local']);
  assert.match(record?.actor ?? '', /^cli:/);
  assert.doesNotMatch(JSON.stringify(record), /marquee_seal|owner:owner/);
  const tested = await run('source', 'test', 'acme', '--json');
  const result = JSON.parse(tested.stdout);
  assert.deepEqual([tested.code, result.mover.ok, result.administrator.ok], [0, true, true], tested.stdout);
  assert.equal(result.checks.find(({ name }: { name: string }) => name === 'isolation').outcome, 'passed');
  const listed = JSON.parse((await run('source', 'list', '--json')).stdout);
  assert.deepEqual([listed[0].tls, listed[0].networks], ['local', 'public,127.0.0.0/8']);
  // A second tenant finds no room there.
  const other = await run('tenant', 'create', 'other', '--name', 'Other', '--source', 'acme', '--json');
  assert.equal(JSON.parse(other.stderr).error.code, 'provisioning_failed');
});

test('a plan is nothing but SQL, without a password; it is tested with the URL that it was made from', async () => {
  const owner = path.join(directory, 'planned.url');
  const password = 'made-up-for-this-test';
  const planned = new URL(await createTestDatabase('planned'));
  const superuser = planned.toString();
  [planned.username, planned.password] = [`planned_${process.pid}`, password];
  await writeFile(owner, planned.toString());
  const { code, stdout } = await run('source', 'add', 'planned', '--script', '--url-file', owner);
  assert.equal(code, 0);
  assert.match(stdout, /^-- Prepares the database planned_/);
  assert.ok(!stdout.includes(password));
  assert.equal(await operations.dataSources.find('planned'), undefined);
  const test = ['source', 'test', '--url-file', owner, '--allow-network', '127.0.0.0/8', '--json'];
  assert.equal(JSON.parse((await run(...test)).stdout).code, 'data_source_authentication_refused');
  await administer(superuser, stdout);
  after(async () => {
    const { rows } = await administer(superuser, 'select rolname from pg_roles where rolname like $1', [
      `planned_${process.pid}%`,
    ]);
    for (const { rolname } of rows)
      await administer(superuser, `drop owned by ${rolname}; drop role ${rolname}`);
  });
  const ready = JSON.parse((await run(...test)).stdout);
  assert.ok(ready.ok, JSON.stringify(ready.checks));
});

test('options that mean nothing are refused by name', async () => {
  for (const [code, ...args] of [
    ['option_invalid', 'source', 'add', 'x', '--tls', 'maybe', '--url-file', file],
    ['option_invalid', 'source', 'add', 'x', '--kind', 'supabase', '--url-file', file],
    ['source_kind_invalid', 'source', 'test', '--kind', 'own', '--url-file', file],
    ['file_unreadable', 'source', 'test', '--url-file', path.join(directory, 'nowhere')],
    ['data_source_url_malformed', 'source', 'add', 'x', '--ca-file', file, '--url-file', file],
    ['network_invalid', 'source', 'add', 'x', '--allow-network', 'home', '--url-file', file],
  ] as const) {
    const { stderr } = await run(...args, '--json');
    assert.equal(JSON.parse(stderr).error.code, code, args.join(' '));
  }
});
