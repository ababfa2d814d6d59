// Reads at a real standby: how old they may be, what a token guarantees, and who decides about the route.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial } from 'node:net';
import { after, afterEach, test } from 'node:test';
import pg from 'pg';
import {
  addReplica,
  directoryOf,
  provisionDataSource,
  provisionTenant,
  removeReplica,
  type ServedBy,
  tokenVerifier,
} from '@/lib/data-sources';
import { DataSourceManager } from '@/lib/data-sources/manager';
import { administer, createTestDatabase, startTestServer } from '../../../../support/postgres';
import { until } from '../../../../support/until';
import { createInstallation, moveEmptyTenant } from '../../installation';

const primary = await startTestServer({ settings: { wal_keep_size: '64MB' } });
const installation = await createInstallation();
const databaseUrl = await createTestDatabase('tenants', undefined, primary.url());
await provisionDataSource(installation.operations, {
  ...{ name: 'main', kind: 'shared', adminUrl: databaseUrl, region: 'eu' },
});
const { id: tenantId } = await provisionTenant(installation, {
  ...{ name: 'Near', subdomain: 'near', dataSource: 'main' },
});
const replica = await startTestServer({ replicaOf: primary, settings: { max_standby_streaming_delay: 0 } });
await addReplica(installation, 'main', { host: { host: '127.0.0.1', port: replica.port } });
const otherUrl = await createTestDatabase('tenants', 'tenant_data');
await provisionDataSource(installation.operations, { name: 'other', kind: 'shared', adminUrl: otherUrl });
const manager = installation.newManager();

// So that one failure does not make others.
afterEach(() => resume().catch(() => {}));

/** What the replica replays from now on waits until `resume`. */
async function pause(): Promise<void> {
  await administer(replica.url(), 'select pg_wal_replay_pause()');
  await until(async () => {
    const { rows } = await administer(replica.url(), 'select pg_get_wal_replay_pause_state() as state');
    return rows[0]?.state === 'paused';
  });
}

const resume = () => administer(replica.url(), 'select pg_wal_replay_resume()');

async function add(name: string): Promise<void> {
  const client = await manager.getClientForTenant(tenantId, true);
  await client.from('accounts').insert({ name }).throwOnError();
}

interface Wish {
  maxLagMs: number;
  readToken?: string | undefined;
  afterWrites?: boolean;
}

async function read(wish: Wish, by = manager) {
  const served: ServedBy[] = [];
  const options = { readOnly: true, served: (one: ServedBy) => served.push(one), ...wish };
  const client = await by.getClientForTenant(tenantId, true, options as never);
  const { data } = await client.from('accounts').select('name').order('name').throwOnError();
  assert.equal(served.length, 1);
  const [{ replica: answered, asOf } = {} as ServedBy] = served;
  return { names: data.map(({ name }) => name), replica: answered, asOf };
}

/** The replica has replayed everything. */
async function caughtUp(): Promise<void> {
  const { rows } = await administer(
    primary.url(),
    "select pg_logical_emit_message(false, 'test', '')::text as lsn",
  );
  await until(async () => {
    const { rows: seen } = await administer(
      replica.url(),
      'select pg_last_wal_replay_lsn() >= $1::pg_lsn as done',
      [rows[0]?.lsn],
    );
    return seen[0]?.done;
  });
}

const deafManagers: DataSourceManager[] = [];
after(() => Promise.all(deafManagers.map((deaf) => deaf.close())));

/** A manager that does not hear of changes, so that its routes stay as they were, and whose directory can be cut off. */
function deafManager() {
  const directory = directoryOf(installation.application);
  const cut = { off: false };
  const deaf = new DataSourceManager(async () => ({
    directory: {
      ...directory,
      listen: async () => ({ close: async () => {} }),
      placement: (id) => (cut.off ? Promise.reject(new Error('cut off')) : directory.placement(id)),
    },
    verifyAccessToken: tokenVerifier(installation.tokens),
  }));
  deafManagers.push(deaf);
  return { deaf, cut };
}

test('a client that only reads is answered by the replica, and is told as of when', async () => {
  await add('First');
  await caughtUp();
  const began = Date.now();
  const { names, replica: by, asOf } = await read({ maxLagMs: 60_000 });
  assert.deepEqual(names, ['First']);
  assert.ok(by);
  assert.ok(asOf.getTime() <= Date.now() && asOf.getTime() >= began - 60_000);
});

