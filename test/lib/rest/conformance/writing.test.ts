import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { beforeEach, test } from 'node:test';
import { createTestEngine } from '../support';

const fixture = await readFile(new URL('rental.sql', import.meta.url), 'utf8');
const api = await createTestEngine(fixture, { txEnd: 'commit-allow-override' });
beforeEach(async () => {
  await api.client.query(
    `truncate api.items restart identity; insert into api.items (name) values ('Chair'), ('Table')`,
  );
});
const items = async () => (await api.get('/items?order=id&select=id,name,colour,quantity')).body;
const back = 'return=representation';

test('rows are inserted, and answered as asked', async () => {
  const minimal = await api.request('POST', '/items', { body: { name: 'Booth' } });
  assert.deepEqual([minimal.status, minimal.body, minimal.headers.location], [201, null, undefined]);
  const headers = await api.request('POST', '/items', {
    body: { name: 'Tent' },
    prefer: 'return=headers-only',
  });
  assert.equal(headers.headers.location, '/items?id=eq.4');
  const whole = await api.request('POST', '/items?select=name,colour', {
    body: [{ name: 'Lamp' }, { name: 'Sofa' }],
    prefer: `${back},count=exact`,
  });
  assert.deepEqual(whole.body, [
    { name: 'Lamp', colour: 'black' },
    { name: 'Sofa', colour: 'black' },
  ]);
  assert.equal(whole.headers['content-range'], '*/2');
  assert.equal(whole.headers['preference-applied'], 'return=representation, count=exact');
});

test('missing keys are null, or the default where asked', async () => {
  const body = [{ name: 'A' }, { colour: 'red' }];
  const nulls = await api.request('POST', '/items?columns=name,colour', { body, prefer: back });
  assert.deepEqual(nulls.body, [
    { id: 3, name: 'A', colour: null, quantity: 1 },
    { id: 4, name: null, colour: 'red', quantity: 1 },
  ]);
  const defaults = await api.request('POST', '/items?columns=name,colour', {
    body: [{ name: 'B' }],
    prefer: `${back},missing=default`,
  });
  assert.deepEqual(defaults.body, [{ id: 5, name: 'B', colour: 'black', quantity: 1 }]);
});

test('bodies are CSV and forms too', async () => {
  const csv = await api.request('POST', '/items?select=name,colour', {
    body: 'name,colour\n"Stool, high",NULL\n',
    headers: { 'content-type': 'text/csv' },
    prefer: back,
  });
  assert.deepEqual(csv.body, [{ name: 'Stool, high', colour: null }]);
  const form = await api.request('POST', '/items?select=name,quantity', {
    body: 'name=Big+Bench&quantity=3',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    prefer: back,
  });
  assert.deepEqual(form.body, [{ name: 'Big Bench', quantity: 3 }]);
});

test('conflicts are merged or ignored', async () => {
  const merged = await api.request('POST', '/items?on_conflict=name&columns=name,quantity', {
    body: [{ name: 'Chair', quantity: 7 }],
    prefer: `${back},resolution=merge-duplicates`,
  });
  assert.deepEqual(
    [merged.status, merged.body],
    [200, [{ id: 1, name: 'Chair', colour: 'black', quantity: 7 }]],
  );
  const ignored = await api.request('POST', '/items', {
    body: [
      { id: 1, name: 'X' },
      { id: 50, name: 'New' },
    ],
    prefer: `${back},resolution=ignore-duplicates`,
  });
  assert.deepEqual(ignored.body, [{ id: 50, name: 'New', colour: 'black', quantity: 1 }]);
  assert.equal(ignored.status, 201);
  assert.equal(ignored.headers['preference-applied'], 'resolution=ignore-duplicates, return=representation');
});

