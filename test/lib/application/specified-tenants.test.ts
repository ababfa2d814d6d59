// The table `tenants` as the specification writes to it: by hand, with few columns.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { ConnectionPoolConfig } from '@/lib/data-sources';
import { administer } from '../../support/postgres';
import { openTestApplicationDatabase } from './application-database';

const { application, url } = await openTestApplicationDatabase();
const insert = (columns: string, values: unknown[]) =>
  administer(
    url,
    `insert into tenants (${columns}) values (${values.map((_, index) => `$${index + 1}`).join(', ')}) returning id`,
    values,
  );

test('id, name and subdomain are a whole tenant; so are name and subdomain', async () => {
  const { rows } = await administer(
    url,
    `select column_name as name, data_type as type, is_nullable as nullable, column_default as value
     from information_schema.columns
     where table_schema = 'public' and table_name = 'tenants' and column_name in ('tenant_id_in_data_source', 'status')
     order by 1`,
  );
  assert.deepEqual(
    rows.map(({ name, type, nullable }) => [name, type, nullable]),
    [
      ['status', 'text', 'NO'],
      ['tenant_id_in_data_source', 'text', 'YES'],
    ],
  );
  assert.match(rows[0].value, /'active'/);
  const id = randomUUID();
  await insert('id, name, subdomain', [id, 'Acme', 'acme']);
  const made = await application.tenants.get(id);
  assert.deepEqual(
    [made.status, made.tenantIdInDataSource, made.dataSourceId, made.connectionPoolConfig],
    ['active', id, null, {}],
  );
  const { rows: second } = await insert('name, subdomain', ['Beta', 'beta']);
  assert.equal((await application.tenants.get(second[0].id)).tenantIdInDataSource, second[0].id);
});

test('null means the default also where it is written; an id is a UUID, in any case of letters', async () => {
  const there = randomUUID();
  const columns = 'name, subdomain, tenant_id_in_data_source, connection_pool_config';
  const { rows } = await insert(columns, ['Upper', 'upper', there.toUpperCase(), null]);
  const { id } = rows[0];
  assert.equal((await application.tenants.get(id)).tenantIdInDataSource, there);
  await administer(url, 'update tenants set tenant_id_in_data_source = null where id = $1', [id]);
  const now = await application.tenants.get(id);
  assert.deepEqual([now.tenantIdInDataSource, now.connectionPoolConfig], [id, {}]);
  await assert.rejects(insert('name, subdomain, tenant_id_in_data_source', ['X', 'x', '17']), {
    code: '23514',
  });
});

test('two tenants of one database cannot have one id there, however it is written', async () => {
  const dataSourceId = randomUUID();
  const place = (tenantIdInDataSource: string) => ({
    dataSourceId,
    engine: 'postgresql' as const,
    url: 'postgresql://router:secret@db.example.com/one',
    anonKey: null,
    serviceKey: null,
    tenantIdInDataSource,
  });
  const first = await application.tenants.create({ name: 'One', subdomain: 'one' });
  await application.tenants.setDataSource(first.id, { ...place(first.id), expectedEpoch: '1' });
  await assert.rejects(
    application.tenants.create({ name: 'Two', subdomain: 'two', place: place(first.id.toUpperCase()) }),
    { code: 'place_taken' },
  );
});

test('a failure to prepare the data source leaves the tenant where it was, and its id free', async () => {
  const { id } = await application.tenants.create({
    name: 'Failing',
    subdomain: 'failing',
    status: 'active',
  });
  const place = { dataSourceId: randomUUID(), engine: 'postgresql' as const, url: 'postgresql://h/d' };
  const failing = application.tenants.setDataSource(
    id,
    { ...place, anonKey: null, serviceKey: null, expectedEpoch: '1' },
    undefined,
    async (moved) => {
      assert.equal(moved.routeEpoch, '2');
      throw new Error('no room');
    },
  );
  await assert.rejects(failing, /no room/);
  const { dataSourceId, routeEpoch } = await application.tenants.get(id);
  assert.deepEqual([dataSourceId, routeEpoch], [null, '1']);
});

test('a wrong connection_pool_config is refused by the database with each wrong key', async () => {
  const { id } = await application.tenants.create({ name: 'Pool', subdomain: 'pool' });
  const wrong = '{"max": 0, "maxx": 5, "queue": "many", "prepare": 1, "weight": 0.5}';
  await assert.rejects(
    administer(url, 'update tenants set connection_pool_config = $2 where id = $1', [id, wrong]),
    (error: { code: string; message: string }) => {
      assert.equal(error.code, 'MQ012');
      for (const key of ['max', 'maxx', 'queue', 'prepare'])
        assert.match(error.message, new RegExp(`${key}: is`));
      assert.doesNotMatch(error.message, /weight/);
      return true;
    },
  );
  await assert.rejects(application.tenants.update(id, { connectionPoolConfig: { maxx: 5 } }), {
    code: 'connection_pool_config_invalid',
  });
});

test('database and code know the same keys and ranges', async () => {
  const ranges = (await administer(url, 'select marquee.pool_config_ranges() as ranges')).rows[0].ranges;
  const { shape } = ConnectionPoolConfig;
  assert.deepEqual(Object.keys(ranges).sort(), Object.keys(shape).sort());
  for (const [key, schema] of Object.entries(shape)) {
    const range = ranges[key];
    if (range === 'boolean') {
      assert.equal(schema.safeParse(true).success, true, key);
      continue;
    }
    for (const value of range) assert.equal(schema.safeParse(value).success, true, `${key}: ${value}`);
    for (const value of [range[0] - 0.001, range[1] + 1])
      assert.equal(schema.safeParse(value).success, false, `${key}: ${value}`);
    const isWhole = !schema.safeParse(range[0] + 0.5).success;
    const { rows } = await insert('name, subdomain', ['Range', `range-${key.toLowerCase()}`]);
    const between = administer(url, 'update tenants set connection_pool_config = $2 where id = $1', [
      rows[0].id,
      JSON.stringify({ [key]: range[0] + 0.5 }),
    ]);
    if (isWhole) await assert.rejects(between, { code: 'MQ012' }, key);
    else await between;
  }
});
