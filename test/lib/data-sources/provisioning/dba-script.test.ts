// A DBA prepares a customer's database with a script; Marquee gets a login that may make no roles and read nothing of the customer's.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import pg from 'pg';
import {
  type ConnectionTestResult,
  planDataSource,
  provisionDataSource,
  provisionTenant,
  testConnection,
} from '@/lib/data-sources';
import { administer, OLDEST_POSTGRES, startTestServer } from '../../../support/postgres';
import { createInstallation } from '../installation';

const installation = await createInstallation();
const { operations } = installation;
const NETWORKS = ['127.0.0.0/8'];

const privileges = ({ checks }: ConnectionTestResult) => checks.find(({ name }) => name === 'privileges');

for (const [version, options] of [
  ['15', OLDEST_POSTGRES],
  ['18', {}],
] as const) {
  test(`the printed script makes the test pass and the database be added, on PostgreSQL ${version}`, async () => {
    const server = await startTestServer(options);
    // The DBA is no superuser, and the customer has tables of their own.
    await administer(server.url(), "create role dba login createrole password 'p'");
    await administer(server.url(), 'create database crm owner dba');
    await administer(server.url('crm'), 'create schema books; create table books.secret (id int)');
    const dbaUrl = new URL(server.url('crm'));
    [dbaUrl.username, dbaUrl.password] = ['dba', 'p'];
    const owner = new URL(dbaUrl);
    [owner.username, owner.password] = ['marquee', 'made-up-for-this-test'];
    const target = {
      kind: 'postgres',
      url: owner.toString(),
      purpose: 'administrator',
      given: { networks: NETWORKS },
    } as const;
    assert.equal((await testConnection(target)).code, 'data_source_authentication_refused');

    const script = planDataSource(owner.toString());
    for (const secret of [owner.password, 'password:']) assert.ok(!script.includes(secret), secret);
    assert.doesNotMatch(script, /\bsuperuser\b(?! is needed)/);
    const dba = new pg.Client({ connectionString: dbaUrl.toString() });
    after(() => dba.end().catch(() => {}));
    await dba.connect();
    await dba.query(script);
    // A second time nothing is in its way.
    await dba.query(script);
    await dba.end();

    const ready = await testConnection(target);
    assert.ok(ready.ok, JSON.stringify(ready.checks));
    assert.match(privileges(ready)?.message ?? '', /DBA has prepared/);

    const name = `customer-${version}`;
    const { dataSource, steps } = await provisionDataSource(operations, {
      ...{ name, kind: 'byod', adminUrl: owner.toString(), networks: NETWORKS },
    });
    assert.match(steps[0] ?? '', /made by a DBA/);
    assert.deepEqual([dataSource.tls, dataSource.networks], ['local', 'public,127.0.0.0/8']);
    const tenant = await provisionTenant(installation, { name, subdomain: name, dataSource: name });
    const client = await installation.newManager().getClientForTenant(tenant.id, true);
    assert.equal((await client.from('core_task_templates').select('name')).data?.length, 5);

    const { rows } = await administer(
      server.url('crm'),
      `select rolname, rolsuper or rolcreaterole or rolcreatedb or rolbypassrls or rolreplication as powerful,
         has_table_privilege(oid, 'books.secret', 'select') or has_schema_privilege(oid, 'books', 'usage') as sees_books
       from pg_roles where rolname like 'marquee%' order by rolname`,
    );
    assert.deepEqual(
      rows.map(({ powerful, sees_books: sees }) => [powerful, sees]),
      Array.from({ length: 3 }, () => [false, false]),
    );
    assert.deepEqual(
      rows.map(({ rolname }) => rolname.replace(/_[0-9a-f]{6}$/, '')),
      ['marquee', 'marquee_mover', 'marquee_router'],
    );
  });
}

test('the script says which database it is for, and is not printed for a password that can be guessed', async () => {
  const url = 'postgresql://marquee:made-up-for-this-test@db.example.com/c%0Arm';
  assert.match(planDataSource(url), /^-- Prepares the database c rm for Marquee/);
  for (const weak of ['postgresql://marquee:short@db.example.com/crm', 'postgresql://db.example.com/crm']) {
    assert.throws(() => planDataSource(weak), { code: 'data_source_url_malformed' });
  }
});