test('what would write is refused by a client that only reads', async () => {
  const client = await manager.getClientForTenant(tenantId, true, { readOnly: true });
  const { error } = await client.from('accounts').insert({ name: 'Never' });
  assert.equal(error?.code, 'client_read_only');
});

test('a transaction that only reads runs at the replica', async () => {
  const served: ServedBy[] = [];
  const options = { readOnly: true, maxLagMs: 60_000, served: (by: ServedBy) => served.push(by) };
  const standby = await manager.withTenantTransaction(
    tenantId,
    async (transaction) =>
      (await transaction.query('select pg_is_in_recovery() as standby')).rows[0]?.standby,
    options,
  );
  assert.deepEqual([standby, served[0]?.replica !== undefined], [true, true]);
});

test('a replica that lags answers what may be so old; newer reads, and reads after one’s own writes, go to the primary', async () => {
  await pause();
  await add('Second');
  const readToken = await manager.readToken(tenantId);
  const old = await read({ maxLagMs: 60_000 });
  assert.deepEqual([old.names, old.replica !== undefined], [['First'], true]);
  for (const wish of [
    { maxLagMs: 0 },
    { maxLagMs: 60_000, readToken },
    { maxLagMs: 60_000, afterWrites: true },
  ]) {
    const { names, replica: by } = await read(wish);
    assert.deepEqual([names, by], [['First', 'Second'], undefined]);
  }
  await resume();
  await caughtUp();
  const now = await read({ maxLagMs: 60_000, readToken, afterWrites: true });
  assert.deepEqual([now.names, now.replica !== undefined], [['First', 'Second'], true]);
});

test('a replica that has lost its primary, and reports no lag, is as old as what it has replayed', async () => {
  await caughtUp();
  const { rows: former } = await administer(replica.url(), 'show primary_conninfo');
  const follow = async (conninfo: string) => {
    await administer(
      replica.url(),
      `alter system set primary_conninfo = '${conninfo.replaceAll("'", "''")}'`,
    );
    await administer(replica.url(), 'select pg_reload_conf()');
  };
  await follow('');
  await until(
    async () => (await administer(replica.url(), 'select from pg_stat_wal_receiver')).rowCount === 0,
  );
  await add('Unheard');
  const { rows: lag } = await administer(
    replica.url(),
    'select pg_last_wal_receive_lsn() - pg_last_wal_replay_lsn() as bytes',
  );
  assert.equal(Number(lag[0]?.bytes), 0, 'by its own account it has everything');
  const since = Date.now();
  // It answers until its last change is a second old, and not after that.
  await until(async () => (await read({ maxLagMs: 1_000 })).replica === undefined);
  assert.ok((await read({ maxLagMs: 1_000 })).names.includes('Unheard'));
  const old = await read({ maxLagMs: 600_000 });
  assert.deepEqual([old.names.includes('Unheard'), old.replica !== undefined], [false, true]);
  assert.ok(old.asOf.getTime() <= since, 'and says as of when');
  await follow(String(former[0]?.primary_conninfo));
  await caughtUp();
  await administer(databaseUrl, "delete from accounts where name = 'Unheard'");
});

test('a token that is none is refused', async () => {
  await assert.rejects(
    manager.getClientForTenant(tenantId, true, { readOnly: true, readToken: 'soon' }),
    (error: { code?: string }) => error.code === 'read_token_invalid',
  );
});

test('of two replicas the one in the process’s own region answers', async () => {
  const near = installation.newManager({ region: 'eu' });
  const [known] = await installation.application.tenants.replicas(tenantId);
  assert.ok(known);
  const far = { ...known, id: '00000000-0000-4000-8000-000000000001', region: 'us' };
  await installation.application.tenants.setReplicas(tenantId, [far, known]);
  let region: string | undefined;
  // A read does not wait for replicas that have not said yet how old they are.
  await until(async () => {
    region = (await read({ maxLagMs: 60_000 }, near)).replica?.region ?? undefined;
    return region !== undefined;
  });
  assert.equal(region, 'eu');
  await installation.application.tenants.setReplicas(tenantId, [known]);
});

