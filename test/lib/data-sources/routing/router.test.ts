import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { Registry } from '@prometheus-io/client';
import type { TenantStatus } from '@/lib/application';
import { DataSourceError } from '@/lib/data-sources/errors';
import { DataSourceManager } from '@/lib/data-sources/manager';
import { until } from '../../../support/until';
import { createTenantDatabase, TestDirectory } from '../tenant-database';

const managers: DataSourceManager[] = [];
after(() => Promise.all(managers.map((manager) => manager.close())));
const directory = new TestDirectory();
const shared = await createTenantDatabase();
const other = await createTenantDatabase();
const a = await directory.place(shared);
const b = await directory.place(shared, { idInDataSource: randomUUID() });

function newManager(moveWaitMs = 30_000): DataSourceManager {
  const manager = new DataSourceManager(async () => ({
    directory,
    verifyAccessToken: async () => {
      throw new Error('no tokens here');
    },
    settings: { moveWaitMs },
  }));
  managers.push(manager);
  return manager;
}
const manager = newManager();

const code = (expected: string) => (error: unknown) =>
  error instanceof DataSourceError && error.code === expected;

async function context(tenantId: string, through = manager): Promise<Record<string, unknown>> {
  return through.withTenantTransaction(tenantId, async (transaction) => {
    const { rows } = await transaction.query(
      `select current_user as role, session_user as login, tenancy.current_tenant() as tenant,
              current_database() as database`,
    );
    return rows[0] ?? {};
  });
}

test('a transaction runs in the tenant’s context, and the connection keeps none of it', async () => {
  for (const [tenantId, inDataSource] of [
    [a, a],
    [b, directory.placements.get(b)?.tenantIdInDataSource],
    [a, a],
  ] as const) {
    const seen = await context(tenantId);
    assert.equal(seen.role, 'tenant_service');
    assert.equal(seen.tenant, inDataSource);
    assert.equal(seen.login, shared.logins.router.name);
  }
});

test('10,000 requests at once for one unknown tenant make one lookup', async () => {
  const before = directory.lookups;
  const unknown = randomUUID();
  const outcomes = await Promise.allSettled(Array.from({ length: 10_000 }, () => manager.route(unknown)));
  assert.ok(
    outcomes.every((outcome) => outcome.status === 'rejected' && code('tenant_unknown')(outcome.reason)),
  );
  assert.equal(directory.lookups - before, 1);
  await assert.rejects(manager.route(unknown), code('tenant_unknown'));
  assert.equal(directory.lookups - before, 1);
  await directory.place(shared, { id: unknown });
  directory.notify(unknown, '1');
  assert.equal((await manager.route(unknown)).tenantId, unknown);
});

test('a tenant that may not be used is refused by its own code', async () => {
  const expect = async (status: TenantStatus, expected: string) => {
    const id = await directory.place(shared, { status });
    await assert.rejects(manager.getClientForTenant(id, true), code(expected));
  };
  await expect('suspended', 'tenant_suspended');
  await expect('provisioning', 'tenant_provisioning');
  await expect('archived', 'tenant_unavailable');
  await assert.rejects(
    manager.getClientForTenant("'; drop table tenants; --", true),
    code('tenant_id_invalid'),
  );
  await assert.rejects(manager.getClientForTenant(a), code('access_token_required'));
  await assert.rejects(
    manager.getClientForTenant(a, false, { accessToken: 'x' }),
    code('access_token_invalid'),
  );
});

test('the id of a tenant may be written in upper case', async () => {
  assert.equal((await manager.route(a.toUpperCase())).tenantId, a);
  assert.equal((await context(a.toUpperCase())).tenant, a);
});

test('a stale epoch is refused by the database, and healed without the caller noticing', async () => {
  const tenant = await directory.place(shared, { epoch: 4 });
  await context(tenant);
  // A change whose NOTIFY never arrives.
  await shared.sql('select tenancy.open_fence($1, 5)', [tenant]);
  directory.placements.set(tenant, { ...directory.placements.get(tenant)!, epoch: '5' });
  assert.equal((await context(tenant)).tenant, tenant);
  assert.equal((await manager.route(tenant)).epoch, '5');
});

