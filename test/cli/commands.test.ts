import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { CommandError } from '@/cli/errors';
import { forEachNamed } from '@/cli/output';
import { createInstallation } from '../lib/data-sources/installation';
import { administer, createTestDatabase } from '../support/postgres';
import { marquee } from './marquee';

const installation = await createInstallation();
const dataSourceUrl = await createTestDatabase('shared', 'tenant_data');
const environment = {
  MARQUEE_STATE_DIRECTORY: path.join(tmpdir(), `marquee-none-${process.pid}`),
  APPLICATION_DATABASE_URL: installation.applicationUrl,
  OPERATIONS_DATABASE_URL: installation.operationsUrl,
  ENCRYPTION_KEY: installation.key,
};
const run = (args: string[], input?: string) => marquee(args, environment, input).ended;

test('a source is added, tested and listed; its URL comes by standard input and is never printed', async () => {
  const { password } = new URL(dataSourceUrl);
  const added = await run(['source', 'add', 'main', '--json'], dataSourceUrl);
  assert.equal(added.code, 0, added.stderr);
  const tested = await run(['source', 'test', 'main', '--json']);
  assert.equal(tested.code, 0, tested.stdout + tested.stderr);
  const listed = await run(['source', 'list', '--json']);
  assert.equal(JSON.parse(listed.stdout)[0].name, 'main');
  for (const { stdout, stderr } of [added, tested, listed]) {
    assert.doesNotMatch(stdout + stderr, /postgres(ql)?:\/\//);
    assert.equal((stdout + stderr).includes(password), false);
  }
});

test('a tenant is created with an owner, shown, suspended and resumed', async () => {
  const args = [
    'tenant',
    'create',
    'acme',
    '--name',
    'Acme',
    '--source',
    'main',
    '--owner',
    'o@acme.example',
    '--json',
  ];
  const created = await run(args);
  assert.equal(created.code, 0, created.stderr);
  const { tenant, owner } = JSON.parse(created.stdout);
  assert.ok(owner.password.length >= 16);
  const shown = await run(['tenant', 'show', 'acme', '--json']);
  const { status, users } = JSON.parse(shown.stdout);
  assert.deepEqual([status, users], ['active', 1]);
  assert.doesNotMatch(shown.stdout, /mq1\.|postgres(ql)?:\/\//);
  assert.equal((await run(['tenant', 'suspend', 'acme'])).code, 0);
  assert.equal((await installation.application.tenants.get(tenant.id)).status, 'suspended');
  assert.equal((await run(['tenant', 'resume', 'acme'])).code, 0);
  const again = await run(args);
  assert.equal(again.code, 1);
  assert.equal(JSON.parse(again.stderr).error.code, 'subdomain_taken');
});

test('an owner’s address that is none is refused before anything is made', async () => {
  const args = [
    'tenant',
    'create',
    'halfmade',
    '--name',
    'H',
    '--source',
    'main',
    '--owner',
    'notamail',
    '--json',
  ];
  const refused = await run(args);
  assert.equal(JSON.parse(refused.stderr).error.code, 'email_invalid');
  assert.equal(await installation.application.tenants.findBySubdomain('halfmade'), undefined);
});

test('people are added, reset, disabled and given roles; a company keeps an owner', async () => {
  const { users } = installation.application;
  const user = async (...args: string[]) => {
    const ended = await run(['user', ...args, '--tenant', 'acme', '--json']);
    return { ...ended, error: ended.code === 0 ? undefined : JSON.parse(ended.stderr).error.code };
  };
  const added = JSON.parse((await user('add', 'sam@acme.example', '--role', 'sales')).stdout);
  assert.ok(added.password.length >= 16);
  assert.doesNotMatch(JSON.stringify(added), /argon2/);
  assert.equal((await users.find(added.user.id))?.mustChangePassword, true);
  const [reset, promoted, disabled] = await Promise.all([
    user('reset', 'sam@acme.example'),
    user('role', 'sam@acme.example', 'manager'),
    user('disable', 'sam@acme.example'),
  ]);
  assert.deepEqual([reset.code, promoted.code, disabled.code], [0, 0, 0]);
  assert.notEqual(JSON.parse(reset.stdout).password, added.password);
  const sam = await users.find(added.user.id);
  assert.deepEqual([sam?.role, sam?.status, sam?.tokenVersion], ['manager', 'disabled', 4]);
  assert.equal((await user('disable', 'o@acme.example')).error, 'last_owner');
  assert.equal((await user('reset', 'unknown@acme.example')).code, 3);
  const listed = await run(['user', 'list', '--tenant', 'acme']);
  assert.match(listed.stdout, /sam@acme\.example\s+sam\s+manager\s+disabled/);
});

test('what a tenant may take is shown, set key by key and reset, each time in the audit log', async () => {
  const pool = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(['tenant', 'pool', 'acme', '--json', ...args]);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  };
  assert.deepEqual((await pool('--max', '4', '--queue-timeout-ms', '2000')).set, {
    max: 4,
    queueTimeoutMs: 2000,
  });
  const { set, inForce } = await pool('--prepare', 'false');
  assert.deepEqual(set, { max: 4, queueTimeoutMs: 2000, prepare: false });
  assert.deepEqual([inForce.max, inForce.queue, inForce.prepare], [4, 500, false]);
  assert.deepEqual((await pool('--reset')).set, {});
  const refused = await run(['tenant', 'pool', 'acme', '--max', '5000']);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /--max/);
  const { id } = (await installation.application.tenants.findBySubdomain('acme')) ?? {};
  const changes = await installation.application.audit.list({ tenantId: id });
  const ofPool = changes.filter(({ after: changed }) => changed && 'connection_pool_config' in changed);
  assert.equal(ofPool.filter(({ action }) => action === 'tenants.update').length, 3);
});

