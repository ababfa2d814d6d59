// The schema's migrations: on PostgreSQL 15 and 18, by an owner who is no superuser, by several at once.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { readCatalog } from '@/lib/migrations';
import {
  migrateTenantData,
  openFence,
  seedTenantDefaults,
  tenantDataScript,
  tenantDataVersion,
} from '@/lib/tenant-data';
import { giveToOwner } from '../../support/owner';
import { administer, createTestDatabase, OLDEST_POSTGRES, startTestServer } from '../../support/postgres';
import { connect } from './tenant-database';

test('a second run applies nothing; the version is the newest file’s', async () => {
  const client = await connect(await createTestDatabase('migrations'));
  const first = await migrateTenantData(client);
  assert.equal(first.version, await tenantDataVersion());
  assert.deepEqual(await migrateTenantData(client), { applied: [], functions: 0, version: first.version });
  await client.end();
});

test('the owner may apply every function file again, and nothing changes', async () => {
  const client = await connect(await giveToOwner(await createTestDatabase('migrations')));
  const { functions } = await migrateTenantData(client);
  const made = await readCatalog(client, ['public', 'tenancy']);
  await client.query('delete from tenancy.function_files');
  assert.equal((await migrateTenantData(client)).functions, functions);
  assert.deepEqual(await readCatalog(client, ['public', 'tenancy']), made);
  await client.end();
});

test('the script for a DBA makes the same database', async () => {
  const scripted = await connect(await createTestDatabase('migrations'));
  await scripted.query(`begin; ${await tenantDataScript()} commit`);
  assert.deepEqual((await migrateTenantData(scripted)).functions, 0);
  const migrated = await connect(await createTestDatabase('migrations'));
  await migrateTenantData(migrated);
  assert.deepEqual(
    await readCatalog(scripted, ['public', 'tenancy']),
    await readCatalog(migrated, ['public', 'tenancy']),
  );
  await Promise.all([scripted.end(), migrated.end()]);
});

test('the body of every function can be read', async () => {
  const client = await connect(await createTestDatabase('migrations', 'tenant_data'));
  await migrateTenantData(client);
  await client.query('set check_function_bodies = on; set search_path = public');
  const { rows } = await client.query<{ oid: number; name: string; validator: string }>(
    `select p.oid, p.oid::regprocedure::text as name, l.lanvalidator::regproc::text as validator
     from pg_proc p join pg_language l on l.oid = p.prolang
     where p.pronamespace in ('public'::regnamespace, 'tenancy'::regnamespace)`,
  );
  assert.ok(rows.length > 200);
  for (const { oid, name, validator } of rows) {
    await client
      .query(`select ${validator}(${oid})`)
      .catch((error) => assert.fail(`${name}: ${error.message}`));
  }
  await client.end();
});

test('of four that migrate at once one does it, and the others wait', async () => {
  const url = await createTestDatabase('migrations');
  const clients = await Promise.all(Array.from({ length: 4 }, () => connect(url)));
  const results = await Promise.all(clients.map((client) => migrateTenantData(client)));
  assert.equal(results.filter(({ applied }) => applied.length > 0).length, 1);
  await Promise.all(clients.map((client) => client.end()));
});

const ROUTERS = 'tenant_service, tenant_manager, tenant_sales, tenant_staff, tenant_viewer, authenticated';

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
    await administer(
      superuserUrl,
      'grant tenant_user to tenant_manager, tenant_sales, tenant_staff, tenant_viewer, authenticated',
    );
    await administer(superuserUrl, `grant tenant_search to ${owner}`);
    await administer(superuserUrl, `grant ${ROUTERS} to ${router}`);
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
      if (rows.length === 0) await administer(superuserUrl, `grant ${ROUTERS} to ${router}`);
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