test('PUT inserts or replaces the one row that its filter names', async () => {
  const created = await api.request('PUT', '/items?id=eq.9', { body: { id: 9, name: 'Put' }, prefer: back });
  assert.equal(created.status, 201);
  const again = await api.request('PUT', '/items?id=eq.9', { body: { id: 9, name: 'Again' }, prefer: back });
  assert.equal(again.status, 200);
  const bodies = await Promise.all([
    api.request('PUT', '/items?id=eq.8', { body: { id: 9, name: 'No' } }),
    api.request('PUT', '/items?name=eq.a', { body: { id: 9, name: 'No' } }),
    api.request('PUT', '/items?id=eq.9&limit=1', { body: { id: 9, name: 'No' } }),
  ]);
  assert.deepEqual(
    bodies.map(({ status, body }) => [status, (body as { code: string }).code]),
    [
      [400, 'PGRST115'],
      [405, 'PGRST105'],
      [400, 'PGRST114'],
    ],
  );
});

test('rows are updated and deleted by filters', async () => {
  const updated = await api.request('PATCH', '/items?id=eq.1&select=colour', {
    body: { colour: 'blue' },
    prefer: back,
  });
  assert.deepEqual([updated.status, updated.body], [200, [{ colour: 'blue' }]]);
  const none = await api.request('PATCH', '/items?id=eq.99', { body: { colour: 'blue' } });
  assert.deepEqual([none.status, none.headers['content-range']], [204, '*/*']);
  const empty = await api.request('PATCH', '/items', { body: {}, prefer: back });
  assert.deepEqual([empty.status, empty.body], [200, []]);
  const gone = await api.request('DELETE', '/items?or=(id.eq.1,name.eq.Table)', { prefer: `count=exact` });
  assert.deepEqual([gone.status, gone.headers['content-range']], [204, '*/2']);
  assert.deepEqual(await items(), []);
});

test('a write that answers too much is undone', async () => {
  const many = await api.request('PATCH', '/items', {
    body: { colour: 'pink' },
    prefer: 'handling=strict,max-affected=1',
  });
  assert.deepEqual([many.status, (many.body as { code: string }).code], [400, 'PGRST124']);
  const single = await api.request('DELETE', '/items', {
    prefer: back,
    headers: { accept: 'application/vnd.pgrst.object+json' },
  });
  assert.equal(single.status, 406);
  const tried = await api.request('POST', '/items', { body: { name: 'Try' }, prefer: `tx=rollback,${back}` });
  assert.deepEqual(
    [tried.status, tried.headers['preference-applied']],
    [201, 'return=representation, tx=rollback'],
  );
  assert.equal(((await items()) as unknown[]).length, 2);
  assert.ok(!JSON.stringify(await items()).includes('pink'));
});

test('what is deferred to the end is checked even where the transaction is rolled back', async () => {
  for (const prefer of ['tx=rollback', 'tx=commit']) {
    const twice = await api.request('POST', '/slots', { body: { number: 1 }, prefer });
    assert.deepEqual([twice.status, (twice.body as { code: string }).code], [409, '23505'], prefer);
  }
});

test('what is written is embedded in', async () => {
  const { body } = await api.request('POST', '/events?select=id,customers(name),crew(name)', {
    body: { id: 90, title: 'New', customer_id: 2 },
    prefer: back,
  });
  assert.deepEqual(body, [{ id: 90, customers: { name: 'Ben' }, crew: [] }]);
  await api.request('DELETE', '/events?id=eq.90');
});

test('bad bodies and columns are refused', async () => {
  const cases: [body: string, query: string, code: string][] = [
    ['{', '', 'PGRST102'],
    ['', '', 'PGRST102'],
    ['[{"name": "a"}, {"colour": "b"}]', '', 'PGRST102'],
    ['{"nmae": "a"}', '', 'PGRST204'],
    ['{"name": "Chair"}', '', '23505'],
    ['{"quantity": "many"}', '', '22P02'],
  ];
  for (const [body, query, code] of cases) {
    const answer = await api.request('POST', `/items${query}`, { body });
    assert.equal((answer.body as { code: string }).code, code, body);
  }
  const strict = await api.request('POST', '/items', { body: {}, prefer: 'handling=strict,anything' });
  assert.deepEqual(strict.body, {
    code: 'PGRST122',
    message: 'Invalid preferences given with handling=strict',
    details: 'Invalid preferences: anything',
    hint: null,
  });
});
