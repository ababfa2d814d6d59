// What tenants use is counted by tenant and data source, whichever way they come in.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { copyIn, copyOut, provisionDataSource, provisionTenant } from '@/lib/data-sources';
import { readConsumption, readExpensiveStatements, readFreshness, type UsedAt } from '@/lib/usage';
import { createTestDatabase } from '../../../support/postgres';
import { createInstallation, moveEmptyTenant } from '../installation';
import { startProject } from '../sources/supabase/project';

const installation = await createInstallation();
const { operations } = installation;
const project = await startProject();
const source = async (name: string) => {
  const adminUrl = await createTestDatabase(name, 'tenant_data');
  return (await provisionDataSource(operations, { name, kind: 'shared', adminUrl })).dataSource.id;
};
const [main, second] = [await source('main'), await source('second')];
const supabase = await provisionDataSource(operations, {
  ...{ name: 'project', kind: 'supabase', networks: 'any' },
  ...{ url: project.url, serviceKey: 'service', anonKey: 'anon' },
});
const manager = installation.newManager({}, operations.usage);
const place = async (dataSource: string) => {
  const subdomain = `t-${randomUUID().slice(0, 8)}`;
  return (await provisionTenant(installation, { name: subdomain, subdomain, dataSource })).id;
};
const DAY = 86_400_000;
const today = { from: new Date(Date.now() - DAY), to: new Date(Date.now() + DAY) };

/** Of a tenant, by place. */
async function used(tenantId: string): Promise<Record<string, UsedAt>> {
  await manager.flushUsage();
  const filter = { ...today, granularity: 'monthly', tenantIds: [tenantId] } as const;
  const all = await readConsumption(operations.pool, filter);
  // A test that runs over midnight at the end of a month.
  const byPlace: Record<string, UsedAt> = {};
  for (const one of all) {
    const known = byPlace[one.place];
    byPlace[one.place] = known
      ? { ...one, statements: one.statements + known.statements, rows: one.rows + known.rows }
      : one;
  }
  return byPlace;
}

test('answers, statements, transactions and copies count once each, with their rows and bytes', async () => {
  const tenant = await place('main');
  const names = Array.from({ length: 30 }, (_, n) => ({ name: `Account ${n}` }));
  const client = await manager.getClientForTenant(tenant, true);
  assert.equal((await client.from('accounts').insert(names)).error, null);
  assert.deepEqual((await used(tenant))[main]?.statements, 1);
  assert.equal((await used(tenant))[main]?.rows, 30);

  const { data } = await client.from('accounts').select('name').limit(20);
  assert.equal(data?.length, 20);
  await manager.execute(tenant, { text: 'select name from accounts', values: [] });
  const counted = (await used(tenant))[main];
  assert.equal(counted?.statements, 3);
  assert.equal(counted?.rows, 30 + 20 + 30);

  await manager.withTenantTransaction(tenant, async (transaction) => {
    await transaction.query('update accounts set notes = $1', ['seen']);
    await transaction.query('select 1');
    const out = new PassThrough();
    const [csv] = await Promise.all([
      buffer(out),
      copyOut(transaction, { table: 'accounts', columns: ['name'] }, out),
    ]);
    await copyIn(transaction, { table: 'accounts', columns: ['name'] }, Readable.from([csv]));
  });
  const after = (await used(tenant))[main];
  // COPY out; a temporary table, COPY in, INSERT, DROP.
  assert.equal(after?.statements, 3 + 2 + 1 + 4);
  assert.equal(after?.rows, 80 + 30 + 1 + 30 + 30 + 30);
  assert.ok(after && after.querySeconds > 0 && after.connectionSeconds >= after.querySeconds);
  assert.ok(after.bytesIn > JSON.stringify(names).length && after.bytesOut > 60 * 'Account 10'.length);
});

test('what fails counts as a statement without rows', async () => {
  const tenant = await place('main');
  await assert.rejects(manager.execute(tenant, { text: 'select 1/0', values: [] }));
  assert.deepEqual([(await used(tenant))[main]?.statements, (await used(tenant))[main]?.rows], [1, 0]);
});

test('a tenant that moves has used both data sources, and the fence’s refusals count at neither', async () => {
  const tenant = await place('main');
  const read = () => manager.execute(tenant, { text: 'select 1', values: [] });
  await read();
  await moveEmptyTenant(installation, tenant, 'second');
  await read();
  await read();
  const places = await used(tenant);
  assert.deepEqual([places[main]?.statements, places[second]?.statements], [1, 2]);
});

