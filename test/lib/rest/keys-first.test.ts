// A page is chosen by its keys before anything is embedded: the same rows, read for the page alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createTestEngine } from './support';

const api = await createTestEngine(
  `
  create table makers (id int primary key, name text, country text);
  create table things (
    id int primary key, name text, made date, data jsonb, maker_id int references makers, note text default repeat('x', 500)
  );
  create table parts (id int primary key, thing_id int references things, name text);
  create table logs (at int, what text);
  create index on things (made desc nulls last, id);
  create index on parts (thing_id);
  create view listed as select id, name, maker_id from things;
  insert into makers select i, 'Maker ' || i, 'C' || i % 3 from generate_series(1, 20) i;
  insert into things (id, name, made, data, maker_id)
    select i, 'T' || i % 7, case when i % 5 > 0 then date '2026-01-01' + i * 37 % 100 end, jsonb_build_object('n', i % 11),
      case when i % 4 > 0 then 1 + i % 20 end from generate_series(1, 3000) i;
  insert into parts select i, 1 + i * 7 % 3000, 'P' || i from generate_series(1, 4000) i;
  insert into logs select i, 'w' from generate_series(1, 3) i;
  create function initial(things) returns text language sql stable as 'select left($1.name, 2)';
  analyze;
  `,
  { aggregatesEnabled: true },
);

async function ask(path: string): Promise<{ body: unknown; keysFirst: boolean }> {
  api.transactions.length = 0;
  const { status, body } = await api.get(path);
  assert.equal(status, 200, JSON.stringify(body));
  return { body, keysFirst: api.transactions[0]?.statement.text.includes('pgrst_page') ?? false };
}

test('a page is the slice of all rows, whatever is embedded, filtered and ordered', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(
        'id',
        'id,makers(name)',
        '*,makers(*),parts(name)',
        'name,...makers(maker:name),parts(label:name)',
        'initial,data->n,makers()',
      ),
      fc.constantFrom(
        '',
        '&name=eq.T3',
        '&or=(name.eq.T1,made.is.null)',
        '&initial=eq.T2',
        '&parts.name=like.P1*',
        '&parts.limit=1&parts.order=id',
      ),
      fc.constantFrom('id', 'made.desc.nullslast,id', 'name.desc,id.desc', 'data->n,id', 'initial,id'),
      fc.integer({ min: 0, max: 1_000 }),
      fc.constantFrom(0, 1, 7, 999, 1_500, 2_950, 4_000),
      async (select, filters, order, limit, offset) => {
        const filter = select.includes('parts') || !filters.includes('parts') ? filters : '';
        const query = `/things?select=${select}${filter}&order=${order}`;
        const page = await ask(`${query}&limit=${limit}&offset=${offset}`);
        const all = await ask(query);
        assert.equal(all.keysFirst, false);
        // A page of no rows has no offset.
        assert.equal(page.keysFirst, select !== 'id' || (offset >= 1_000 && limit > 0));
        assert.deepEqual(page.body, (all.body as unknown[]).slice(offset, offset + limit));
      },
    ),
    { numRuns: 60 },
  );
});

test('what is embedded is read for the page alone', async () => {
  const { rows } = await api.client.query({
    text: `explain (analyze, costs off, timing off, format json) ${await textOf('/things?select=id,makers(name),parts(name)&order=made.desc.nullslast,id&limit=20')}`,
    values: [],
  });
  const read = scans(rows[0]['QUERY PLAN'][0].Plan).filter((scan) => scan['Relation Name'] === 'parts');
  assert.ok(read.length > 0);
  assert.ok(
    read.every((scan) => scan['Actual Loops'] <= 20),
    JSON.stringify(read),
  );
});