test('a tenant that moved is found at its new place, even when the NOTIFY was missed', async () => {
  const tenant = await directory.place(shared, { epoch: 1 });
  const before = await context(tenant);
  await shared.sql("select tenancy.close_fence($1, 'moved')", [tenant]);
  await directory.place(other, { id: tenant, epoch: 2 });
  const found = await context(tenant);
  assert.notEqual(found.database, before.database);
  assert.equal(found.tenant, tenant);
});

test('while the fence is closed a statement waits, and runs where the tenant is afterwards', async () => {
  const tenant = await directory.place(shared, { epoch: 1 });
  await context(tenant);
  await shared.sql("select tenancy.close_fence($1, 'moving')", [tenant]);
  const waiting = context(tenant);
  await new Promise((resolve) => setTimeout(resolve, 80));
  await directory.place(other, { id: tenant, epoch: 2 });
  assert.equal((await waiting).tenant, tenant);
});

test('of many statements before a closed fence one asks, and all run once it is open', async () => {
  const patient = newManager();
  const tenant = await directory.place(shared, { epoch: 1 });
  const registry = new Registry();
  patient.registerMetrics(registry);
  const refusals = async () => {
    const metric = await registry.getSingleMetric('marquee_stale_route_retries_total')?.get();
    return metric?.values[0]?.value ?? 0;
  };
  const ask = (signal?: AbortSignal) =>
    patient.withTenantTransaction(
      tenant,
      async (transaction) => (await transaction.query('select current_database() as db')).rows[0]?.db,
      { signal },
    );
  await ask();
  await shared.sql("select tenancy.close_fence($1, 'moving')", [tenant]);
  // The caller that polls the fence may give up: another caller polls instead.
  const impatient = new AbortController();
  const first = assert.rejects(ask(impatient.signal), { name: 'AbortError' });
  await new Promise((resolve) => setTimeout(resolve, 50));
  const waiting = Array.from({ length: 40 }, () => ask());
  await new Promise((resolve) => setTimeout(resolve, 200));
  impatient.abort();
  await first;
  await new Promise((resolve) => setTimeout(resolve, 300));
  const before = await until(refusals, 'a refusal');
  await directory.place(other, { id: tenant, epoch: 2 });
  const databases = new Set(await Promise.all(waiting));
  assert.equal(databases.size, 1);
  assert.ok(before > 0 && before < 100, `${before} refusals while it was closed`);
});

