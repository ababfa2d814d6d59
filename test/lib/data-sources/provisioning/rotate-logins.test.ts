import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tenant } from '@/lib/application';
import { provisionDataSource, provisionTenant, readHosts, rotateLogins, setHosts } from '@/lib/data-sources';
import { giveToOwner } from '../../../support/owner';
import { administer, createTestDatabase, OLDEST_POSTGRES, startTestServer } from '../../../support/postgres';
import { underLoad } from '../../../support/under-load';
import { createInstallation } from '../installation';
import { reason, startPooler } from '../pool/pooler';

const BY = { actor: 'cli:tester@here' };

async function served(adminUrl: string) {
  const installation = await createInstallation();
  const { application, operations, tokens } = installation;
  await provisionDataSource(operations, { name: 'shared', kind: 'shared', adminUrl });
  const tenants: Tenant[] = [];
  for (const subdomain of ['a', 'b']) {
    tenants.push(await provisionTenant(installation, { name: subdomain, subdomain, dataSource: 'shared' }));
  }
  const source = await operations.dataSources.get('shared');
  const requests = await Promise.all(
    // Two processes, each of them with both tenants and with all ways to a tenant's rows.
    [installation.newManager(), installation.newManager()].flatMap((manager) =>
      tenants.map(async ({ id }) => {
        const label = crypto.randomUUID();
        const claims = { userId: crypto.randomUUID(), tenantId: id, role: 'owner', tokenVersion: 1 };
        const accessToken = await tokens.signAccessToken(claims, 600);
        let count = 0;
        return async () => {
          count += 1;
          const service = await manager.getClientForTenant(id, true);
          await service
            .from('accounts')
            .insert({ name: `${label} ${count}` })
            .throwOnError();
          const user = await manager.getClientForTenant(id, false, { accessToken });
          const { data } = await user.from('accounts').select('name').limit(1).throwOnError();
          assert.equal(data.length, 1);
          await manager.withTenantTransaction(id, async (transaction) => {
            await transaction.query('select count(*) from accounts');
            await transaction.query('select pg_sleep(0.01)');
            await transaction.query('update accounts set industry = $1 where name = $2', ['x', `${label} 1`]);
          });
        };
      }),
    ),
  );
  const loginsNow = async () => {
    const { routerUrl, moverUrl } = await operations.dataSources.credentials(source.id);
    return [routerUrl, moverUrl].map((url) => new URL(url ?? '').username);
  };
  const rolesOf = async (logins: string[]) => {
    const { rows } = await administer(adminUrl, 'select rolname from pg_roles where rolname = any ($1)', [
      logins,
    ]);
    return rows.length;
  };
  return { installation, application, operations, source, tenants, requests, loginsNow, rolesOf };
}

for (const [version, serverUrl] of [
  ['the newest PostgreSQL', async () => createTestDatabase('rotated', 'tenant_data')],
  [
    'the oldest PostgreSQL that is supported',
    async () => {
      const server = await startTestServer(OLDEST_POSTGRES);
      await administer(server.url(), 'create database rotated');
      return server.url('rotated');
    },
  ],
] as const) {
  test(`logins and seal rotate under load without a failed request, on ${version}`, async () => {
    const adminUrl = await giveToOwner(await serverUrl());
    const { application, operations, source, tenants, requests, loginsNow, rolesOf } = await served(adminUrl);
    const former = await loginsNow();
    const between: string[] = [];
    const load = await underLoad(requests, async (more) => {
      const rotated = await rotateLogins({ application, operations }, 'shared', {}, BY);
      assert.deepEqual(rotated.dropped.toSorted(), former.toSorted());
      assert.deepEqual([rotated.remaining, rotated.tenants], [[], tenants.length]);
      between.push(...(await loginsNow()));
      await more();
      // Only the router's login, with the key of its seal: what \`seal rotate\` does.
      const sealed = await rotateLogins({ application, operations }, 'shared', { logins: ['router'] }, BY);
      assert.deepEqual(sealed.dropped, [between[0]]);
      await more();
    });
    assert.deepEqual(load.failures, []);
    assert.ok(load.done >= 16);
    const present = await loginsNow();
    assert.equal(present[1], between[1]);
    assert.equal(await rolesOf([...former, between[0] ?? '']), 0);
    assert.equal(await rolesOf(present), 2);
    assert.deepEqual(await operations.sourceLogins.list(source.id), []);
    const { routerUrl } = await operations.dataSources.credentials(source.id);
    for (const { id } of tenants) assert.equal((await application.tenants.credentials(id))?.url, routerUrl);
    const records = await application.audit.list({ action: 'data_sources.rotate_logins' });
    assert.deepEqual(
      records.map(({ actor, entityId }) => [actor, entityId]),
      [
        [BY.actor, source.id],
        [BY.actor, source.id],
      ],
    );
    const keys = await administer(adminUrl, 'select login from tenancy.router_keys');
    assert.deepEqual(
      keys.rows.map(({ login }) => login),
      [present[0]],
    );
  });
}

