// The rows that a move has to compare again: by their keys, and by tables where there would be too many keys.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import pg from 'pg';
import { ChangedKeys } from '@/lib/movement/verify/changed-keys';
import type { Side, TenantTable } from '@/lib/tenant-data/rows';
import { createTestDatabase } from '../../../support/postgres';

const TENANT = '00000000-0000-4000-8000-000000000001';
const [one, other] = (await Promise.all([side(), side()])) as [Side, Side];
const tables = ['a', 'b'].map(
  (name) =>
    ({
      name,
      columns: ['id', 'note'].map((column) => ({ name: column, type: 'text' })),
      key: [{ name: 'id', type: 'integer' }],
    }) as TenantTable,
);

async function side(): Promise<Side> {
  let client: pg.Client | undefined;
  // Before the database is dropped.
  after(() => client?.end());
  client = new pg.Client({ connectionString: await createTestDatabase('keys') });
  await client.connect();
  for (const table of ['a', 'b']) {
    await client.query(
      `create table ${table} (tenant_id uuid, id int, note text, primary key (tenant_id, id))`,
    );
    await client.query(`insert into ${table} select $1, n, 'x' from generate_series(1, 20) n`, [TENANT]);
  }
  return { client, tenantId: TENANT };
}

const noted = (changed: ChangedKeys, table: string, ...ids: number[]) => {
  for (const id of ids) changed.note({ kind: 'delete', table, key: [String(id)] });
};
const shown = async (changed: ChangedKeys) =>
  (await changed.compare(tables, one, other)).map(({ table, key, kind }) => `${table} ${key} ${kind}`).sort();

test('rows are compared by their keys, and others are not', async () => {
  const changed = new ChangedKeys();
  noted(changed, 'a', 1, 2, 2, 3);
  await other.client.query(`update a set note = 'y' where id in (2, 9)`);
  assert.deepEqual([changed.size, changed.has({ table: 'a', key: ['9'] })], [3, false]);
  assert.deepEqual(await shown(changed), ['a 2 different']);
  assert.equal(changed.size, 0);
});

test('past the limit a table is compared as a whole, and few keys of others are still held', async () => {
  const changed = new ChangedKeys(5);
  noted(changed, 'b', 1, 2);
  noted(changed, 'a', 1, 2, 3, 4, 5, 6);
  await other.client.query('delete from b where id in (2, 7)');
  assert.equal(changed.size, 8);
  assert.ok(changed.has({ table: 'a', key: ['20'] }) && !changed.has({ table: 'b', key: ['7'] }));
  assert.deepEqual(await shown(changed), ['a 2 different', 'a 9 different', 'b 2 missing']);
  assert.deepEqual([changed.size, changed.has({ table: 'a', key: ['20'] })], [0, false]);
});

test('many changes hold no more keys than the limit', () => {
  const changed = new ChangedKeys(100);
  for (let id = 0; id < 10_000; id++) noted(changed, id % 2 === 0 ? 'a' : 'b', id);
  assert.equal(changed.size, 10_000);
  for (const table of ['a', 'b']) assert.ok(changed.has({ table, key: ['-1'] }));
});
