// What tenants keep, measured in a real database.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { provisionDataSource, provisionTenant } from '@/lib/data-sources';
import { readConsumption, sampleHour } from '@/lib/usage';
import { measureStorage } from '@/lib/usage/samples/storage';
import { administer, createTestDatabase } from '../../support/postgres';
import { createInstallation } from '../data-sources/installation';
import { startProject } from '../data-sources/sources/supabase/project';
import { createTenantDatabase } from '../data-sources/tenant-database';

const installation = await createInstallation();
const { operations } = installation;
const { pool } = operations;
const adminUrl = await createTestDatabase('main', 'tenant_data');
const { dataSource } = await provisionDataSource(operations, { name: 'main', kind: 'shared', adminUrl });
const manager = installation.newManager();
const [large, small] = await Promise.all(
  ['large', 'small'].map((subdomain) =>
    provisionTenant(installation, { name: subdomain, subdomain, dataSource: 'main' }),
  ),
);
if (!large || !small) throw new Error('Two tenants were to be made.');
const fill = (tenantId: string, count: number) =>
  manager.execute(tenantId, {
    text: "insert into accounts (name, notes) select 'Account ' || n, repeat('x', 500) from generate_series(1, $1::int) n",
    values: [count],
  });
await fill(large.id, 900);
await fill(small.id, 100);
await pool.query(
  `insert into backups (tenant_id, data_source, state, reason, store, data_key, requested_by, as_of, manifest, stored_bytes)
   select $1, $2, state, 'manual', '/x', 'mq1.k.0123456789ab.w.c', 'test', now(), '{}', 700 from unnest('{complete,complete,failed}'::text[]) state`,
  [small.id, dataSource.id],
);
const now = new Date();
const today = { from: new Date(now.getTime() - 86_400_000), to: new Date(now.getTime() + 86_400_000) };
const hours = () => readConsumption(pool, { ...today, granularity: 'hourly' });

test('tenants’ storage and what is shared sum to the size of the database; each hour is counted once', async () => {
  assert.deepEqual(await sampleHour(installation, undefined, now), {
    measured: 1,
    failed: [],
    unmeasured: [],
  });
  await sampleHour(installation, undefined, now);
  const stored = (await hours()).filter(({ place }) => place === dataSource.id);
  const bytes = Object.fromEntries(
    stored.map(({ tenantId, storageByteHours }) => [tenantId, storageByteHours]),
  );
  const { rows } = await pool.query<{ byte_hours: string; sampled_hours: number }>(
    'select byte_hours, sampled_hours from usage_shared_storage where place = $1',
    [dataSource.id],
  );
  assert.equal(rows[0]?.sampled_hours, 1);
  const { rows: kept } = await pool.query<{ sum: string }>(
    `select (measured->>'shared')::bigint + (select sum(value::bigint) from jsonb_each_text(measured->'tenants')) sum from usage_storage`,
  );
  const all = Object.values(bytes).reduce((sum, one) => sum + one, Number(rows[0]?.byte_hours));
  assert.equal(all, Number(kept[0]?.sum));
  const [{ size } = { size: '0' }] = (
    await administer(adminUrl, 'select pg_database_size(current_database()) size')
  ).rows;
  // It may have grown since by what vacuum leaves in maps.
  assert.ok(Math.abs(Number(size) - all) < 1_000_000, `${size} ${all}`);
  const ratio = (bytes[large.id] ?? 0) / (bytes[small.id] ?? 1);
  assert.ok(ratio > 3 && ratio < 9, `${ratio}`);
});

test('of backups, those that are complete count', async () => {
  const platform = (await hours()).find(
    ({ tenantId, place }) => tenantId === small.id && place === 'platform',
  );
  assert.deepEqual([platform?.backupByteHours, platform?.sampledHours], [1_400, 1]);
});

