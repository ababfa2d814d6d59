// The real schema: a process of this version keeps serving while databases are brought to the next one, and while half of them are.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { provisionDataSource, provisionTenant, SharedBudgets } from '@/lib/data-sources';
import { advanceSchemaRollout, SchemaRolloutStore, startSchemaRollout } from '@/lib/fleet/schema-rollout';
import { migrateTenantData, tenantDataFiles, tenantDataVersion } from '@/lib/tenant-data';
import { giveToOwner } from '../../../support/owner';
import { createTestDatabase } from '../../../support/postgres';
import { createInstallation } from '../../data-sources/installation';
import { withClient } from './small-fleet';

const installation = await createInstallation();
const { operations, application } = installation;
const current = await tenantDataFiles();
const version = await tenantDataVersion();
const next = {
  ...current,
  functions: current.functions.map((file, place) =>
    place < 3 ? { ...file, text: `${file.text}\n-- The next release.\n` } : file,
  ),
  migrations: [
    ...current.migrations,
    {
      path: `${String(version + 1).padStart(4, '0')}_loyalty.sql`,
      text: `alter table public.accounts add loyalty text not null default 'none'; create index on public.accounts (tenant_id, loyalty);`,
    },
    {
      path: `${String(version + 2).padStart(4, '0')}_no_industry.sql`,
      text: '-- phase: contract\nalter table public.accounts drop column industry;',
    },
  ],
};

test('a router of the version before serves databases of both, also while they are migrated', {
  timeout: 120_000,
}, async () => {
  const tenants: string[] = [];
  for (const name of ['north', 'south']) {
    const adminUrl = await giveToOwner(await createTestDatabase('half', 'tenant_data'));
    await withClient(adminUrl, (client) => migrateTenantData(client));
    await provisionDataSource(operations, { name, kind: 'shared', adminUrl });
    tenants.push((await provisionTenant(installation, { name, subdomain: name, dataSource: name })).id);
  }
  // Routers say which version they know, as those of a server do.
  const budgets = await SharedBudgets.join(operations, { connectionsPerServer: 10 });
  after(() => budgets.close());
  assert.deepEqual(
    (await operations.processes.list()).map(({ schemaVersion }) => schemaVersion),
    [version],
  );

  const router = installation.newManager();
  let serving = true;
  let served = 0;
  const serve = async (tenantId: string) => {
    const client = await router.getClientForTenant(tenantId, true);
    for (let n = 0; serving; n += 1) {
      await client
        .from('accounts')
        .insert({ name: `Account ${n}`, industry: 'Events' })
        .throwOnError();
      const { data } = await client.from('accounts').select('*').eq('name', `Account ${n}`).throwOnError();
      assert.equal(data.length, 1);
      served += 1;
    }
  };
  const load = Promise.all(tenants.map(serve));
  load.catch(() => {});
  const parts = { operations, application, files: next };
  const advance = () => advanceSchemaRollout(parts, new AbortController().signal);
  const store = new SchemaRolloutStore(operations.pool);
  const start = (source: string) =>
    startSchemaRollout(parts, { sources: [source], requestedBy: 'test', options: { graceMs: 0 } });

  await start('north');
  assert.equal((await advance())?.waitsFor, '1 process of an older version to end');
  // Half: one database is at the next version, the other is not.
  const before = served;
  const until = async (n: number) => {
    while (served < n) await Promise.race([load, new Promise((resolve) => setTimeout(resolve, 20))]);
  };
  await until(before + 20);
  const started = installation.newManager();
  for (const tenantId of tenants) {
    const client = await started.getClientForTenant(tenantId, true);
    const { data } = await client.from('accounts').select('*').limit(1).throwOnError();
    assert.equal(data[0]?.industry, 'Events');
    assert.equal('loyalty' in (data[0] ?? {}), tenantId === tenants[0]);
  }
  const { id } = await store.get();
  await operations.pool.query(
    "update schema_rollouts set finished_at = now(), step = 'cancelled' where id = $1",
    [id],
  );
  await start('south');
  const half = await advance();
  assert.deepEqual([half?.failed, half?.step], [null, 'waiting']);
  await until(served + 20);
  serving = false;
  await load;
  assert.ok(served > 0);

  // Once no process of this version runs, what only it used is taken away.
  await budgets.close();
  assert.equal((await advance())?.step, 'completed');
  const { rows } = await withClient(
    (await operations.dataSources.credentials((await operations.dataSources.get('south')).id)).adminUrl ?? '',
    (client) =>
      client.query(
        "select attname from pg_attribute where attrelid = 'accounts'::regclass and attname in ('industry', 'loyalty')",
      ),
  );
  assert.deepEqual(
    rows.map(({ attname }) => attname),
    ['loyalty'],
  );
});