test('a slow caller does not hold up the others after a pause', async () => {
  const patient = newManager();
  const tenant = await directory.place(shared, { epoch: 1 });
  const ended = new AbortController();
  const run = (text: string) =>
    patient.withTenantTransaction(tenant, ({ query }) => query(text), { signal: ended.signal });
  await run('select 1');
  await shared.sql("select tenancy.close_fence($1, 'moving')", [tenant]);
  let slowOnes = 0;
  const slow = Array.from({ length: 3 }, () =>
    run('select pg_sleep(60)').catch(() => {
      slowOnes += ended.signal.aborted ? 0 : 1;
    }),
  );
  await new Promise((resolve) => setTimeout(resolve, 50));
  const quick = Array.from({ length: 30 }, () => run('select 1'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  await directory.place(other, { id: tenant, epoch: 2 });
  await Promise.all(quick);
  assert.equal(slowOnes, 0, 'the slow ones are still at work');
  ended.abort();
  await Promise.all(slow);
});

test('a fence that stays closed is an error after a bounded wait', async () => {
  const tenant = await directory.place(shared);
  await shared.sql("select tenancy.close_fence($1, 'moving')", [tenant]);
  await assert.rejects(context(tenant, newManager(300)), code('tenant_moving'));
});

test('`work` begins once, and an error in it rolls back', async () => {
  await shared.sql('create table if not exists public.kept (id int)');
  await shared.sql('grant select, insert on public.kept to tenant_service');
  let runs = 0;
  await assert.rejects(
    manager.withTenantTransaction(a, async (transaction) => {
      runs += 1;
      await transaction.query('insert into public.kept values (1)');
      throw new Error('changed my mind');
    }),
    /changed my mind/,
  );
  assert.equal(runs, 1);
  assert.equal((await shared.sql('select count(*)::int as n from public.kept')).rows[0]?.n, 0);
});

test('a transaction’s connection is out of reach once it has ended', async () => {
  let kept: { query(text: string): Promise<unknown> } | undefined;
  await manager.withTenantTransaction(a, async (transaction) => {
    kept = transaction;
  });
  assert.throws(() => kept?.query('select 1'), code('transaction_ended'));
});

test('a password rotated on the server and in the directory heals without a restart', async () => {
  const database = await createTenantDatabase();
  const tenant = await directory.place(database);
  const fresh = newManager();
  await context(tenant, fresh);
  await database.sql(`alter role ${database.logins.router.name} password 'rotated'`);
  await database.sql('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [
    database.logins.router.name,
  ]);
  const credentials = directory.credentialsByTenant.get(tenant)!;
  const url = new URL(credentials.url);
  url.password = 'rotated';
  directory.credentialsByTenant.set(tenant, { ...credentials, url: url.toString() });
  const healed = await until(() => context(tenant, fresh), 'the new password to be used', { retry: true });
  assert.equal(healed.tenant, tenant);
});

for (const [what, missed] of [
  ['came while no route to it was known', (id: string) => [id, id]],
  ['was missed', () => [undefined]],
] as const) {
  test(`a source’s new address is used although its announcement ${what}`, async () => {
    const tenant = randomUUID();
    const dataSourceId = randomUUID();
    const live = (database: typeof shared) => {
      directory.placements.set(tenant, {
        ...directory.placements.get(a)!,
        ...{ tenantId: tenant, tenantIdInDataSource: tenant, dataSourceId, urlFingerprint: database.id },
      });
      const credentials = directory.credentialsByTenant.get(a)!;
      directory.credentialsByTenant.set(tenant, { ...credentials, dataSourceId, url: database.routerUrl });
    };
    for (const { sql } of [shared, other]) await sql('select tenancy.open_fence($1, 1)', [tenant]);
    live(shared);
    const fresh = newManager();
    const before = await context(tenant, fresh);
    const [first, ...later] = missed(tenant);
    if (later.length > 0) directory.notify(first);
    live(other);
    directory.notify(later[0] ?? first);
    assert.notEqual((await context(tenant, fresh)).database, before.database);
  });
}

test('a wrong password, a missing host and a malformed URL are typed errors without the URL in them', async () => {
  for (const [url, expected] of [
    [shared.routerUrl.replace(/:[^:@]+@/, ':secret-wrong@'), 'data_source_authentication_refused'],
    ['postgresql://u:secret-wrong@127.0.0.1:1/db', 'data_source_unreachable'],
    ['not a url secret-wrong', 'data_source_url_malformed'],
  ] as const) {
    const tenant = randomUUID();
    const dataSourceId = randomUUID();
    directory.placements.set(tenant, { ...directory.placements.get(a)!, tenantId: tenant, dataSourceId });
    directory.credentialsByTenant.set(tenant, {
      dataSourceId,
      engine: 'postgresql',
      url,
      anonKey: null,
      serviceKey: null,
    });
    await assert.rejects(context(tenant), (error: unknown) => {
      assert.ok(code(expected)(error), String(error));
      assert.ok(!JSON.stringify(error).includes('secret-wrong') && !String(error).includes('secret-wrong'));
      return true;
    });
  }
});

test('a manager that cannot be opened closes what it has opened, and the next use tries again', async () => {
  let [opened, closed] = [0, 0];
  const failing = new DataSourceManager(async () => {
    opened += 1;
    return {
      directory: {
        placement: async () => undefined,
        credentials: async () => undefined,
        listen: () => Promise.reject(new Error('no notifications')),
      },
      verifyAccessToken: () => Promise.reject(new Error('no tokens here')),
      close: async () => {
        closed += 1;
      },
    };
  });
  for (const times of [1, 2]) {
    await assert.rejects(failing.route(a), /no notifications/);
    assert.deepEqual([opened, closed], [times, times]);
  }
});

test('after close the manager says so', async () => {
  const closing = newManager();
  await context(a, closing);
  await closing.close();
  await assert.rejects(context(a, closing), code('manager_closed'));
});