test('a tenant inserted by hand is placed where the operator says, once; a schema is read again on demand', async () => {
  await administer(
    installation.applicationUrl,
    "insert into tenants (name, subdomain) values ('Hand', 'hand')",
  );
  const placed = await run(['tenant', 'place', 'hand', '--source', 'main', '--json']);
  assert.equal(placed.code, 0, placed.stderr);
  const { dataSourceId } = JSON.parse(placed.stdout);
  assert.equal(dataSourceId, (await installation.operations.dataSources.get('main')).id);
  const again = await run(['tenant', 'place', 'hand', '--json']);
  assert.equal(JSON.parse(again.stderr).error.code, 'tenant_placed');
  assert.equal((await run(['source', 'reload', 'main'])).code, 0);
  assert.equal((await run(['source', 'reload', 'nosuch'])).code, 3);
});

test('migrate says what each database stands at', async () => {
  const { code, stdout, stderr } = await run(['migrate', '--json']);
  assert.equal(code, 0, stderr);
  const names = JSON.parse(stdout).map((row: { database: string }) => row.database);
  assert.deepEqual(names, ['application', 'operations', 'main']);
  const outdate = `update marquee.function_files set checksum = 'former' where path = (select min(path) from marquee.function_files)`;
  await administer(installation.applicationUrl, outdate);
  const plan = JSON.parse((await run(['migrate', '--dry-run', '--json'])).stdout);
  assert.deepEqual(
    plan.own.map(({ database, functions }: { database: string; functions: number }) => [database, functions]),
    [
      ['application', 1],
      ['operations', 0],
    ],
    'its own databases are migrated first',
  );
  assert.equal((await run(['migrate', '--json'])).code, 0);
  const [planned, drift, status, jobs] = await Promise.all([
    run(['migrate', '--dry-run', '--json']),
    run(['migrate', 'drift', 'main', '--json']),
    run(['migrate', 'status', '--json']),
    run(['jobs', 'list', '--json']),
  ]);
  assert.equal(planned.code, 0, planned.stderr);
  assert.deepEqual(JSON.parse(planned.stdout).sources[0].expand, []);
  for (const { migrations, functions, version, toVersion } of JSON.parse(planned.stdout).own)
    assert.deepEqual([migrations, functions, version === toVersion], [[], 0, true]);
  assert.equal(drift.code, 0, drift.stdout + drift.stderr);
  assert.deepEqual(JSON.parse(drift.stdout)[0].differences, []);
  // There was nothing to roll out.
  assert.equal(JSON.parse(status.stderr).error.code, 'schema_rollout_unknown');
  assert.deepEqual(JSON.parse(jobs.stdout), []);
});

test('exit codes: 2 wrong usage, 3 not found, 4 unreachable, 1 otherwise', async () => {
  const unreachable = 'postgresql://unknown:hidden-word@127.0.0.1:1/none';
  const [usage, missing, away, wrongKey, unset] = await Promise.all([
    run(['tenant', 'create']),
    run(['tenant', 'show', 'nosuch', '--json']),
    marquee(['tenant', 'list'], { ...environment, APPLICATION_DATABASE_URL: unreachable }).ended,
    marquee(['source', 'test', 'main', '--json'], {
      ...environment,
      ENCRYPTION_KEY: randomBytes(32).toString('hex'),
    }).ended,
    marquee(['tenant', 'list', '--json'], { MARQUEE_STATE_DIRECTORY: environment.MARQUEE_STATE_DIRECTORY })
      .ended,
  ]);
  assert.equal(usage.code, 2);
  assert.equal(missing.code, 3);
  assert.equal(JSON.parse(missing.stderr).error.code, 'tenant_unknown');
  assert.equal(away.code, 4, away.stderr);
  assert.equal((away.stdout + away.stderr).includes('hidden-word'), false);
  assert.equal(wrongKey.code, 1);
  assert.ok(JSON.parse(wrongKey.stderr).error.code.length > 0);
  assert.equal(JSON.parse(unset.stderr).error.code, 'not_configured');
});

