import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect as connectSocket, createServer } from 'node:net';
import { after, test } from 'node:test';
import { DataSourceManager } from '@/lib/data-sources/manager';
import { connect } from '@/lib/data-sources/pool/connect';
import { startTestServer } from '../../support/postgres';
import { until } from '../../support/until';
import { createTenantDatabase, TestDirectory } from './tenant-database';

const managers: DataSourceManager[] = [];
after(() => Promise.all(managers.map((manager) => manager.close())));
const directory = new TestDirectory();
const healthy = await createTenantDatabase();
const well = await directory.place(healthy);
const fragile = await startTestServer({ settings: { max_connections: 20 } });
const database = await createTenantDatabase(fragile.url());
const config = { statementTimeoutMs: 1_500, queueTimeoutMs: 20_000 };
const ill = await directory.place(database, { config });

function newManager(
  settings: { connectionsPerServer?: number; connectTimeoutMs?: number } = {},
): DataSourceManager {
  const manager = new DataSourceManager(async () => ({
    directory,
    verifyAccessToken: () => Promise.reject(new Error('no tokens here')),
    settings: { connectTimeoutMs: 10_000, ...settings },
  }));
  managers.push(manager);
  return manager;
}

const code = (expected: string) => (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === expected;
const ask = (manager: DataSourceManager, tenantId: string, text = 'select 1', signal?: AbortSignal) =>
  manager.execute(tenantId, { text, values: [] }, { readOnly: true, signal });

test('a statement over its time is cancelled on the server, and the connection goes on', async () => {
  const manager = newManager({ connectionsPerServer: 1 });
  await assert.rejects(ask(manager, ill, 'select pg_sleep(20)'), code('data_source_timeout'));
  const { rows } = await database.sql(
    "select 1 from pg_stat_activity where query like '%pg_sleep(20)%' and state = 'active' and pid <> pg_backend_pid()",
  );
  assert.equal(rows.length, 0);
  assert.deepEqual(await ask(manager, ill), [['1']]);
});

test('a client that goes away takes its query with it', async () => {
  const manager = newManager({ connectionsPerServer: 1 });
  const controller = new AbortController();
  const running = ask(manager, well, 'select pg_sleep(21)', controller.signal);
  const isRunning = async () => {
    const { rows } = await healthy.sql(
      "select 1 from pg_stat_activity where query like '%pg_sleep(21)%' and state = 'active' and pid <> pg_backend_pid()",
    );
    return rows.length > 0;
  };
  await until(isRunning);
  controller.abort(new Error('hung up'));
  await assert.rejects(running, /hung up/);
  assert.equal(await isRunning(), false);
  assert.deepEqual(await ask(manager, well), [['1']]);
});

test('aborting an interactive transaction cancels it and rolls it back', async () => {
  const manager = newManager({ connectionsPerServer: 1 });
  const controller = new AbortController();
  const work = manager.withTenantTransaction(
    well,
    async (transaction) => {
      await transaction.query("insert into accounts (name) values ('never')");
      await transaction.query('select pg_sleep(22)');
    },
    { signal: controller.signal },
  );
  setTimeout(() => controller.abort(new Error('hung up')), 100);
  await assert.rejects(work, /hung up/);
  assert.deepEqual(await ask(manager, well, "select count(*) from accounts where name = 'never'"), [['0']]);
});

test('a frozen server costs its own tenants bounded time, and other tenants none', async (t) => {
  const fresh = newManager({ connectTimeoutMs: 400 });
  // Connected by now, however long that takes on this machine.
  await until(() => ask(fresh, well), 'a connection', { retry: true });
  await fragile.kill('SIGSTOP');
  // The postmaster is stopped: it accepts no new connection. Backends are processes of their own and go on.
  t.after(() => fragile.kill('SIGCONT'));
  await assert.rejects(ask(fresh, ill), code('data_source_timeout'));
  for (let n = 0; n < 50; n += 1) await ask(fresh, well);
  for (let n = 0; n < 3; n += 1) await ask(fresh, ill).catch(() => {});
  await assert.rejects(ask(fresh, ill), code('data_source_circuit_open'));
  await fragile.kill('SIGCONT');
  await until(() => ask(fresh, ill), 'the source to be used again', { retry: true });
});

test('a server at max_connections is a typed error, and heals', async () => {
  const manager = newManager({ connectionsPerServer: 40 });
  const patient = await directory.place(database, { config: { queueTimeoutMs: 60_000 } });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 40 }, () => manager.execute(patient, { text: 'select pg_sleep(0.1)', values: [] })),
  );
  const failures = outcomes.filter((outcome) => outcome.status === 'rejected');
  // Existing connections serve the queries that wait. A failed connection attempt fails none of them.
  assert.equal(failures.length, 0, String(failures[0]?.reason));
  assert.deepEqual(await ask(manager, ill), [['1']]);
  await manager.close();
  const crowded = newManager();
  const takeAll = Array.from({ length: 24 }, () =>
    connect({ url: fragile.url(), name: 'x', timeoutMs: 30_000 }).catch(() => undefined),
  );
  const full = await Promise.all(takeAll);
  await assert.rejects(ask(crowded, ill), code('data_source_out_of_connections'));
  await Promise.all(full.map((client) => client?.end()));
  assert.deepEqual(await until(() => ask(crowded, ill), 'an answer', { retry: true }), [['1']]);
});

