// Through PgBouncer: Debian's package `pgbouncer`, which CI installs. Without it there is nothing to test.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, test } from 'node:test';
import { testConnection } from '@/lib/data-sources';
import { DataSourceManager } from '@/lib/data-sources/manager';
import { createTenantDatabase, type TenantDatabase, TestDirectory } from '../tenant-database';
import { BINARY, reason, startPooler } from './pooler';

const managers: DataSourceManager[] = [];
after(async () => {
  for (const manager of managers) await manager.close();
});

function newManager(directory: TestDirectory, connectionsPerServer: number): DataSourceManager {
  const manager = new DataSourceManager(async () => ({
    directory,
    verifyAccessToken: () => Promise.reject(new Error('no tokens here')),
    settings: { connectionsPerServer },
  }));
  managers.push(manager);
  return manager;
}

/** Places tenants on a database behind a pooler. */
async function placeBehind(
  directory: TestDirectory,
  database: TenantDatabase,
  url: string,
  count: number,
  config: Record<string, unknown>,
): Promise<string[]> {
  const tenants: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const tenant = await directory.place(database, { config });
    const credentials = directory.credentialsByTenant.get(tenant)!;
    directory.credentialsByTenant.set(tenant, { ...credentials, url });
    tenants.push(tenant);
  }
  return tenants;
}

/** Debian 12's PgBouncer is older than the option. */
const tracksPrepared =
  !reason && Number(/1\.(\d+)/.exec(execFileSync(BINARY, ['--version'], { encoding: 'utf8' }))?.[1]) >= 21;

for (const [name, mode, more, config, connections] of [
  ['transaction mode', 'transaction', '', {}, 12],
  [
    'transaction mode that drops startup options',
    'transaction',
    'ignore_startup_parameters = options',
    {},
    12,
  ],
  ...(tracksPrepared
    ? ([
        [
          'transaction mode that tracks statements',
          'transaction',
          'max_prepared_statements = 100',
          { prepare: true },
          12,
        ],
      ] as const)
    : []),
  ['session mode', 'session', '', {}, 4],
] as const) {
  test(`${name}: each statement in its own tenant, each session clean`, {
    skip: reason,
  }, async () => {
    const directory = new TestDirectory();
    const database = await createTenantDatabase();
    const url = await startPooler(database.routerUrl, mode, more);
    const tested = await testConnection({ kind: 'postgres', url });
    assert.ok(tested.ok);
    assert.equal(tested.checks.find((check) => check.name === 'pooler')?.outcome, 'warning');
    const tenants = await placeBehind(directory, database, url, 6, config);
    const manager = newManager(directory, connections);
    await Promise.all(
      Array.from({ length: 120 }, async (_, index) => {
        const tenant = tenants[index % tenants.length] ?? '';
        const statement = { text: 'select tenancy.current_tenant(), $1::int', values: [index], name: 'who' };
        assert.deepEqual(await manager.execute(tenant, statement), [[tenant, String(index)]]);
      }),
    );
    for (const tenant of tenants) {
      const client = await manager.getClientForTenant(tenant, true);
      await client.from('accounts').insert({ name: tenant });
      const { data } = await client.from('accounts').select('name');
      assert.deepEqual(data, [{ name: tenant }]);
      await manager.withTenantTransaction(tenant, async (transaction) => {
        await transaction.query('update accounts set notes = $1', ['seen']);
      });
    }
    await leaveTraces(manager, tenants);
    const { rows } = await database.sql(
      `select count(distinct a.pid)::int as sessions, count(l.pid)::int as locks from pg_stat_activity a
       left join pg_locks l on l.pid = a.pid and l.locktype = 'advisory' where a.usename = $1`,
      [database.logins.router.name],
    );
    assert.ok(rows[0]?.sessions <= (mode === 'session' ? 4 : 2));
    assert.equal(rows[0]?.locks, 0);
  });
}

/** Some tenants leave what they can, in statements that succeed and that fail; another looks, all the while. */
async function leaveTraces(manager: DataSourceManager, tenants: readonly string[]): Promise<void> {
  const [looking = '', ...dirty] = tenants;
  const traces = [
    "select set_config('default_transaction_read_only', 'on', false)",
    "select set_config('role', 'tenant_service', false)",
    'select pg_advisory_lock(42)',
    'select pg_advisory_lock(42), 1/0',
    'select 1 as planted into/**/temp accounts',
  ];
  const inTransaction = [
    'set role tenant_service',
    'prepare planted as select 1',
    'listen planted',
    'commit',
  ];
  const look = async () => {
    const [row] = await manager.execute(looking, {
      text: `select (select count(*) from accounts), current_setting('default_transaction_read_only'),
        (select count(*) from pg_prepared_statements where from_sql), (select count(*) from pg_listening_channels())`,
      values: [],
    });
    assert.deepEqual(row, ['1', 'off', '0', '0']);
    await manager.execute(looking, { text: 'update accounts set notes = $1', values: ['still'] });
  };
  for (const text of [...traces, ...inTransaction]) {
    const asked = dirty.flatMap((tenant) => [
      traces.includes(text) ? manager.execute(tenant, { text, values: [] }) : Promise.resolve(),
      manager.withTenantTransaction(tenant, async ({ query }) => {
        await query("select set_config('role', 'tenant_service', false)");
        await query(text);
      }),
    ]);
    await Promise.all([Promise.allSettled(asked), look(), look()]);
  }
  await look();
}
