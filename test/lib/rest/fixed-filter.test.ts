// What is known of all rows that a request may see: a condition with the value on each scan.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestEngine } from './support';

const api = await createTestEngine(
  `
  create table makers (owner int, id int, name text, primary key (owner, id));
  create table things (
    owner int, id int, name text, maker_id int, primary key (owner, id), foreign key (owner, maker_id) references makers
  );
  create table tags (owner int, id int, label text, primary key (owner, id));
  create table things_tags (
    owner int, thing_id int, tag_id int, primary key (owner, thing_id, tag_id),
    foreign key (owner, thing_id) references things, foreign key (owner, tag_id) references tags
  );
  create table loans (
    owner int, id int, thing_id int, from_id int, to_id int, renews_id int, primary key (owner, id),
    foreign key (owner, thing_id) references things, foreign key (owner, from_id) references makers,
    constraint loans_to foreign key (owner, to_id) references makers, foreign key (owner, renews_id) references loans
  );
  create table colours (id int primary key, name text);
  create view named_things with (security_invoker) as select owner, id, name from things;
  insert into colours values (1, 'red');
  insert into makers select o, i, 'Maker ' || o || i from generate_series(1, 2) o, generate_series(1, 3) i;
  insert into things select o, i, 'Thing ' || o || i, 1 + i % 3 from generate_series(1, 2) o, generate_series(1, 6) i;
  insert into tags select o, i, 'Tag ' || o || i from generate_series(1, 2) o, generate_series(1, 2) i;
  insert into things_tags select o, i, 1 + i % 2 from generate_series(1, 2) o, generate_series(1, 6) i;
  insert into loans select o, i, 1, i, i + 1, nullif(i - 1, 0) from generate_series(1, 2) o, generate_series(1, 2) i;
  create function all_things() returns setof things language sql stable as 'select * from api.things';
  create function first_letter(things) returns text language sql stable as 'select left($1.name, 1)';
  create function same_makers(things) returns setof makers rows 1 language sql stable
    as 'select * from api.makers m where m.owner = $1.owner and m.id = $1.maker_id';
  `,
  { aggregatesEnabled: true },
);
const fixed = { column: 'owner', value: '2' };

async function ask(method: string, path: string, options: { body?: unknown; prefer?: string } = {}) {
  api.transactions.length = 0;
  const answer = await api.request(method, path, { ...options, fixed });
  const text = api.transactions[0]?.statement.text ?? '';
  return { ...answer, text, values: api.transactions[0]?.statement.values };
}