test('a server that is restarted is found again', async () => {
  const manager = newManager();
  await ask(manager, ill);
  await fragile.stop();
  await assert.rejects(ask(manager, ill));
  await fragile.start();
  assert.deepEqual(await until(() => ask(manager, ill), 'an answer', { retry: true }), [['1']]);
});

test('a database that accepts and never answers is given up, and its queue with it', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = silent.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const tenant = randomUUID();
  const dataSourceId = randomUUID();
  directory.placements.set(tenant, { ...directory.placements.get(well)!, tenantId: tenant, dataSourceId });
  const url = `postgresql://u:p@127.0.0.1:${port}/d`;
  directory.credentialsByTenant.set(tenant, {
    dataSourceId,
    engine: 'postgresql',
    url,
    anonKey: null,
    serviceKey: null,
  });
  const manager = newManager({ connectTimeoutMs: 400 });
  const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => ask(manager, tenant)));
  assert.ok(outcomes.every(({ status }) => status === 'rejected'));
  silent.close();
});

test('a write whose answer is lost is done once, and its caller hears that the outcome is unknown', async () => {
  let swallow = '';
  // Passes everything on, until a statement with the word in `swallow` was sent: its answer never arrives.
  const target = new URL(healthy.routerUrl);
  const between = createServer((socket) => {
    const server = connectSocket(Number(target.port), target.hostname);
    socket.on('error', () => {}).on('close', () => server.end());
    server.on('error', () => {}).on('close', () => socket.destroy());
    socket.on('data', (chunk) => {
      server.write(chunk);
      if (swallow && chunk.includes(swallow))
        server.removeAllListeners('data').once('data', () => socket.destroy());
    });
    server.on('data', (chunk) => socket.write(chunk));
  }).listen(0, '127.0.0.1');
  await once(between, 'listening');
  after(() => between.close());
  const { port } = between.address() as AddressInfo;
  const tenant = await directory.place({
    ...healthy,
    id: randomUUID(),
    routerUrl: healthy.routerUrl.replace(target.host, `127.0.0.1:${port}`),
  });
  const manager = newManager();
  const count = async (name: string) =>
    Number((await ask(manager, tenant, `select count(*) from accounts where name = '${name}'`)).flat()[0]);
  const ways: Record<string, (text: string) => Promise<unknown>> = {
    execute: (text) => manager.execute(tenant, { text, values: [] }),
    transaction: (text) => manager.withTenantTransaction(tenant, (transaction) => transaction.query(text)),
    request: async (text) => {
      const [, name] = /values \('(.*)'\)/.exec(text) ?? [];
      const client = await manager.getClientForTenant(tenant, true);
      const { error } = await client.from('accounts').insert({ name: name as string });
      if (error) throw Object.assign(new Error(error.message), { code: error.code });
    },
  };
  for (const [way, write] of Object.entries(ways)) {
    // The connection is in use, so that the loss is not one of a connection that was closed while idle.
    await count('warm');
    const name = `lost-${way}`;
    swallow = name;
    const written = write(`insert into accounts (name) values ('${name}')`);
    await assert.rejects(
      written,
      way === 'transaction' ? code('data_source_connection_lost') : code('outcome_unknown'),
      way,
    );
    swallow = '';
    const rows = await count(name);
    assert.ok(way === 'transaction' ? rows === 0 : rows === 1, `${way}: ${rows} rows`);
  }
});

test('a tenant that is deleted while its requests run is unknown afterwards', async () => {
  const manager = newManager();
  const tenant = await directory.place(healthy);
  const running = ask(manager, tenant, 'select pg_sleep(0.9)');
  await until(async () => {
    const { rows } = await healthy.sql(
      "select 1 from pg_stat_activity where query like '%pg_sleep(0.9)%' and state = 'active' and pid <> pg_backend_pid()",
    );
    return rows.length > 0;
  }, 'the request to run');
  directory.placements.delete(tenant);
  directory.notify(tenant, '1');
  await running;
  await assert.rejects(ask(manager, tenant), code('tenant_unknown'));
});

test('requests that deadlock are both done, each once', async () => {
  const manager = newManager();
  const tenant = await directory.place(healthy);
  await healthy.sql(`create function public.rename_both(first uuid, second uuid) returns void language plpgsql as $$ begin
      update accounts set name = name || '!' where id = first;
      perform pg_sleep(0.2);
      update accounts set name = name || '!' where id = second;
    end $$;
    grant execute on function public.rename_both(uuid, uuid) to tenant_service`);
  const client = await manager.getClientForTenant(tenant, true);
  const { data } = await client
    .from('accounts')
    .insert([{ name: 'a' }, { name: 'b' }])
    .select('id');
  const [first, second] = (data ?? []).map(({ id }) => id);
  const call = (ids: object) => client.rpc('rename_both' as never, ids as never);
  const answers = await Promise.all([call({ first, second }), call({ first: second, second: first })]);
  assert.deepEqual(
    answers.map(({ error }) => error),
    [null, null],
  );
  const { data: names } = await client.from('accounts').select('name').order('name');
  assert.deepEqual(names, [{ name: 'a!!' }, { name: 'b!!' }]);
});
