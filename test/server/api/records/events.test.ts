import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyOf, makeDeal, startCompany } from '../start-company';

const company = await startCompany();
const deal = await makeDeal(company, 'Quinceañera');

test('can we take it: an answer for each date, for those who sell', async () => {
  const question = { dates: [{ event_date: '2031-05-03', start_time: '18:00', end_time: '23:00' }] };
  const answer = await bodyOf<{ available: boolean; dates: unknown[] }>(
    await company.ask('a:sales', 'POST', '/api/availability', question),
    200,
  );
  assert.equal(answer.dates.length, 1);
  assert.equal(typeof answer.available, 'boolean');
  assert.equal((await company.ask('a:staff', 'POST', '/api/availability', question)).status, 403);
  for (const date of ['2031-02-30', 'soon']) {
    const dates = [{ event_date: date, start_time: '18:00', end_time: '23:00' }];
    assert.equal((await company.ask('a:sales', 'POST', '/api/availability', { dates })).status, 400);
  }
});

test('readiness, profit and search, each as far as the role sees', async () => {
  const eventId = await company.manager.withTenantTransaction(company.tenantIds.a, async ({ query }) => {
    const { rows } = await query<{ id: string }>('select id from convert_opportunity($1)', [
      deal.opportunityId,
    ]);
    return rows[0]?.id ?? '';
  });
  const ready = await bodyOf<{ events: { event_id: string; next_fix: string }[] }>(
    await company.ask('a:viewer', 'GET', `/api/events/readiness?event=${eventId}`),
    200,
  );
  assert.match(ready.events[0]?.next_fix ?? '', /contract/);
  const profit = await bodyOf<{ profit: number }>(
    await company.ask('a:manager', 'GET', `/api/events/${eventId}/profit`),
    200,
  );
  assert.equal(profit.profit, 0);
  assert.equal((await company.ask('a:sales', 'GET', `/api/events/${eventId}/profit`)).status, 403);
  assert.equal((await company.ask('b:owner', 'GET', `/api/events/${eventId}/profit`)).status, 404);
  const found = await bodyOf<{ found: { title: string }[] }>(
    await company.ask('a:sales', 'GET', `/api/search?q=${encodeURIComponent('Quincea')}`),
    200,
  );
  assert.ok(found.found.some(({ title }) => title.includes('Quinceañera')));
  const elsewhere = await bodyOf<{ found: unknown[] }>(
    await company.ask('b:owner', 'GET', '/api/search?q=Quincea'),
    200,
  );
  assert.deepEqual(elsewhere.found, []);
});

test('the API’s description needs no sign-in, and every operation says that it may be refused', async () => {
  const api = await bodyOf<{
    paths: Record<string, { servers?: unknown } & Record<string, { responses: object }>>;
  }>(await company.ask('anonymous', 'GET', '/api/openapi.json'), 200);
  for (const path of ['/client/{token}/accept', '/attachments', '/settings/{key}', '/webhooks', '/search']) {
    assert.ok(api.paths[path], path);
  }
  for (const operation of Object.values(api.paths).flatMap(({ servers: _, ...path }) =>
    Object.values(path),
  )) {
    assert.ok('default' in operation.responses);
  }
});