test('rows without something embedded are found by asking whether there is any, unless a limit or a sum decides', async () => {
  for (const [query, ids, asks] of [
    ['select=id,loans(id)&loans=is.null', [2, 3, 4, 5, 6], true],
    ['select=id,loans()&loans=not.is.null', [1], true],
    ['select=id,loans(id)&loans.id=eq.1&loans=is.null', [2, 3, 4, 5, 6], true],
    ['select=id,loans(id)&loans.id=eq.9&loans=is.null', [1, 2, 3, 4, 5, 6], true],
    ['select=id,loans(id)&or=(loans.not.is.null,id.eq.4)', [1, 4], true],
    ['select=id,makers(name)&makers.id=eq.2&makers=not.is.null', [1, 4], true],
    ['select=id,loans(id)&loans.limit=0&loans=is.null', [1, 2, 3, 4, 5, 6], false],
    ['select=id,loans(id.count())&loans=is.null', [], false],
  ] as const) {
    const { body, text } = await ask('GET', `/things?${query}&order=id`);
    assert.deepEqual(
      (body as { id: number }[]).map(({ id }) => id),
      ids,
      query,
    );
    assert.equal(/\bexists \(/.test(text), asks, query);
  }
});

test('each relation with the column is scanned by the value, and joined by the other columns of the key', async () => {
  const { text, body } = await ask(
    'GET',
    '/things?select=id,makers(name),tags(label)&tags.order=id&order=id&id=lte.2',
  );
  assert.deepEqual(body, [
    { id: 1, makers: { name: 'Maker 22' }, tags: [{ label: 'Tag 22' }] },
    { id: 2, makers: { name: 'Maker 23' }, tags: [{ label: 'Tag 21' }] },
  ]);
  for (const relation of ['"api"."things"', '"makers_1"', '"api"."tags"', '"api"."things_tags"']) {
    assert.match(text, new RegExp(`${relation.replaceAll('.', '[.]')}."owner" = [$]\\d`));
  }
  assert.doesNotMatch(text, /"owner" = "/);
});

test('a foreign key is named by its column besides that of the filter', async () => {
  const select = 'from:makers!from_id(name),to:makers!loans_to(name),renews_id(id),loans!renews_id(id)';
  assert.deepEqual((await ask('GET', `/loans?select=id,${select}&order=id`)).body, [
    { id: 1, from: { name: 'Maker 21' }, to: { name: 'Maker 22' }, renews_id: null, loans: [{ id: 2 }] },
    { id: 2, from: { name: 'Maker 22' }, to: { name: 'Maker 23' }, renews_id: { id: 1 }, loans: [] },
  ]);
  assert.deepEqual((await ask('GET', '/makers?select=name,loans!to_id(id)&id=eq.2')).body, [
    { name: 'Maker 22', loans: [{ id: 1 }] },
  ]);
  for (const hint of ['from_id!inner', 'inner!from_id']) {
    const inner = await ask('GET', `/loans?select=id,makers!${hint}()&makers.name=eq.Maker 22`);
    assert.deepEqual(inner.body, [{ id: 2 }], hint);
  }
  assert.deepEqual((await ask('GET', '/things?select=id,tags!things_tags(label)&id=eq.1')).body, [
    { id: 1, tags: [{ label: 'Tag 22' }] },
  ]);
  const ambiguous = await ask('GET', '/loans?select=makers(name)');
  assert.equal(ambiguous.status, 300);
  const [, { relationship }] = (ambiguous.body as { details: [object, { relationship: string }] }).details;
  assert.equal(relationship, 'loans_to using loans(owner, to_id) and makers(owner, id)');
  // As with PostgREST, where no filter says so.
  assert.equal((await api.get('/loans?select=makers!from_id(name)')).status, 400);
});

test('counts, views and filters by what is embedded have it too; relations without the column have not', async () => {
  const counted = await ask('GET', '/things?select=id,makers!inner()&makers.name=eq.Maker 22&limit=1', {
    prefer: 'count=exact',
  });
  assert.equal(counted.headers['content-range'], '0-0/2');
  const none = await ask('GET', '/makers?select=id,things(id)&things.id=eq.1&things=is.null&order=id', {
    prefer: 'count=exact',
  });
  assert.deepEqual(none.body, [
    { id: 1, things: [] },
    { id: 3, things: [] },
  ]);
  assert.equal(
    (await ask('GET', '/named_things?name=like.Thing*&select=id.count()')).text.includes('"owner" = $'),
    true,
  );
  assert.deepEqual((await ask('GET', '/colours')).body, [{ id: 1, name: 'red' }]);
});

test('updates and deletes reach rows with the value alone; inserts and functions are as without it', async () => {
  const updated = await ask('PATCH', '/things?id=eq.1&select=name,makers(name)', {
    body: { name: 'New' },
    prefer: 'return=representation',
  });
  assert.deepEqual(updated.body, [{ name: 'New', makers: { name: 'Maker 22' } }]);
  assert.equal(
    (await ask('DELETE', '/things_tags?thing_id=eq.6', { prefer: 'count=exact' })).headers['content-range'],
    '*/1',
  );
  const inserted = await ask('POST', '/things?select=name,makers(name)', {
    body: { owner: 1, id: 9, name: 'Elsewhere', maker_id: 1 },
    prefer: 'return=representation',
  });
  assert.equal(inserted.status, 201);
  // The rest of the key, for clients that do not know of the value.
  const merged = await ask('POST', '/things?on_conflict=id', {
    body: { owner: 2, id: 1, name: 'Newer' },
    prefer: 'resolution=merge-duplicates',
  });
  assert.deepEqual(
    [merged.status, merged.headers['preference-applied']],
    [200, 'resolution=merge-duplicates'],
  );
  const upserted = await ask('PUT', '/colours?id=eq.2', { body: { id: 2, name: 'blue' } });
  assert.equal(upserted.status, 204);
  const put = await ask('PUT', '/tags?id=eq.3', { body: { owner: 2, id: 3, label: 'New' } });
  assert.equal(put.status, 204, JSON.stringify(put.body));
  const other = await ask('PUT', '/tags?id=eq.3', { body: { owner: 2, id: 4, label: 'Other' } });
  assert.equal((other.body as { code: string }).code, 'PGRST115');
  const { rows } = await api.client.query(
    'select owner, name from api.things where id in (1, 9) order by 1, id',
  );
  assert.deepEqual(rows, [
    { owner: 1, name: 'Thing 11' },
    { owner: 1, name: 'Elsewhere' },
    { owner: 2, name: 'Newer' },
  ]);
  assert.equal(((await ask('GET', '/rpc/all_things?select=id')).body as unknown[]).length, 13);
});

test('computed columns and relationships stay what their functions return', async () => {
  const { body } = await ask('GET', '/things?select=first_letter,same_makers(name)&id=eq.3&limit=1&order=id');
  assert.deepEqual(body, [{ first_letter: 'T', same_makers: { name: 'Maker 21' } }]);
});

test('the value is part of no text, and a request without one has a statement of its own', async () => {
  const one = await ask('GET', '/things?select=id');
  const other = await api.request('GET', '/things?select=id', { fixed: { column: 'owner', value: '1' } });
  assert.equal(api.transactions[1]?.statement.text, one.text);
  assert.deepEqual([(one.body as unknown[]).length, (other.body as unknown[]).length], [6, 7]);
  assert.equal(((await api.get('/things?select=id')).body as unknown[]).length, 13);
});

test('few rows by equal values are planned once for all; joins of all rows for their values; the rest as PostgreSQL says', async () => {
  const choice = async (path: string) => {
    await ask('GET', path);
    return api.transactions[0]?.settings.find(([name]) => name === 'plan_cache_mode')?.[1];
  };
  assert.equal(await choice('/things?select=id,makers(name)&order=id&limit=20'), 'force_generic_plan');
  assert.equal(await choice('/things?id=eq.1&select=*,makers(*)'), 'force_generic_plan');
  // An index of some states only is not used by a plan for all values.
  assert.equal(await choice('/things?select=id&name=in.(x,y)&order=id&limit=7'), 'force_custom_plan');
  assert.equal(await choice('/things?select=id,makers(name)&name=eq.x'), 'force_custom_plan');
  assert.equal(await choice('/things?select=id&order=id&limit=20&offset=5000'), 'force_custom_plan');
  assert.equal(await choice('/things?select=id,makers(name)&name=gt.x&order=id&limit=20'), undefined);
  assert.equal(await choice('/things?select=id'), undefined);
  await api.get('/things?limit=5');
  assert.deepEqual(
    api.transactions.at(-1)?.settings.filter(([name]) => name === 'plan_cache_mode'),
    [],
  );
});
