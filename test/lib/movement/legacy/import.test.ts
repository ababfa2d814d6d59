import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importLegacy, readLegacyMap } from '@/lib/movement/legacy';
import { administer, createTestDatabase } from '../../../support/postgres';
import { createWorld } from '../world';

const world = await createWorld();
const sourceUrl = await createTestDatabase('legacy');
await administer(
  sourceUrl,
  `create table customers (id serial, company_id int, company_name varchar(200), mail text, since timestamp);
   create table people (id serial, company_id int, customer_id int, first text, last text);
   insert into customers (company_id, company_name, mail, since)
     select 41 + n % 2, 'Customer ' || n, case when n % 5 > 0 then 'Mail' || n || '@Example.com' end, '2020-02-03 04:05:06.789'
     from generate_series(1, 100) n;
   insert into people (company_id, customer_id, first, last)
     select company_id, id, 'Ann', E'O''Hara\\t' || id from customers`,
);

const MAP = `
tables:
  contacts:
    from: people
    where: company_id = :tenant::int
    columns:
      id: md5('people/' || id)::uuid
      first_name: first
      last_name: last
  accounts:
    from: customers
    where: company_id = :tenant::int
    columns:
      id: md5('customers/' || id)::uuid
      name: company_name
      email: lower(mail)
      created_at: since
`;

const request = {
  ...{ sourceUrl, legacyTenant: '42', name: 'Old Booths', requestedBy: 'test' },
  dataSource: world.databases[0].id,
};
const databases = { application: world.application, operations: world.operations };

test('a tenant of a legacy database is imported and compared row by row', async () => {
  const { tenant, tables } = await importLegacy(databases, {
    ...request,
    subdomain: 'oldbooths',
    map: readLegacyMap(MAP),
  });
  assert.equal(tenant.status, 'active');
  assert.deepEqual(tables.map(({ table, rows }) => [table, rows]).sort(), [
    ['accounts', 50],
    ['contacts', 50],
  ]);
  const rows = await world.manager.execute(tenant.id, {
    text: `select count(*), count(email), min(email), min(created_at at time zone 'UTC') from accounts`,
    values: [],
  });
  assert.deepEqual(rows, [['50', '40', 'mail11@example.com', '2020-02-03 04:05:06.789']]);
});

test('a map that does not fit is refused, and no tenant is created', async () => {
  const before = await world.databases[0].sql('select count(*)::int as n from accounts');
  for (const [map, said] of [
    [
      MAP.replace('name: company_name', 'name: nullif(company_name, company_name)'),
      /null value in column "name"/,
    ],
    [MAP.replace('from: people', 'from: persons'), /persons/],
    [MAP.replace('email: lower', 'mails: lower'), /no column mails/],
    [MAP.replace("      id: md5('people/' || id)::uuid\n", ''), /needs its key/],
  ] as const) {
    await assert.rejects(
      async () => importLegacy(databases, { ...request, subdomain: 'refused', map: readLegacyMap(map) }),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'legacy_map_invalid', error.message);
        assert.match(error.message, said);
        return true;
      },
    );
  }
  assert.throws(() => readLegacyMap('tables: [1]'), { code: 'legacy_map_invalid' });
  assert.deepEqual(await world.databases[0].sql('select count(*)::int as n from accounts'), before);
  assert.equal(
    (await world.application.tenants.list()).some(({ subdomain }) => subdomain === 'refused'),
    false,
  );
});
