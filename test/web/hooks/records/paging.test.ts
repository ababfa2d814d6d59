// Pages by the values of an order join to the whole list, from both ends, with equal and with empty values, also while rows come.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KeysetReading, Position } from '@/web/hooks/records/paging';
import type { Order } from '@/web/hooks/request/query';
import { startServing } from '../../../server/serving';

const { url, cookieOf, addUser, tenantIds } = await startServing();
await addUser(tenantIds.a, 'sales@a.example', 'sales');
const cookie = await cookieOf('a', 'sales@a.example');
Object.assign(globalThis, {
  window: { location: { origin: url, pathname: '/t/a/', hostname: '127.0.0.1' }, addEventListener() {} },
});
const overHttp = globalThis.fetch;
globalThis.fetch = (input, init) => {
  const headers = new Headers(init?.headers);
  headers.set('cookie', cookie);
  headers.set('origin', new URL(url).origin);
  return overHttp(input, { ...init, headers });
};
const { database, unwrap } = await import('@/web/hooks/request/database');
const { positionOf } = await import('@/web/hooks/records/paging');
const { readPage } = await import('@/web/hooks/records/read-page');
const { request } = await import('@/web/hooks/request/query');
const { signal } = new AbortController();

/** 130 accounts: names that repeat, a third without a city, and letters that the grammar of addresses uses. */
const CITIES = ['Columbus, OH', 'Köln "am Rhein"', 'St. (Louis)', 'a,b', null, null, null];
unwrap(
  await database.from('accounts').insert(
    Array.from({ length: 130 }, (_, index) => ({
      name: `Client ${index % 9}`,
      industry: 'Paging',
      billing_city: CITIES[index % CITIES.length] ?? null,
    })),
  ),
);

type Found = { id: string; name: string; billing_city: string | null };

function listed(order: readonly [Order, ...Order[]], mayBeEmpty: boolean): KeysetReading {
  return { select: 'id,name,billing_city', filters: [['industry', 'eq', 'Paging']], order, mayBeEmpty };
}

async function whole({ order, filters = [] }: KeysetReading): Promise<string[]> {
  const rows = unwrap(await request('accounts', { select: 'id', filters, order })) as unknown as Found[];
  return rows.map(({ id }) => id);
}

async function inPages(reading: KeysetReading, backwards: boolean, most: number): Promise<string[]> {
  const ids: string[] = [];
  let after: Position | undefined;
  for (;;) {
    const rows = (await readPage('accounts', reading, { after, backwards, most }, signal)) as Found[];
    const some = rows.map(({ id }) => id);
    if (backwards) ids.unshift(...some);
    else ids.push(...some);
    const edge = rows.at(backwards ? 0 : -1);
    if (rows.length < most || !edge) return ids;
    after = positionOf(edge, reading);
  }
}

for (const way of ['asc', 'desc'] as const) {
  test(`pages join to the whole list, ${way}`, async () => {
    const readings = [
      listed(
        [
          ['billing_city', way],
          ['name', way],
          ['id', way],
        ],
        true,
      ),
      listed(
        [
          ['name', way],
          ['id', way],
        ],
        false,
      ),
      listed([['id', way]], false),
    ];
    for (const reading of readings) {
      const all = await whole(reading);
      assert.equal(all.length, 130);
      for (const most of [7, 50, 130]) {
        assert.deepEqual(await inPages(reading, false, most), all);
        assert.deepEqual(await inPages(reading, true, most), all);
      }
    }
  });

  test(`a page far from both ends is counted from the nearer one, over rows without a value, ${way}`, async () => {
    const reading = listed(
      [
        ['billing_city', way],
        ['id', way],
      ],
      true,
    );
    const all = await whole(reading);
    for (const skip of [0, 20, 70, 75, 120, 129]) {
      const ids = (rows: unknown) => (rows as Found[]).map(({ id }) => id);
      const forwards = await readPage('accounts', reading, { skip, most: 10 }, signal);
      assert.deepEqual(ids(forwards), all.slice(skip, skip + 10), `${skip}`);
      const backwards = await readPage('accounts', reading, { backwards: true, skip, most: 10 }, signal);
      assert.deepEqual(ids(backwards), all.slice(Math.max(0, all.length - skip - 10), all.length - skip));
    }
  });
}

test('a row that comes meanwhile shifts no page: none is shown twice, none is missing', async () => {
  const reading = listed(
    [
      ['name', 'asc'],
      ['id', 'asc'],
    ],
    false,
  );
  const first = (await readPage('accounts', reading, { most: 60 }, signal)) as Found[];
  unwrap(await database.from('accounts').insert({ name: 'A first one', industry: 'Paging' }));
  const last = first.at(-1);
  assert.ok(last);
  const rest = (await readPage('accounts', reading, { after: positionOf(last, reading) }, signal)) as Found[];
  assert.equal(new Set([...first, ...rest].map(({ id }) => id)).size, 130);
});