test('a server that is no standby of the source is not registered, and not read from where it is', async () => {
  await assert.rejects(
    addReplica(installation, 'main', { host: { host: '127.0.0.1', port: primary.port } }),
    (error: { code?: string }) => error.code === 'replica_refused',
  );
  const known = await installation.application.tenants.replicas(tenantId);
  const url = `postgresql://127.0.0.1:${primary.port}/`;
  await installation.application.tenants.setReplicas(tenantId, [{ ...known[0], url } as never]);
  assert.equal((await read({ maxLagMs: 60_000 }, installation.newManager())).replica, undefined);
  await installation.application.tenants.setReplicas(tenantId, known);
});

test('a read that the replica cancels for what the primary does is answered by the primary', async () => {
  await caughtUp();
  const text = `select count(*)::text, case when pg_is_in_recovery() then pg_sleep(60)::text else 'primary' end from accounts`;
  const reading = manager.execute(tenantId, { text, values: [] }, { readOnly: true, maxLagMs: 60_000 });
  await until(async () => {
    const { rows } = await administer(
      replica.url(),
      "select count(*)::int as n from pg_stat_activity where wait_event = 'PgSleep'",
    );
    return rows[0]?.n === 1;
  });
  await add('Short-lived');
  await administer(databaseUrl, "delete from accounts where name = 'Short-lived'");
  await administer(databaseUrl, 'vacuum accounts');
  assert.deepEqual(await reading, [['2', 'primary']]);
});

test('long fork: the replica and the primary show two writes in different orders, so no write is decided by a replica', async () => {
  await administer(primary.url(), "alter system set synchronous_standby_names = 'missing'");
  await administer(primary.url(), 'select pg_reload_conf()');
  const waiting = new pg.Client({ connectionString: databaseUrl });
  waiting.on('error', () => {});
  await waiting.connect();
  try {
    const insert = (name: string) =>
      `insert into accounts (tenant_id, name) values ('${tenantId}', '${name}')`;
    await waiting.query('set synchronous_commit = on');
    // Committed in the log, and not shown by the primary until a synchronous standby has confirmed it.
    const first = waiting.query(insert('Fork 1')).catch(() => {});
    await until(async () => (await read({ maxLagMs: 60_000 })).names.includes('Fork 1'));
    await pause();
    await administer(databaseUrl, `set synchronous_commit = local; ${insert('Fork 2')}`);
    const forks = (names: string[]) => names.filter((name) => name.startsWith('Fork'));
    assert.deepEqual(forks((await read({ maxLagMs: 60_000 })).names), ['Fork 1']);
    assert.deepEqual(forks((await read({ maxLagMs: 0 })).names), ['Fork 2']);
    await administer(primary.url(), "alter system set synchronous_standby_names = ''");
    await administer(primary.url(), 'select pg_reload_conf()');
    await first;
  } finally {
    await waiting.end();
    await resume();
  }
});

test('while the directory cannot be read, the primary answers: a replica’s fence may be out of date', async () => {
  await caughtUp();
  const { deaf, cut } = deafManager();
  assert.ok((await read({ maxLagMs: 60_000 }, deaf)).replica);
  cut.off = true;
  assert.equal((await read({ maxLagMs: 60_000 }, deaf)).replica, undefined);
});

/** A manager that hears of changes when the test says so, and what a tenant's read is answered by there. */
function listener(more: Partial<ReturnType<typeof directoryOf>> = {}) {
  let hear: (tenantId?: string) => void = () => {};
  const listening = new DataSourceManager(async () => ({
    directory: {
      ...directoryOf(installation.application),
      listen: async (heard) => {
        hear = heard;
        return { close: async () => {} };
      },
      ...more,
    },
    verifyAccessToken: tokenVerifier(installation.tokens),
  }));
  deafManagers.push(listening);
  const answeredBy = async (id: string) => {
    const served: ServedBy[] = [];
    const options = { readOnly: true, maxLagMs: 60_000, served: (one: ServedBy) => served.push(one) };
    const client = await listening.getClientForTenant(id, true, options as never);
    await client.from('accounts').select('name').throwOnError();
    return served[0]?.replica;
  };
  return { answeredBy, hear: (id: string) => hear(id) };
}

const host = { host: '127.0.0.1', port: replica.port };
let provisioned = 0;

async function tenantOfMain(): Promise<string> {
  provisioned += 1;
  const subdomain = `guest-${provisioned}`;
  return (await provisionTenant(installation, { name: subdomain, subdomain, dataSource: 'main' })).id;
}