test('a data source that is away keeps its last measurement, and is said', async () => {
  await pool.query("update usage_storage set measured_at = now() - interval '7 hours'");
  const { moverUrl = '' } = await operations.dataSources.credentials(dataSource.id);
  const mover = new URL(moverUrl ?? '').username;
  await administer(adminUrl, `alter role ${mover} nologin`);
  const sampled = await sampleHour(installation, undefined, new Date(now.getTime() + 3_600_000));
  assert.deepEqual([sampled.measured, sampled.failed.map(({ source }) => source)], [0, ['main']]);
  const later = (await hours()).filter(({ place, startsAt }) => place === dataSource.id && startsAt > now);
  assert.equal(later.length, 2);
  await administer(adminUrl, `alter role ${mover} login`);
});

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

test('a Supabase project without a PostgreSQL login is measured over its REST API', async () => {
  const project = await startProject();
  const { dataSource: place } = await provisionDataSource(operations, {
    ...{ name: 'project', kind: 'supabase', networks: 'any' },
    ...{ url: project.url, serviceKey: 'service', anonKey: 'anon' },
  });
  const tenant = await provisionTenant(installation, { name: 'p', subdomain: 'p', dataSource: 'project' });
  await project.sql(
    "insert into accounts (tenant_id, name, notes) select $1, 'Account ' || n, repeat('x', 500) from generate_series(1, 400) n",
    [tenant.id],
  );
  await project.sql(
    "insert into accounts (tenant_id, name) select gen_random_uuid(), 'Of no known tenant' from generate_series(1, 9)",
  );
  const { failed: none, unmeasured } = await sampleHour(installation);
  assert.deepEqual([none, unmeasured], [[], []]);
  const { rows } = await pool.query<{ measured: { tenants: Record<string, string>; shared: string } }>(
    'select measured from usage_storage where place = $1',
    [place.id],
  );
  const direct = await connected(project.database.adminUrl, measureStorage);
  const [{ measured } = { measured: undefined }] = rows;
  // Vacuum may have added maps in between.
  const off = Number(measured?.tenants[tenant.id]) - Number(direct.tenants.get(tenant.id));
  assert.ok(Math.abs(off) < 100_000, String(off));
  assert.ok(Number(measured?.tenants[tenant.id]) > 200_000);
  assert.deepEqual(Object.keys(measured?.tenants ?? {}), [tenant.id]);

  // A project of an older schema is counted without its storage; one that answers with something else is said.
  const again = () =>
    pool.query("update usage_storage set measured_at = now() - interval '7 hours' where place = $1", [
      place.id,
    ]);
  await again();
  await project.sql('alter function storage_by_tenant() rename to storage_once');
  await project.sql(
    "create function storage_by_tenant() returns jsonb language sql as $$ select '[1]'::jsonb $$",
  );
  const { failed } = await sampleHour(installation);
  assert.match(String(failed.map(({ problem }) => problem)), /something else/);
});

test('only the service role of a project measures it', async () => {
  for (const [role, options] of [
    ['anon', ''],
    ['service_role', 'bypassrls'],
  ]) {
    await administer(
      adminUrl,
      `do $$ begin create role ${role} ${options}; exception when duplicate_object or unique_violation then null; end $$`,
    );
  }
  const database = await createTenantDatabase(await createTestDatabase('served'));
  const { rows } = await database.sql(
    `select rolname as role from pg_roles
     where not rolsuper and rolname <> 'test_owner' and has_function_privilege(oid, 'public.storage_by_tenant()', 'execute')`,
  );
  assert.deepEqual(rows, [{ role: 'service_role' }]);
  // As a project gives them by default.
  await database.sql('grant select on all tables in schema public to service_role');
  const tenant = large.id;
  await database.sql("insert into accounts (tenant_id, name) values ($1, 'One')", [tenant]);
  await connected(database.adminUrl, async (client) => {
    await client.query('set role service_role');
    const { rows: answers } = await client.query('select public.storage_by_tenant() as counted');
    const of = answers[0]?.counted.tables.filter((table: { rows: object }) => tenant in table.rows);
    assert.equal(of.length > 0, true);
    await client.query('set role authenticated');
    await assert.rejects(client.query('select public.storage_by_tenant()'), { code: '42501' });
  });
});
