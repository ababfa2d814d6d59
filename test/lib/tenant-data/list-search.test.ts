// What is typed into a list's search box is found by the search index, among the rows that the user may read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add, addAccount, addEvent } from './business';
import { createTenantDatabase, type Query } from './tenant-database';

const database = await createTenantDatabase();
const { tenantA, tenantB } = database;
const sales = { tenant: tenantA, role: 'sales' } as const;

const ids = await database.as({ tenant: tenantA }, async (query) => ({
  zoe: await add(query, 'accounts', {
    name: 'Zoë Müller Weddings',
    email: 'zoe@example.org',
    phone: '+1 (614) 555-0134',
    billing_city: 'Columbus',
  }),
  percent: await add(query, 'accounts', { name: '100% Fun_Co' }),
  event: await addEvent(query, { title: 'Gala of the harbor' }),
}));
await database.as({ tenant: tenantB }, (query) => add(query, 'accounts', { name: 'Zoe of another company' }));

async function found(query: Query, table: string, words: string): Promise<string[]> {
  return (await query<{ id: string }>(`select id from found_${table}($1)`, [words])).map(({ id }) => id);
}

test('every word has to occur, in any column, whatever its case and accents', async () => {
  await database.as(sales, async (query) => {
    for (const words of [
      'zoe',
      'ZOË weddings',
      'müller columbus',
      'muller',
      'edding',
      'example.org zo',
      'z m',
    ])
      assert.deepEqual(await found(query, 'accounts', words), [ids.zoe], words);
    for (const words of ['zoe harbor', 'xyzzy', 'o'])
      assert.deepEqual(await found(query, 'accounts', words), [], words);
    for (const phone of ['614 555', '(614) 555-0134', '+1 614 555 01', '5550134'])
      assert.deepEqual(await found(query, 'accounts', phone), [ids.zoe], phone);
    assert.deepEqual(await found(query, 'events', 'harbor gala'), [ids.event]);
  });
});

test('signs that patterns use are taken literally', async () => {
  await database.as(sales, async (query) => {
    assert.deepEqual(await found(query, 'accounts', '100%'), [ids.percent]);
    assert.deepEqual(await found(query, 'accounts', 'fun_co'), [ids.percent]);
    assert.deepEqual(await found(query, 'accounts', 'f_n'), []);
    assert.deepEqual(await found(query, 'accounts', "fun' or true --"), []);
    assert.deepEqual(await found(query, 'accounts', '\\'), []);
  });
});

test('nothing is found that the user may not read', async () => {
  const staff = { tenant: tenantA, role: 'staff' } as const;
  await database.as(staff, async (query) => {
    assert.deepEqual(await found(query, 'accounts', 'zoe'), []);
    assert.deepEqual(await found(query, 'events', 'harbor'), []);
  });
  await database.as({ tenant: tenantB, role: 'owner' }, async (query) => {
    assert.deepEqual(await found(query, 'events', 'harbor'), []);
    assert.equal((await found(query, 'accounts', 'zoe')).length, 1);
  });
});

test('the search index is entered, not the table read', async () => {
  await database.as({ tenant: tenantA }, async (query) => {
    for (let index = 0; index < 40; index += 1) await addAccount(query);
  });
  const [scans] = await database.as(sales, async (query) => {
    await found(query, 'accounts', 'weddings');
    // Of this transaction.
    return query(
      "select seq_scan::int, idx_scan > 0 as by_index from pg_stat_xact_user_tables where relid = 'public.accounts'::regclass",
    );
  });
  assert.deepEqual(scans, { seq_scan: 0, by_index: true });
});