test('a replica that was removed answers no tenant, also if the tenant that read last has moved away', async () => {
  const [one, other] = [await tenantOfMain(), await tenantOfMain()];
  await caughtUp();
  const { answeredBy, hear } = listener();
  // The primary answers at first where the machine is busy.
  for (const id of [one, other, one]) await until(() => answeredBy(id));
  await moveEmptyTenant(installation, one, 'other');
  hear(one);
  await removeReplica(installation, 'main', host);
  hear(other);
  assert.equal(await answeredBy(other), undefined);
  await addReplica(installation, 'main', { host });
});

test('a replica that was removed answers no tenant, also if no tenant’s route was known at that moment', async () => {
  const id = await tenantOfMain();
  await caughtUp();
  const { answeredBy, hear } = listener();
  await until(() => answeredBy(id));
  hear(id);
  await removeReplica(installation, 'main', host);
  hear(id);
  assert.equal(await answeredBy(id), undefined);
  await addReplica(installation, 'main', { host });
});

test('the replicas of a source are never those of another one, to which a tenant moves while they are read', async () => {
  const [leaving, staying] = [await tenantOfMain(), await tenantOfMain()];
  await caughtUp();
  const { replicas } = directoryOf(installation.application);
  const { answeredBy } = listener({
    async replicas(id) {
      if (id === leaving && (await installation.application.tenants.get(id)).routeEpoch === '1')
        await moveEmptyTenant(installation, leaving, 'other');
      return (await replicas?.(id)) ?? [];
    },
  });
  assert.equal(await answeredBy(leaving), undefined);
  assert.ok(await answeredBy(staying));
});

test('the replica of a former source does not answer for a tenant that has moved, though its fence is open there', async () => {
  const { deaf } = deafManager();
  await caughtUp();
  assert.ok((await read({ maxLagMs: 60_000 }, deaf)).replica);
  await pause();
  await moveEmptyTenant(installation, tenantId, 'other');
  const { rows } = await administer(
    `${replica.url(new URL(databaseUrl).pathname.slice(1))}`,
    'select state from tenancy.fence where tenant_id = $1',
    [tenantId],
  );
  assert.deepEqual(rows, [{ state: 'open' }]);
  const { names, replica: by } = await read({ maxLagMs: 60_000 }, deaf);
  assert.deepEqual([names, by], [[], undefined]);
  await resume();
});

test('where the host of a source led to a standby, its sessions are not used once it leads to the primary', async () => {
  const id = await tenantOfMain();
  await caughtUp();
  let port = replica.port;
  const proxy = createServer((socket) => {
    const server = dial(port, '127.0.0.1');
    socket.pipe(server).pipe(socket);
    for (const one of [socket, server]) one.on('error', () => {});
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  after(() => proxy.close());
  const directory = directoryOf(installation.application);
  const credentials: typeof directory.credentials = async (of) => {
    const known = await directory.credentials(of);
    const url = new URL(known?.url ?? '');
    url.port = String((proxy.address() as AddressInfo).port);
    return known && { ...known, url: url.toString() };
  };
  const request = async (by: DataSourceManager) => {
    const client = await by.getClientForTenant(id, true);
    await client.from('accounts').insert({ name: 'Written' }).throwOnError();
  };
  const transaction = (by: DataSourceManager) =>
    by.withTenantTransaction(id, ({ query }) => query("insert into accounts (name) values ('Written')"));
  for (const write of [request, transaction]) {
    port = replica.port;
    const byName = new DataSourceManager(async () => ({
      directory: { ...directory, credentials },
      verifyAccessToken: tokenVerifier(installation.tokens),
    }));
    deafManagers.push(byName);
    await assert.rejects(write(byName), { code: 'data_source_no_primary' });
    // Opens a session with the standby again.
    await byName.execute(id, { text: 'select 1', values: [] }, { readOnly: true });
    port = primary.port;
    // Sessions are replaced once a second at most.
    await until(() => write(byName).then(() => true), 'a write at the primary', {
      retry: true,
      limitMs: 5_000,
    });
  }
});

test('while the replica is away the primary answers', async () => {
  await moveEmptyTenant(installation, tenantId, 'main');
  await replica.kill('SIGQUIT');
  const { names, replica: by } = await read({ maxLagMs: 60_000 });
  assert.ok(names.includes('First'));
  assert.equal(by, undefined);
});
