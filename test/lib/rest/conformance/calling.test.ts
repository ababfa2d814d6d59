import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { createTestEngine } from '../support';

const RENTAL = await readFile(new URL('rental.sql', import.meta.url), 'utf8');
/** Runs before every statement. */
const OPENING = { schema: 'api', name: 'forget' };

const api = await createTestEngine(RENTAL);
const call = async (name: string, body: unknown) =>
  (await api.request('POST', `/rpc/${name}`, { body })).body;
const got = async (pathAndQuery: string) => (await api.get(`/rpc/${pathAndQuery}`)).body;

test('arguments come by query, JSON and form; defaults fill in', async () => {
  assert.equal(await got('add_up?a=1&b=2'), 3);
  assert.equal(await got('add_up?a=1'), 11);
  assert.equal(await call('add_up', { a: 1, b: 5 }), 6);
  const form = await api.request('POST', '/rpc/add_up', {
    body: 'a=4&b=5',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  assert.equal(form.body, 9);
  assert.equal(await got('joined_words?words=a&words=b'), 'a-b');
  assert.equal(await call('joined_words', { words: ['c', 'd'] }), 'c-d');
  assert.deepEqual(await call('echo', { any: ['thing'] }), { any: ['thing'] });
});

test('rows of a function are filtered, embedded in, counted and limited', async () => {
  assert.deepEqual(await got('by_customer?customer=1&select=title,customers(name)&order=id&limit=1'), [
    { title: 'Wedding', customers: { name: 'Ada' } },
  ]);
  assert.deepEqual(await got('by_customer?customer=1&select=title&price=lt.60'), [{ title: 'Rehearsal' }]);
  const counted = await api.request('POST', '/rpc/by_customer?limit=1', {
    body: { customer: 1 },
    prefer: 'count=exact',
  });
  assert.deepEqual([counted.status, counted.headers['content-range']], [206, '0-0/2']);
  assert.equal(((await got('first_event')) as { title: string }).title, 'Wedding');
});

test('functions run read-only where they may', async () => {
  api.transactions.length = 0;
  await got('add_up?a=1');
  await call('add_up', { a: 1 });
  await call('forget', {});
  assert.deepEqual(
    api.transactions.map(({ readOnly }) => readOnly),
    [true, true, false],
  );
  const writing = await api.get('/rpc/forget');
  assert.deepEqual([writing.status, (writing.body as { code: string }).code], [405, '25006']);
});

test('a function may say nothing, or all of the response', async () => {
  const nothing = await api.request('POST', '/rpc/forget', {});
  assert.deepEqual([nothing.status, nothing.body], [204, null]);
  const teapot = await api.request('POST', '/rpc/teapot', { body: {} });
  assert.deepEqual([teapot.status, teapot.headers['x-kettle'], teapot.body], [418, 'on', 'short and stout']);
  const raised = await api.request('POST', '/rpc/whole_answer', { body: {} });
  assert.deepEqual([raised.status, raised.headers['x-chairs']], [409, '0']);
  assert.deepEqual(raised.body, {
    code: 'R1',
    message: 'no more chairs',
    details: null,
    hint: 'bring your own',
  });
  const unparsed = await api.engine.handle({
    method: 'POST',
    path: '/rpc/whole_answer',
    query: '',
    headers: {},
    body: '{}',
  });
  assert.equal(unparsed.statusText, 'Standing Room Only');
});

test('overloads are told apart by their arguments', async () => {
  assert.equal(await got('overloaded?a=1'), 'one');
  assert.equal(await got('overloaded?a=1&b=2'), 'two');
  const { status, body } = await api.get('/rpc/overloaded?a=1&b=2&c=3');
  assert.equal(status, 404);
  assert.deepEqual(body, {
    code: 'PGRST202',
    message: 'Could not find the function api.overloaded(a, b, c) in the schema cache',
    details:
      'Searched for the function api.overloaded with parameters a, b, c, but no matches were found in the schema cache.',
    hint: 'Perhaps you meant to call the function api.overloaded(a, b)',
  });
});

test('only a parameter without a name takes the whole body', async () => {
  const body = { x: 1 };
  assert.deepEqual((await api.request('POST', '/rpc/echo', { body })).body, body);
  const named = await api.request('POST', '/rpc/echo_named', { body });
  assert.deepEqual([named.status, (named.body as { code: string }).code], [404, 'PGRST202']);
});

test('OPTIONS says how a function or relation may be used', async () => {
  const allowed = async (path: string) => (await api.request('OPTIONS', path)).headers.allow;
  assert.equal(await allowed('/rpc/add_up?a=1'), 'OPTIONS,GET,HEAD,POST');
  assert.equal(await allowed('/rpc/forget'), 'OPTIONS,POST');
  assert.equal(await allowed('/events'), 'OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE');
});

test('a call that is rolled back still fails at what it has deferred to its end', async () => {
  const trying = await createTestEngine(RENTAL, { txEnd: 'rollback-allow-override', preRequest: OPENING });
  for (const prefer of ['tx=commit', 'tx=rollback', undefined]) {
    const { status, body } = await trying.request('POST', '/rpc/take_slot_twice', {
      body: {},
      ...(prefer && { prefer }),
    });
    assert.deepEqual([status, (body as { code: string }).code], [409, '23505'], prefer);
  }
  const { rowCount } = await trying.client.query('select from api.slots where number = 7');
  assert.equal(rowCount, 0);
});