test('requests to a Supabase project count with the rows of their answers', async () => {
  const tenant = await place('project');
  const client = await manager.getClientForTenant(tenant, true);
  assert.equal((await client.from('accounts').insert([{ name: 'One' }, { name: 'Two' }])).error, null);
  assert.equal((await client.from('accounts').select('name').eq('name', 'One')).data?.length, 1);
  const counted = (await used(tenant))[supabase.dataSource.id];
  assert.equal(counted?.statements, 2);
  assert.equal(counted?.rows, 1);
  assert.ok(counted && counted.bytesIn > 0 && counted.bytesOut > 0 && counted.querySeconds > 0);
  const statements = await readExpensiveStatements(operations.pool, tenant, today);
  const read = statements.find(({ statement }) => statement.startsWith('GET'));
  assert.match(read?.statement ?? '', /^GET \/accounts\?name=eq&select(&tenant_id=eq)?$/);
});

test('the most expensive statements come first, without the values that stood in them', async () => {
  const tenant = await place('main');
  for (const seconds of [0.02, 0.03])
    await manager.execute(tenant, { text: `select 'secret', pg_sleep(${seconds})`, values: [] });
  await manager.execute(tenant, { text: 'select name from accounts', values: [] });
  await manager.flushUsage();
  const [first, ...others] = await readExpensiveStatements(operations.pool, tenant, today);
  assert.equal(first?.statement, 'select ?, pg_sleep(?)');
  assert.equal(first?.calls, 2);
  assert.ok(first && first.querySeconds >= 0.05 && first.share > 0.5);
  assert.deepEqual(
    others.map(({ statement }) => statement),
    ['select name from accounts'],
  );
});

test('HTTP answers and mails count at the platform', async () => {
  const tenant = await place('main');
  await manager.route(tenant);
  manager.countUsage(tenant, { egressBytes: 1_000 });
  manager.countUsage(tenant, { egressBytes: 23, mails: 2 });
  const { platform } = await used(tenant);
  assert.deepEqual([platform?.egressBytes, platform?.mails], [1_023, 2]);
});

test('two processes at once add up, whatever the order of their tenants', async () => {
  const tenants = await Promise.all([place('main'), place('main')]);
  const other = installation.newManager({}, operations.usage);
  const run = async (by: typeof manager, order: readonly string[]) => {
    for (let round = 0; round < 10; round += 1) {
      for (const tenant of order) await by.execute(tenant, { text: 'select 1', values: [] });
      await by.flushUsage();
    }
  };
  await Promise.all([run(manager, tenants), run(other, [...tenants].reverse())]);
  for (const tenant of tenants) assert.equal((await used(tenant))[main]?.statements, 20);
});

test('a batch that is sent again is added once; an hour that is still to come is this one', async () => {
  const [tenantId, writer] = [randomUUID(), randomUUID()];
  const counts = { rows: 0, bytesIn: 0, bytesOut: 0, queryUs: 0, connectionUs: 0, egressBytes: 0, mails: 0 };
  const usage = [0, 5].map((hours) => ({
    ...{ tenantId, place: main, hour: new Date(Date.now() + hours * 3_600_000), statements: 1 },
    ...counts,
  }));
  const batch = { writer, sequence: 1, usage, statements: [] };
  await operations.usage.add(batch);
  await operations.usage.add(batch);
  assert.equal((await used(tenantId))[main]?.statements, 2);
  const { rows } = await operations.pool.query(
    'select count(*)::int from usage_buckets where starts_at > now() and tenant_id = $1',
    [tenantId],
  );
  assert.deepEqual(rows, [{ count: 0 }]);
});

test('says how old the counts are: as old as those of the process that last added its own', async () => {
  await manager.flushUsage();
  const writer = randomUUID();
  await operations.usage.add({ writer, sequence: 1, usage: [], statements: [] });
  const setBack = (minutes: number) =>
    operations.pool.query(
      'update usage_writers set flushed_at = now() - make_interval(mins => $2) where id = $1',
      [writer, minutes],
    );
  await setBack(10);
  const old = await readFreshness(operations.pool);
  assert.ok(Date.now() - old.asOf.getTime() >= 9 * 60_000);
  assert.equal(old.late, 0);
  await setBack(20);
  const killed = await readFreshness(operations.pool);
  assert.equal(killed.late, 1);
  assert.ok(killed.asOf > old.asOf);
  await operations.usage.leave(writer);
});
