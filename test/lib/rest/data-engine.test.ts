import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PostgrestClient } from '@supabase/postgrest-js';
import fc from 'fast-check';
import { createTestEngine } from './support';

const api = await createTestEngine(
  `
  create table makers (id int primary key, name text);
  create table things (id int primary key, name text, maker_id int references makers, data jsonb, tags text[]);
  insert into makers values (1, 'Ann'); insert into things values (1, 'One', 1, '{"a": [1]}', '{x}');
  create function twice(n int) returns int language sql immutable as 'select 2 * n';
  create function named(name text) returns setof things language sql stable as $$ select * from api.things $$;
  `,
  { aggregatesEnabled: true, maxPlans: 50 },
);

test('the real client speaks with the engine', async () => {
  const client = new PostgrestClient('http://engine.test', {
    fetch: api.engine.fetch as unknown as typeof fetch,
  });
  const { data, count } = await client
    .from('things')
    .select('name, makers!inner(name)', { count: 'exact' })
    .eq('makers.name', 'Ann')
    .order('id')
    .limit(1);
  assert.deepEqual([data, count], [[{ name: 'One', makers: { name: 'Ann' } }], 1]);
  assert.equal((await client.rpc('twice', { n: 21 })).data, 42);
  assert.equal((await client.from('things').select().eq('id', 9).maybeSingle()).data, null);
  assert.equal((await client.from('things').select().eq('id', 9).single()).error?.code, 'PGRST116');
  const inserted = await client
    .from('things')
    .insert({ id: 7, name: 'New' })
    .select('id, makers(name)')
    .single();
  assert.deepEqual(inserted.data, { id: 7, makers: null });
  assert.equal((await client.from('things').delete({ count: 'exact' }).eq('id', 7)).count, 1);
});

test('requests of one shape share a statement, and the values are parameters', async () => {
  api.transactions.length = 0;
  for (const id of [1, 2, 3])
    await api.get(`/things?select=id&id=eq.${id}&or=(name.eq.a${id},name.in.(b,c${id}))`);
  await api.get('/things?select=id&id=eq.4&or=(name.eq.x,name.in.(y))&limit=3');
  const texts = api.transactions.map(({ statement }) => statement.text);
  assert.deepEqual([new Set(texts).size, new Set(texts.slice(0, 3)).size], [2, 1]);
  const names = api.transactions.map(({ statement }) => statement.name);
  assert.equal(new Set(names).size, 2);
  assert.ok(api.transactions[1]?.statement.values.includes('2'));
});

test('a request that is like another but for its separators does not leave it a plan', async () => {
  const engine = api.with({});
  const inner = '[null, null, null]';
  await api.client.query(
    `insert into api.things (id, name, data) select n, 'Keyed', '{"x": ${inner}}' from generate_series(201, 203) n`,
  );
  try {
    const expected = { status: 200, rows: 2 };
    const planted = [
      ['/things?name=eq.Keyed&select=id,data->>x%0Alimit%23', { range: '0-1' }],
      ['/things?name=eq.Keyed&id=in.%23', {}],
    ] as const;
    for (const [path, headers] of planted) await engine.get(path, headers);
    const { status, body } = await engine.get('/things?name=eq.Keyed&select=id,data->>x&limit=2');
    assert.deepEqual({ status, rows: (body as unknown[]).length }, expected);
    assert.deepEqual(
      body,
      [201, 202].map((id) => ({ id, x: inner })),
    );
    assert.equal((await engine.get('/things?name=eq.Keyed&id=in.(201,202)')).status, 200);
    assert.equal((await engine.get('/things?name=eq.Keyed&id=in.%23')).status, 400);
  } finally {
    await api.client.query("delete from api.things where name = 'Keyed'");
  }
});

test('a request gets no more rows than db-max-rows, whatever limit, range or embedding says', async () => {
  await api.client.query(
    "insert into api.things (id, name, maker_id) select n, 'Many', 1 from generate_series(101, 110) n",
  );
  const limited = api.with({ maxRows: 3 });
  try {
    for (const path of [
      '/things?name=eq.Many',
      '/things?name=eq.Many&limit=5',
      '/things?name=eq.Many&limit=1000&offset=2',
    ])
      assert.equal(((await limited.get(path)).body as unknown[]).length, 3, path);
    assert.equal(((await limited.get('/things?name=eq.Many&limit=2')).body as unknown[]).length, 2);
    const ranged = await limited.get('/things?name=eq.Many', { range: '0-9', 'range-unit': 'items' });
    assert.equal((ranged.body as unknown[]).length, 3);
    for (const embedded of ['things(id)', 'things(id)&things.limit=5']) {
      const [maker] = (await limited.get(`/makers?select=${embedded}`)).body as { things: unknown[] }[];
      assert.equal(maker?.things.length, 3, embedded);
    }
  } finally {
    await api.client.query("delete from api.things where name = 'Many'");
  }
});

test('tables are joined by all columns of a key', async () => {
  const composite = await createTestEngine(`
    create table parents (a int, b int, name text, primary key (a, b));
    create table children (id int primary key, a int, b int, foreign key (a, b) references parents);
    insert into parents values (1, 1, 'one'), (1, 2, 'two'); insert into children values (1, 1, 1), (2, 1, 2);
  `);
  assert.deepEqual((await composite.get('/children?select=id,parents(name)&order=id')).body, [
    { id: 1, parents: { name: 'one' } },
    { id: 2, parents: { name: 'two' } },
  ]);
  assert.deepEqual((await composite.get('/parents?select=name,children(id)&order=name')).body, [
    { name: 'one', children: [{ id: 1 }] },
    { name: 'two', children: [{ id: 2 }] },
  ]);
});

