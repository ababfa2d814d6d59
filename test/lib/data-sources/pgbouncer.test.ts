// Through PgBouncer in transaction mode: Debian's package `pgbouncer`, which CI installs. Without it there is nothing to test.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { connect } from '@/lib/data-sources/connect';
import { DataSourceManager } from '@/lib/data-sources/manager';
import { freePort } from '@/lib/embedded';
import { createTenantDatabase, TestDirectory } from './tenant-database';

const BINARY = '/usr/sbin/pgbouncer';
const installed = existsSync(BINARY);
const reason = installed ? false : 'pgbouncer is not installed (apt-get install pgbouncer)';

let pooler: ChildProcess | undefined;
let manager: DataSourceManager | undefined;
after(async () => {
  await manager?.close();
  pooler?.kill('SIGKILL');
});

/** PgBouncer in front of a database's server; answers the router's URL through it. */
async function startPooler(routerUrl: string): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'marquee-pgbouncer-'));
  after(() => rm(directory, { recursive: true, force: true }));
  await chmod(directory, 0o755);
  const { hostname, port, username, password } = new URL(routerUrl);
  const listening = await freePort();
  const users = path.join(directory, 'users.txt');
  const configuration = path.join(directory, 'pgbouncer.ini');
  await writeFile(users, `"${username}" "${password}"\n`);
  await writeFile(
    configuration,
    `[databases]
* = host=${hostname} port=${port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listening}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = transaction
default_pool_size = 2
`,
  );
  const asUser = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  pooler = spawn(BINARY, [configuration], { stdio: 'ignore', ...asUser });
  const url = new URL(routerUrl);
  url.port = String(listening);
  for (let tries = 0; tries < 100; tries += 1) {
    const client = await connect({ url: url.toString(), name: 'pooler', timeoutMs: 500 }).catch(
      () => undefined,
    );
    await client?.end();
    if (client) return url.toString();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('PgBouncer did not start.');
}

test('many clients over two server connections: each statement in its own tenant', {
  skip: reason,
}, async () => {
  const directory = new TestDirectory();
  const database = await createTenantDatabase();
  const url = await startPooler(database.routerUrl);
  const tenants: string[] = [];
  for (let n = 0; n < 6; n += 1) {
    const tenant = await directory.place(database, { config: { prepare: false } });
    const credentials = directory.credentialsByTenant.get(tenant)!;
    directory.credentialsByTenant.set(tenant, { ...credentials, url });
    tenants.push(tenant);
  }
  manager = new DataSourceManager(async () => ({
    directory,
    verifyAccessToken: () => Promise.reject(new Error('no tokens here')),
    settings: { connectionsPerServer: 12 },
  }));
  const routed = manager;
  await Promise.all(
    Array.from({ length: 300 }, async (_, index) => {
      const tenant = tenants[index % tenants.length] ?? '';
      const statement = { text: 'select tenancy.current_tenant(), $1::int', values: [index], name: 'who' };
      assert.deepEqual(await routed.execute(tenant, statement), [[tenant, String(index)]]);
    }),
  );
  for (const tenant of tenants) {
    const client = await routed.getClientForTenant(tenant, true);
    await client.from('accounts').insert({ name: tenant });
    const { data } = await client.from('accounts').select('name');
    assert.deepEqual(data, [{ name: tenant }]);
    await routed.withTenantTransaction(tenant, async (transaction) => {
      await transaction.query('update accounts set notes = $1', ['seen']);
    });
  }
  const { rows } = await database.sql(
    'select count(distinct pid)::int as n from pg_stat_activity where usename = $1',
    [database.logins.router.name],
  );
  assert.ok(rows[0]?.n <= 2);
});
