import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServing } from '../../../server/serving';
import { administer } from '../../../support/postgres';

const { url, dataSourceUrl, cookieOf, tenantIds, newManager } = await startServing();
const cookie = await cookieOf('a', 'owner@a.example');
Object.assign(globalThis, {
  window: { location: { origin: url, pathname: '/t/a/', hostname: '127.0.0.1' }, addEventListener() {} },
});
const throughNetwork = globalThis.fetch;
globalThis.fetch = (input, init) => {
  const headers = new Headers(init?.headers);
  headers.set('cookie', cookie);
  headers.set('origin', url);
  return throughNetwork(input, { ...init, headers });
};
const { readMatchingIds } = await import('@/web/hooks/records/matching-ids');
const { setColumn } = await import('@/web/hooks/records/set-column');

await newManager().withTenantTransaction(tenantIds.a, ({ query }) =>
  query(
    `insert into leads (first_name, last_name, status)
     select 'Lead', n::text, case when n <= 2300 then 'new' else 'contacted' end from generate_series(1, 2400) n`,
  ),
);

test('all rows that match are selected, those that are not loaded too, and changed with their values before', async () => {
  const ids = await readMatchingIds('leads', {
    select: '*',
    filters: [['status', 'eq', 'new']],
    order: [['created_at', 'desc']],
    limit: 100,
  });
  assert.equal(new Set(ids).size, 2300);
  assert.equal(ids.length, 2300);
  const changed = await setColumn('leads', { ids, column: 'status', value: 'qualified' });
  assert.equal(changed.length, 2300);
  assert.ok(changed.every(({ value }) => value === 'new'));
  assert.deepEqual(await readMatchingIds('leads', { filters: [['status', 'eq', 'new']] }), []);
});

test('a part that is refused does not hide what was changed', async () => {
  await administer(
    dataSourceUrl,
    `create function public.refuse_lead() returns trigger language plpgsql as
       $$ begin raise exception 'Not this one.' using errcode = 'PT409'; end $$;
     create trigger refuse_lead before update on leads for each row when (old.last_name = '2350') execute function public.refuse_lead()`,
  );
  const ids = await readMatchingIds('leads', {});
  const changed = await setColumn('leads', { ids, column: 'source', value: 'Fair' });
  assert.equal(changed.length, 2200, 'all but the part of 200 with the refused one');
  const refused = await readMatchingIds('leads', { filters: [['last_name', 'eq', '2350']] });
  await assert.rejects(setColumn('leads', { ids: refused, column: 'source', value: 'Fair' }), /Not this one/);
});