const word = fc.constantFrom(
  'id',
  'name',
  'maker_id',
  'data',
  'tags',
  'nope',
  'makers',
  'things',
  'a b',
  '*',
);
const anything = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom("'", '"', '\\', '\0', ');--', '1'),
);
const operator = fc.constantFrom(
  ...[
    'eq',
    'neq',
    'gt',
    'gte',
    'lt',
    'lte',
    'like',
    'ilike',
    'match',
    'imatch',
    'cs',
    'cd',
    'ov',
    'sl',
    'sr',
  ],
  ...[
    'nxr',
    'nxl',
    'adj',
    'fts',
    'plfts(english)',
    'phfts',
    'wfts',
    'isdistinct',
    'not.eq',
    'eq(any)',
    'like(all)',
  ],
);
const field = fc
  .tuple(word, fc.constantFrom('', '->a', '->>a', '->0', '->a->>0'))
  .map((parts) => parts.join(''));
const condition = fc.oneof(
  fc.tuple(operator, anything).map(([op, value]) => `${op}.${value}`),
  fc
    .array(anything, { maxLength: 3 })
    .map((values) => `in.(${values.map((one) => JSON.stringify(one)).join(',')})`),
  fc.constantFrom('is.null', 'not.is.null', 'is.true', 'is.not_null'),
);
const selected = fc.oneof(
  field,
  fc.tuple(fc.constantFrom('x', 'y z'), field).map(([alias, name]) => `${alias}:${name}`),
  fc.tuple(field, fc.constantFrom('text', 'int', 'jsonb')).map(([name, type]) => `${name}::${type}`),
  fc.constantFrom(
    'count()',
    'id.sum()',
    'makers(name)',
    'makers!inner(*,things(id))',
    '...makers(maker:name)',
  ),
);
const parameter = fc.oneof(
  fc.tuple(field, condition),
  fc.tuple(
    fc.constant('select'),
    fc.array(selected, { minLength: 1, maxLength: 4 }).map((all) => all.join(',')),
  ),
  fc.tuple(
    fc.constant('order'),
    fc.tuple(field, fc.constantFrom('', '.desc', '.asc.nullslast')).map((t) => t.join('')),
  ),
  fc.tuple(fc.constantFrom('limit', 'offset', 'makers.limit'), fc.oneof(fc.integer().map(String), anything)),
  fc.tuple(
    fc.constantFrom('or', 'and', 'not.or', 'makers.or'),
    fc
      .array(fc.tuple(field, condition), { minLength: 1, maxLength: 3 })
      .map((all) => `(${all.map(([name, given]) => `${name}.${given}`).join(',')})`),
  ),
  fc.tuple(word, anything),
);
const query = fc
  .array(parameter, { maxLength: 5 })
  .map((all) =>
    all
      .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value.toWellFormed())}`)
      .join('&'),
  );

test('a random request is answered, never with a 500', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('GET /things', 'GET /makers', 'DELETE /things', 'GET /rpc/named', 'GET /rpc/twice'),
      query,
      fc.constantFrom(undefined, 'count=exact', 'return=representation', 'count=planned', 'tx=rollback'),
      async (target, parameters, prefer) => {
        const [method = '', path = ''] = target.split(' ');
        const answer = await api.request(
          method,
          `${path}?${parameters}`,
          prefer === undefined ? {} : { prefer },
        );
        assert.ok(answer.status < 500, `${answer.status} ${JSON.stringify(answer.body)}`);
      },
    ),
    { numRuns: 600 },
  );
});

test('random values never reach the text of a statement', async () => {
  const textOf = async (path: string, body?: string) => {
    api.transactions.length = 0;
    await api.request(body === undefined ? 'GET' : 'POST', path, body === undefined ? {} : { body });
    return api.transactions.map(({ statement }) => statement.text).join();
  };
  const expected = {
    filter: await textOf('/things?name=eq.a&or=(name.eq.a,name.like.b)&limit=1&data->>k=eq.x'),
    argument: await textOf('/rpc/named?name=a'),
    body: await textOf('/things', '{"name":"a"}'),
  };
  await fc.assert(
    fc.asyncProperty(anything, fc.nat(), async (value, limit) => {
      const safe = encodeURIComponent(value.toWellFormed());
      const quoted = encodeURIComponent(JSON.stringify(value.toWellFormed().replaceAll(/[^ -~]/g, '?')));
      const filters = `name=eq.${safe}&or=(name.eq.${quoted},name.like.${quoted})&limit=${limit}&data->>k=eq.${safe}`;
      assert.equal(await textOf(`/things?${filters}`), expected.filter);
      assert.equal(await textOf(`/rpc/named?name=x${safe}`), expected.argument);
      assert.equal(await textOf('/things', JSON.stringify({ name: value })), expected.body);
    }),
    { numRuns: 150 },
  );
});

test('random bytes in any position are quoted, bound or refused', async () => {
  const before = await api.client.query('select count(*)::int as n from api.makers');
  await fc.assert(
    fc.asyncProperty(anything, fc.nat(6), async (bytes, position) => {
      const hole = encodeURIComponent(bytes.toWellFormed());
      const queries = [
        `select=${hole}`,
        `select=x:id,"${hole}"`,
        `select=id::${hole}`,
        `order=${hole}`,
        `"${hole}"=eq.1`,
        `select=id,makers!${hole}(name)`,
        `name=${hole}`,
      ];
      const answer = await api.get(`/things?${queries[position]}`);
      assert.ok(answer.status < 500, `${answer.status} ${JSON.stringify(answer.body)}`);
    }),
    { numRuns: 400 },
  );
  const after = await api.client.query('select count(*)::int as n from api.makers');
  assert.deepEqual(after.rows, before.rows);
});