test('all tenants are switched in one transaction, or none', async () => {
  const adminUrl = await giveToOwner(await createTestDatabase('rotated', 'tenant_data'));
  const { installation, application, operations, source, tenants, requests, loginsNow } =
    await served(adminUrl);
  const former = await loginsNow();
  await administer(
    installation.applicationUrl,
    `create function fail_for_one() returns trigger language plpgsql as $$ begin raise 'refused'; end $$;
     create trigger fail before update on tenants for each row when (old.subdomain = 'b') execute function fail_for_one()`,
  );
  await assert.rejects(rotateLogins({ application, operations }, 'shared', {}, BY));
  const urls = await Promise.all(
    tenants.map(async ({ id }) => (await application.tenants.credentials(id))?.url),
  );
  assert.equal(new Set(urls).size, 1);
  assert.equal(new URL(urls[0] ?? '').username, former[0]);
  await Promise.all(requests.map((request) => request()));
  // What it left behind, logins that were made and are not used, the next call drops.
  await administer(installation.applicationUrl, 'drop trigger fail on tenants; drop function fail_for_one()');
  const left = await operations.sourceLogins.list(source.id);
  assert.equal(left.length, 4);
  const { dropped } = await rotateLogins({ application, operations }, 'shared', {}, BY);
  assert.deepEqual(dropped.toSorted(), left.toSorted());
  await Promise.all(requests.map((request) => request()));
});

test('a login with sessions is not dropped: it cannot sign in any more, and the next rotation drops it', async () => {
  const adminUrl = await giveToOwner(await createTestDatabase('rotated', 'tenant_data'));
  const { application, operations, source, loginsNow, rolesOf } = await served(adminUrl);
  const { moverUrl } = await operations.dataSources.credentials(source.id);
  const [, mover = ''] = await loginsNow();
  const pg = await import('pg');
  const session = new pg.default.Client({ connectionString: moverUrl ?? '' });
  await session.connect();
  const options = { logins: ['mover'] as const, waitMs: 100 };
  const rotated = await rotateLogins({ application, operations }, 'shared', options, BY);
  assert.deepEqual([rotated.remaining, rotated.dropped], [[mover], []]);
  await assert.rejects(administer(moverUrl ?? '', 'select 1'), { code: '28000' });
  await session.end();
  const [, second = ''] = await loginsNow();
  const again = await rotateLogins({ application, operations }, 'shared', { logins: ['mover'] }, BY);
  assert.deepEqual(again.dropped.toSorted(), [mover, second].toSorted());
  assert.equal(await rolesOf([mover, second]), 0);
});

test('hosts that are set while logins are rotated do not take the former logins back', async ({ mock }) => {
  const adminUrl = await giveToOwner(await createTestDatabase('rotated', 'tenant_data'));
  const { application, operations, requests, loginsNow } = await served(adminUrl);
  const { dataSources } = operations;
  const set = dataSources.setCredentials.bind(dataSources);
  let rotated: string[] = [];
  const late: typeof set = async (...given) => {
    await rotateLogins({ application, operations }, 'shared', {}, BY);
    rotated = await loginsNow();
    return set(...given);
  };
  mock.method(dataSources, 'setCredentials', late, { times: 1 });
  const { hostname, port } = new URL(adminUrl);
  const hosts = readHosts([`${hostname}:${port}`]);
  await assert.rejects(setHosts({ application, operations }, 'shared', hosts, BY), {
    code: 'data_source_changed',
  });
  assert.deepEqual(await loginsNow(), rotated);
  await Promise.all(requests.map((request) => request()));
});

test('nothing is rotated while a move uses the data source, nor where Marquee has no owner’s URL', async () => {
  const adminUrl = await giveToOwner(await createTestDatabase('rotated', 'tenant_data'));
  const { installation, application, operations, source, tenants, loginsNow } = await served(adminUrl);
  const rotate = (options = {}) => rotateLogins({ application, operations }, 'shared', options, BY);
  await administer(
    installation.operationsUrl,
    `with move as (insert into moves (tenant_id, from_source, to_source, from_tenant_id, to_tenant_id, mode, requested_by)
       values ($1, 'shared', 'other', $1, $1, 'logical', 'test') returning id)
     insert into reserved_ids (data_source, tenant_id, move_id) select $2, $1, id from move`,
    [tenants[0]?.id, source.id],
  );
  await assert.rejects(rotate(), { code: 'tenant_moving' });
  await administer(installation.operationsUrl, 'delete from moves');
  await operations.dataSources.setCredentials(source.id, { adminUrl: null });
  await assert.rejects(rotate(), { code: 'data_source_request_refused', hint: /--url-file/ });
  const former = await loginsNow();
  assert.deepEqual((await rotate({ adminUrl })).dropped.toSorted(), former.toSorted());
});

test('behind a pooler that does not know new logins nothing is rotated, and the refusal says so', {
  skip: reason,
}, async () => {
  const adminUrl = await giveToOwner(await createTestDatabase('rotated', 'tenant_data'));
  const { application, operations, source, requests, loginsNow, rolesOf } = await served(adminUrl);
  const { routerUrl } = await operations.dataSources.credentials(source.id);
  // auth_file lists the logins of today.
  await operations.dataSources.setCredentials(source.id, { routerUrl: await startPooler(routerUrl ?? '') });
  const former = await loginsNow();
  await assert.rejects(rotateLogins({ application, operations }, 'shared', {}, BY), {
    code: 'login_unknown_to_pooler',
    hint: /auth_query/,
  });
  assert.deepEqual(await loginsNow(), former);
  assert.equal(await rolesOf(former), 2);
  assert.deepEqual((await operations.sourceLogins.list(source.id)).toSorted(), former.toSorted());
  await Promise.all(requests.map((request) => request()));
  // The mover's login goes to the server itself.
  const mover = await rotateLogins({ application, operations }, 'shared', { logins: ['mover'] }, BY);
  assert.deepEqual(mover.dropped, [former[1]]);
});
