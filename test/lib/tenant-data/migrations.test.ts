// The schema's migrations: on PostgreSQL 15 and 18, by an owner who is no superuser, by several at once.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { test } from 'node:test';
import { migrate, migrationsFrom, readSqlFiles } from '@/lib/migrations';
import { migrateTenantData, openFence, seedTenantDefaults, tenantDataVersion } from '@/lib/tenant-data';
import { administer, createTestDatabase, OLDEST_POSTGRES, startTestServer } from '../../support/postgres';
import { connect } from './tenant-database';

const DIRECTORY = path.resolve(import.meta.dirname, '../../../src/lib/tenant-data');

test('a second run applies nothing; the version is the newest file’s', async () => {
  const client = await connect(await createTestDatabase('migrations'));
  const first = await migrateTenantData(client);
  assert.equal(first.version, await tenantDataVersion());
  assert.deepEqual(await migrateTenantData(client), { applied: [], version: first.version });
  await client.end();
});

test('of four that migrate at once one does it, and the others wait', async () => {
  const url = await createTestDatabase('migrations');
  const clients = await Promise.all(Array.from({ length: 4 }, () => connect(url)));
  const results = await Promise.all(clients.map((client) => migrateTenantData(client)));
  assert.equal(results.filter(({ applied }) => applied.length > 0).length, 1);
  await Promise.all(clients.map((client) => client.end()));
});

test('an applied file that was changed is an error', async () => {
  const files = await readSqlFiles(DIRECTORY, 'migrations');
  const client = await connect(await createTestDatabase('migrations'));
  await migrate(client, { migrations: migrationsFrom(files), schema: 'tenancy', upTo: 3 });
  const changed = files.map((file) =>
    file.path.startsWith('0003_') ? { ...file, text: 'select 1;' } : file,
  );
  await assert.rejects(migrate(client, { migrations: migrationsFrom(changed), schema: 'tenancy' }), {
    code: 'migration_changed',
  });
  await client.end();
});

test('two files of one number are an error', () => {
  const paths = ['0001_one.sql', '0007_mine.sql', '0007_theirs.sql'];
  assert.throws(() => migrationsFrom(paths.map((path) => ({ path, text: 'select 1;' }))), {
    code: 'migration_numbered_twice',
    message: /number 7\b/,
  });
});

/** Makes a database whose owner is no superuser, migrates it as that owner, and lets a router in. */
async function migrateAsOwner(
  superuserUrl: string,
  ownerRights: 'createrole' | 'nocreaterole',
): Promise<void> {
  const suffix = randomBytes(4).toString('hex');
  const [owner, database, router] = [`owner_${suffix}`, `owned_${suffix}`, `router_${suffix}`];
  await administer(superuserUrl, `create role ${owner} login password 'x' ${ownerRights}`);
  await administer(superuserUrl, `create database ${database} owner ${owner}`);
  await administer(superuserUrl, `create role ${router} login noinherit password 'x'`);
  if (ownerRights === 'nocreaterole') {
    // What provisioning does first with an administrator's rights. Membership that a dropped role granted is gone.
    await administer(superuserUrl, 'grant authenticated to authenticated_manager');
    await administer(superuserUrl, `grant tenant_search to ${owner}`);
    await administer(superuserUrl, `grant tenant_service, authenticated, authenticated_manager to ${router}`);
  }
  const url = (user: string) => {
    const made = new URL(superuserUrl);
    made.username = user;
    made.password = 'x';
    made.pathname = `/${database}`;
    return made.toString();
  };
  try {
    const client = await connect(url(owner));
    await migrateTenantData(client);
    if (ownerRights === 'createrole') {
      const { rows } = await client.query(
        "select 1 from pg_roles where rolname = 'tenant_service' and pg_has_role(oid, 'member with admin option')",
      );
      if (rows.length === 0)
        await administer(
          superuserUrl,
          `grant tenant_service, authenticated, authenticated_manager to ${router}`,
        );
    }
    await client.query('select tenancy.admit_router($1)', [router]);
    const tenantId = '00000000-0000-4000-8000-000000000001';
    await openFence(client, { tenantId, epoch: 1 });
    assert.deepEqual((await client.query('select * from public.event_types')).rows, []);
    await client.end();

    const entered = await connect(url(router));
    await seedTenantDefaults(entered, { tenantId, epoch: 1 });
    await entered.query('begin');
    await entered.query(
      `select tenancy.enter($1, 1, 'authenticated', '{"role":"authenticated","user_role":"manager","tenant_id":"${tenantId}"}', false)`,
      [tenantId],
    );
    const { rows } = await entered.query(
      "insert into accounts (name) values ('A') returning (select count(*)::int from event_types) as types",
    );
    assert.deepEqual(rows, [{ types: 15 }]);
    await entered.query('commit');
    await entered.end();
  } finally {
    await administer(superuserUrl, `drop database if exists ${database} with (force)`);
    for (const role of [owner, router]) {
      await administer(superuserUrl, `drop owned by ${role}`).catch(() => {});
      await administer(superuserUrl, `drop role ${role}`).catch(() => {});
    }
  }
}

test('an owner with CREATEROLE migrates an empty server, PostgreSQL 18', async () => {
  const server = await startTestServer();
  await migrateAsOwner(server.url(), 'createrole');
  await migrateAsOwner(server.url(), 'nocreaterole');
});

test('PostgreSQL 15, by owners with and without CREATEROLE', {
  skip: OLDEST_POSTGRES.binaries ? false : 'PostgreSQL 15 is not installed here',
}, async () => {
  const server = await startTestServer(OLDEST_POSTGRES);
  await migrateAsOwner(server.url(), 'createrole');
  await migrateAsOwner(server.url(), 'nocreaterole');
});

test('where everything new is anon’s by default, as on Supabase, anon gets nothing', async () => {
  const server = await startTestServer();
  const client = await connect(server.url());
  await client.query('create role anon nologin');
  await client.query('alter default privileges in schema public grant all on tables to anon');
  await client.query('alter default privileges in schema public grant execute on functions to anon');
  await migrateTenantData(client);
  const { rows } = await client.query(
    `select oid::regclass::text as open from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
       and has_any_column_privilege('anon', oid, 'select, insert, update')
     union all
     select oid::regprocedure::text from pg_proc where pronamespace = 'public'::regnamespace
       and has_function_privilege('anon', oid, 'execute')`,
  );
  assert.deepEqual(rows, []);
  await client.end();
});