test('the row that a row of a page refers to is looked up: its table is not read whole to be hashed', async () => {
  const embedded = 'makers(name),again:makers(country)';
  const makersOf = async (path: string) => {
    const { rows } = await api.client.query({
      text: `explain (analyze, costs off, timing off, format json) ${await textOf(path)}`,
      values: [],
    });
    return scans(rows[0]['QUERY PLAN'][0].Plan).filter((scan) => scan['Relation Name'] === 'makers');
  };
  const page = await makersOf(`/things?select=id,${embedded}&order=made.desc.nullslast,id&limit=50`);
  assert.equal(page.length, 2);
  assert.ok(
    page.every((scan) => scan['Actual Rows'] <= 1),
    JSON.stringify(page),
  );
  // Of all rows, many refer to the same one.
  const all = await makersOf(`/things?select=id,${embedded}`);
  assert.ok(
    all.every((scan) => scan['Actual Loops'] === 1 && scan['Actual Rows'] === 20),
    JSON.stringify(all),
  );
});

interface Scan {
  'Relation Name'?: string;
  'Actual Loops': number;
  'Actual Rows': number;
  Plans?: Scan[];
}

function scans(plan: Scan): Scan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(scans)];
}

/** The statement of a request, with its values in the text. */
async function textOf(path: string): Promise<string> {
  await ask(path);
  const { text, values } = api.transactions[0]?.statement ?? { text: '', values: [] };
  return text.replaceAll(/\$(\d+)/g, (_, number) => `'${values[number - 1]}'`);
}

test('where something embedded decides about rows or their order, or no key is known, the page is chosen after the joins', async () => {
  for (const path of [
    '/things?select=id,makers!inner(name)&makers.country=eq.C1&order=id&limit=5',
    '/things?select=id,makers(name)&makers=is.null&order=id&limit=5',
    '/things?select=id,makers(name)&or=(makers.not.is.null,name.eq.T1)&order=id&limit=5',
    '/things?select=id,makers(name)&order=makers(name),id&limit=5',
    '/things?select=name,maker_id,id.count(),makers(name)&order=name,maker_id&limit=5',
    '/things?select=id,makers(name)&limit=5',
    '/things?select=id,makers(name)&order=id',
    '/things?select=id,makers(name)&order=id&limit=2000',
    '/listed?select=id,makers(name)&order=id&limit=5',
    '/logs?order=at&limit=1&offset=2000',
  ]) {
    assert.equal((await ask(path)).keysFirst, false, path);
  }
});

test('a HEAD request counts the rows without reading or joining what it would show', async () => {
  const head = async (path: string, prefer = 'count=exact') => {
    const { status, headers, body } = await api.request('HEAD', path, { prefer });
    return [status, headers['content-range'], body] as const;
  };
  const query = '/things?select=id,note,makers(name),parts(name)&name=eq.T3';
  assert.deepEqual(await head(query), [200, '0-428/429', null]);
  assert.deepEqual(await head(`${query}&limit=10&offset=425&order=id`), [206, '425-428/429', null]);
  assert.deepEqual(await head(`${query}&limit=10&order=id`, ''), [200, '0-9/*', null]);
  const inner = '/things?select=id,makers!inner()&makers.country=eq.C1&name=eq.T3';
  const rows = ((await api.get(inner)).body as unknown[]).length;
  assert.deepEqual(await head(inner), [200, `0-${rows - 1}/${rows}`, null]);
  api.transactions.length = 0;
  await head(query);
  const { text, values } = api.transactions[0]?.statement ?? { text: '', values: [] };
  const { rows: plan } = await api.client.query({
    text: `explain (analyze, costs off, timing off, format json) ${text.replaceAll(/\$\d/g, `'${values[0]}'`)}`,
  });
  const run = scans(plan[0]['QUERY PLAN'][0].Plan).filter((scan) => scan['Actual Loops'] > 0);
  assert.deepEqual(
    run.flatMap((scan) => scan['Relation Name'] ?? []),
    ['things'],
  );
  assert.deepEqual((await head('/things?select=nope'))[0], 400);
  assert.deepEqual((await head('/things?select=name,id.count()&order=name'))[1], '0-6/7');
});
