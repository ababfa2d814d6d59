import assert from 'node:assert/strict';
import { test } from 'node:test';
import { migrateApplicationDatabase } from '@/lib/application';
import { administer } from '../../support/postgres';
import { openTestApplicationDatabase } from './application-database';

const { url } = await openTestApplicationDatabase();

test('schema public holds exactly tenants, users and audit_log', async () => {
  const relations = await administer(
    url,
    `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f') order by 1`,
  );
  assert.deepEqual(
    relations.rows.map((row) => row.relname),
    ['audit_log', 'tenants', 'users'],
  );
  const others = await administer(
    url,
    `select nspname, relname from pg_class join pg_namespace on pg_namespace.oid = relnamespace
     where relkind in ('r', 'p', 'v', 'm', 'f') and nspname not in ('public', 'pg_catalog', 'information_schema', 'pg_toast')
     order by relname`,
  );
  assert.deepEqual(others.rows, [
    { nspname: 'marquee', relname: 'function_files' },
    { nspname: 'marquee', relname: 'migrations' },
  ]);
});

test('tenant_id stands in users and audit_log only', async () => {
  const { rows } = await administer(
    url,
    `select table_name from information_schema.columns where column_name = 'tenant_id' order by 1`,
  );
  assert.deepEqual(
    rows.map((row) => row.table_name),
    ['audit_log', 'users'],
  );
});

test("tenants has the specification's columns by name", async () => {
  const { rows } = await administer(
    url,
    `select column_name from information_schema.columns where table_schema = 'public' and table_name = 'tenants'`,
  );
  const columns = new Set(rows.map((row) => row.column_name));
  const specified =
    'id name subdomain data_source_url data_source_anon_key data_source_service_key data_source_region connection_pool_config data_source_notes tenant_id_in_data_source status created_at updated_at';
  for (const column of specified.split(' ')) assert.ok(columns.has(column), column);
});

test('no column takes a credential in the clear', async () => {
  const clear = "'postgresql://user:password@host/db'";
  const row = (column: string, value: string) =>
    `insert into tenants (name, subdomain, tenant_id_in_data_source, ${column}) values ('x', 'clear', gen_random_uuid(), ${value})`;
  for (const column of ['data_source_url', 'data_source_anon_key', 'data_source_service_key']) {
    await assert.rejects(administer(url, row(column, clear)), { code: '23514' });
  }
  for (const replicas of [
    `[{"id":"a","url":"postgresql://x"}]`,
    '[{"id":"a"}]',
    '[7]',
    '{}',
    '[{"id":"a","url":7}]',
  ]) {
    await assert.rejects(
      administer(url, row('data_source_replicas', `'${replicas}'`)),
      { code: '23514' },
      replicas,
    );
  }
  for (const [column, value] of [
    ['password_hash', 'hunter2'],
    ['totp_secret', 'JBSWY3DPEHPK3PXP'],
  ]) {
    await assert.rejects(
      administer(
        url,
        `insert into users (email, display_name, role, operator_role, ${column}) values ('o@example.com', 'O', 'operator', 'owner', '${value}')`,
      ),
      { code: '23514' },
    );
  }
});

test('a role without a policy, such as a Supabase project’s anon, sees no row', async () => {
  await administer(
    url,
    "insert into tenants (name, subdomain, tenant_id_in_data_source) values ('x', 'hidden', gen_random_uuid())",
  );
  const { rows } = await administer(
    url,
    `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and not relrowsecurity`,
  );
  assert.deepEqual(rows, []);
  const policies = await administer(url, 'select from pg_policies');
  assert.equal(policies.rowCount, 0);
});

test('the route epoch never goes back', async () => {
  await administer(
    url,
    "insert into tenants (name, subdomain, tenant_id_in_data_source, route_epoch) values ('x', 'epoch', gen_random_uuid(), 5)",
  );
  await assert.rejects(administer(url, "update tenants set route_epoch = 4 where subdomain = 'epoch'"), {
    code: 'MQ011',
  });
});

test('migrating twice, and by two at once, changes nothing', async () => {
  const results = await Promise.all([migrateApplicationDatabase(url), migrateApplicationDatabase(url)]);
  assert.deepEqual(
    results.map((result) => result.applied),
    [[], []],
  );
});
