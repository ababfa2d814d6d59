// What SQL of one tenant reaches beyond its rows: locks, large objects, notifications, the change stream, other sessions.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import pg from 'pg';
import { migrateDataSources, provisionDataSource, provisionTenant, testConnection } from '@/lib/data-sources';
import { DataSourceManager } from '@/lib/data-sources/manager';
import { createTestDatabase } from '../../support/postgres';
import { createInstallation } from './installation';
import { createTenantDatabase, TestDirectory } from './tenant-database';

const installation = await createInstallation();
const { operations } = installation;
const manager = installation.newManager();
const adminUrl = await createTestDatabase('ours');
await provisionDataSource(operations, { name: 'ours', kind: 'shared', adminUrl });
const place = async (subdomain: string) =>
  (await provisionTenant(installation, { name: subdomain, subdomain, dataSource: 'ours' })).id;
const [attacker, victim] = [await place('attacker'), await place('victim')];
const code = (expected: string) => (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === expected;
const key = `pg_catalog.uuid_hash_extended('${victim}', 7302461)`;

/** Runs statements in the attacker's context, and looks whether the victim is served before it ends. */
function attack(...statements: string[]): Promise<void> {
  return manager.withTenantTransaction(attacker, async ({ query }) => {
    for (const text of statements) await query(text);
    const served = manager.execute(victim, { text: 'select count(*) from accounts', values: [] });
    let timer: NodeJS.Timeout | undefined;
    const held = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('The victim has to wait.')), 10_000);
    });
    await Promise.race([served, held]).finally(() => clearTimeout(timer));
  });
}

for (const role of ['tenant_service', 'none']) {
  for (const call of [
    `pg_advisory_xact_lock(${key})`,
    `pg_advisory_xact_lock_shared(${key})`,
    `pg_try_advisory_lock(${key})`,
    'pg_advisory_lock(1, 2)',
    'lo_create(0)',
    "lo_from_bytea(0, 'x')",
    "pg_notify('planted', 'x')",
    "pg_logical_emit_message(true, 'marquee-marker', 'x')",
    'pg_terminate_backend(1)',
    'pg_cancel_backend(1)',
  ]) {
    test(`${call.replace(victim, 'victim')} is refused to the role ${role}`, async () => {
      await assert.rejects(attack(`set local role ${role}`, `select ${call}`), code('42501'));
    });
  }
}

test('entering as another tenant does not get as far as its lock', async () => {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  after(() => admin.end());
  await admin.query('begin');
  await admin.query('select tenancy.hold_fence($1, holder) from tenancy.fence where tenant_id = $1', [
    victim,
  ]);
  // Were the lock asked for first, this would wait for it.
  const claims = `{"role":"tenant_service","tenant_id":"${victim}"}`;
  const enter = (own: string) =>
    attack(
      'set local role none',
      "set local lock_timeout = '2s'",
      `select tenancy.enter('${victim}', 1, 'tenant_service', ${own}, false)`,
    );
  await assert.rejects(enter(`'${claims}'`), code('MQ005'));
  await assert.rejects(enter("current_setting('request.jwt.claims')"), code('MQ005'));
  const asRouter = {
    text: 'select tenancy.enter($1, $2, $3, $4, $5)',
    values: [victim, 1, 'tenant_service', claims, false],
  };
  await assert.rejects(manager.execute(attacker, asRouter), code('statement_refused'));
  await assert.rejects(
    manager.withTenantTransaction(attacker, ({ query }) => query(asRouter)),
    code('statement_refused'),
  );
  await admin.query('rollback');
});

test('functions and rules, which could run what is refused, cannot be made, wherever the data are', async () => {
  const directory = new TestDirectory();
  const customers = await createTenantDatabase();
  const tenant = await directory.place(customers);
  const there = new DataSourceManager(async () => ({
    directory,
    verifyAccessToken: () => Promise.reject(new Error('no tokens here')),
  }));
  after(() => there.close());
  for (const text of [
    'create function pg_temp.locks() returns void language plpgsql as $$ begin lock table accounts; end $$',
    '/* x */ create or /* y */ replace -- z\n function pg_temp.f() returns int language sql as $$select 1$$',
    'create procedure pg_temp.p() language sql as $$ lock table public.accounts $$',
    'create rule says as on insert to planted do also notify planted',
    'create trigger t after insert on planted execute function tenancy.f()',
    'create domain pg_temp.text as pg_catalog.text',
  ]) {
    await assert.rejects(
      there.withTenantTransaction(tenant, ({ query }) => query(text)),
      code('statement_refused'),
      text,
    );
  }
  const rows = await there.withTenantTransaction(tenant, async ({ query }) => {
    await query('create /* x */ temp table planted (id int) on commit drop');
    await query('create unique index on planted (id)');
    await query('create or replace temp view seen as select * from planted');
    await query('create temporary table planted_too as select 1 as id');
    return (await query('select id from planted_too')).rows;
  });
  assert.deepEqual(rows, [{ id: 1 }]);
  const { checks } = await testConnection({ kind: 'postgres', url: customers.routerUrl });
  assert.equal(checks.find(({ name }) => name === 'shared_functions')?.outcome, 'warning');
});

test('a lock of one’s own is one for each tenant, and none of a fence', async () => {
  const lock = (tenant: string, work: () => Promise<unknown>) =>
    manager.withTenantTransaction(tenant, async ({ query }) => {
      await query("set local lock_timeout = '300ms'");
      await query("select tenancy.lock_own('numbers')");
      await work();
    });
  await lock(attacker, () => lock(victim, async () => {}));
  await assert.rejects(
    lock(attacker, () => lock(attacker, async () => {})),
    code('55P03'),
  );
});

test('a data source that was provisioned before gets the same by migrating; a customer’s own does not', async () => {
  const customersUrl = await createTestDatabase('customers');
  const { steps } = await provisionDataSource(operations, {
    name: 'customers',
    kind: 'byod',
    networks: 'any',
    adminUrl: customersUrl,
  });
  const check = async (name: string) => {
    const source = await operations.dataSources.get(name);
    const { routerUrl } = await operations.dataSources.credentials(source.id);
    const { checks } = await testConnection({ kind: 'postgres', url: routerUrl ?? '' });
    return checks.find((one) => one.name === 'shared_functions')?.outcome;
  };
  assert.equal(steps.length, 4);
  assert.deepEqual([await check('ours'), await check('customers')], ['passed', 'warning']);
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  after(() => admin.end());
  await admin.query('grant execute on function pg_catalog.pg_advisory_xact_lock(bigint) to public');
  assert.equal(await check('ours'), 'warning');
  for (const { problem } of await migrateDataSources(operations)) assert.equal(problem, undefined);
  assert.deepEqual([await check('ours'), await check('customers')], ['passed', 'warning']);
});