test('options that a command does not have or cannot read change nothing, and are said as JSON where that is wanted', async () => {
  const wrong = await Promise.all(
    [
      ['--at-once', '0'],
      ['--per-server', 'abc'],
      ['--soak', '5m'],
      ['--waves', '50,x'],
      ['--on-error', 'stop'],
      ['resume', '--dry-run'],
      ['cancel', '--source', 'main'],
    ].map((args) => run(['migrate', ...args, '--json'])),
  );
  for (const { code, stdout, stderr } of wrong) {
    assert.deepEqual([code, stdout], [2, '']);
    const { error } = JSON.parse(stderr);
    assert.equal(error.code, 'option_invalid');
    assert.match(
      error.message,
      /^[a-z].*(--at-once|--per-server|--soak|--waves|--on-error|--dry-run|--source)/,
    );
  }
  const script = await run(['migrate', 'script', '--json']);
  assert.match(JSON.parse(script.stdout).script, /^begin;/);
});

test('of several things that a command does, one that fails keeps no other from it', async () => {
  const done: string[] = [];
  await forEachNamed(['one', 'two', 'three'], true, async (name) => {
    if (name === 'two') throw new CommandError('option_invalid', 'It is busy.');
    done.push(name);
  });
  assert.deepEqual([done, process.exitCode], [['one', 'three'], 1]);
  process.exitCode = undefined;
  const failing = () => Promise.reject(new CommandError('option_invalid', 'It is busy.'));
  await assert.rejects(forEachNamed(['one'], true, failing), { code: 'option_invalid' });
});

test('start with only some databases configured names what is missing', async () => {
  const { code, stderr } = await marquee(['start', '--json'], {
    MARQUEE_STATE_DIRECTORY: environment.MARQUEE_STATE_DIRECTORY,
    APPLICATION_DATABASE_URL: installation.applicationUrl,
  }).ended;
  assert.equal(code, 1);
  const { error } = JSON.parse(stderr);
  assert.equal(error.code, 'not_configured');
  assert.match(error.message, /ENCRYPTION_KEY/);
});

test('start says what is wrong before it prepares anything', async () => {
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const { port } = blocker.address() as AddressInfo;
  const state = path.join(tmpdir(), `marquee-unprepared-${process.pid}`);
  const codeOf = async (variables: Record<string, string>, ...args: string[]) => {
    const started = marquee(['start', '--json', ...args], { MARQUEE_STATE_DIRECTORY: state, ...variables });
    const { code, stderr } = await started.ended;
    assert.equal(code, 1, stderr);
    return JSON.parse(stderr).error.code;
  };
  assert.deepEqual(
    await Promise.all([
      codeOf({ PORT: String(port) }),
      codeOf({ PORT: '70000' }),
      codeOf({ LOG_LEVEL: 'loud' }),
      codeOf({ HOST: '192.0.2.1' }),
      codeOf({}, '--port', 'http'),
    ]),
    ['port_in_use', 'configuration_invalid', 'configuration_invalid', 'listen_failed', 'port_invalid'],
  );
  blocker.close();
  await assert.rejects(access(state), { code: 'ENOENT' });
});

for (const command of ['start', 'tenant', 'source', 'migrate', 'rest', 'types']) {
  test(`marquee ${command} --help explains itself`, async () => {
    const { code, stdout } = await run([command, '--help']);
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`Usage: .*${command}`));
  });
}

test('a test tenant is filled with years of events; one with real people is not', async () => {
  const create = (subdomain: string, owner: string) =>
    run(['tenant', 'create', subdomain, '--name', subdomain, '--source', 'main', '--owner', owner, '--json']);
  assert.equal((await create('real', 'ann@weddings.de')).code, 0);
  const refused = await run(['tenant', 'fill', 'real', '--events', '20', '--json']);
  assert.equal(JSON.parse(refused.stderr).error.code, 'tenant_not_demo');
  assert.equal((await run(['tenant', 'fill', 'real', '--events', '1000000'])).code, 2, 'there is a maximum');
  assert.equal((await create('big', 'ann@big.example')).code, 0);
  const filled = await run(['tenant', 'fill', 'big', '--years', '2', '--events', '20', '--json']);
  assert.equal(filled.code, 0, filled.stderr);
  // Two whole copies of a company, which has at least eleven.
  assert.equal(JSON.parse(filled.stdout).events, 22);
});
