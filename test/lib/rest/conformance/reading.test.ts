import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { OPERATORS } from '@/lib/rest/api-request/operators';
import { createTestEngine } from '../support';

const fixture = await readFile(new URL('rental.sql', import.meta.url), 'utf8');
// Two halls of one site, two of one number: joined by half of the key, each would have two.
const composite = `
  create table halls (site int, number int, name text, primary key (site, number));
  create table bookings (id int primary key, site int, hall int, foreign key (site, hall) references halls);
  create table stewards (id int primary key, name text);
  create table stewarding (
    site int, hall int, steward_id int references stewards, foreign key (site, hall) references halls,
    primary key (site, hall, steward_id)
  );
  insert into halls values (1, 1, 'Red'), (1, 2, 'Blue'), (2, 1, 'Green');
  insert into bookings values (1, 1, 1), (2, 1, 2), (3, 2, 1), (4, 1, null);
  insert into stewards values (1, 'Mo');
  insert into stewarding values (1, 2, 1);
  create table visits (id int primary key, venue_id int references venues);
  insert into visits select n, 1 from generate_series(1, 3) n;
  create function many() returns setof visits stable language sql as 'select * from api.visits';`;
const api = await createTestEngine(`${fixture}\n${composite}`, {
  aggregatesEnabled: true,
  planEnabled: true,
});
const rows = async (pathAndQuery: string) => (await api.get(pathAndQuery)).body;
const ids = async (query: string) =>
  ((await rows(`/events?select=id&order=id&${query}`)) as { id: number }[]).map(({ id }) => id);

test('columns are selected, renamed, cast and reached into', async () => {
  assert.deepEqual(
    await rows(
      '/events?select=name:title,id::text,details->guests->count,first:details->menu->>0,details->menu->1&id=eq.1',
    ),
    [{ name: 'Wedding', id: '1', count: 80, first: 'soup', menu: 'cake' }],
  );
  assert.deepEqual(await rows('/depots?select=address->>street,bins->1'), [{ street: 'Main 1', bins: 6 }]);
  assert.deepEqual(await rows('/events?select=shouting&id=eq.3'), [{ shouting: 'FAIR' }]);
});

test('every operator filters', async () => {
  const cases: [query: string, expected: number[]][] = [
    ['id=eq.2', [2]],
    ['id=neq.2', [1, 3, 4]],
    ['id=gt.2', [3, 4]],
    ['id=gte.2', [2, 3, 4]],
    ['id=lt.2', [1]],
    ['id=lte.2', [1, 2]],
    ['title=like.*fair', [4]],
    ['title=ilike.*FAIR*', [3, 4]],
    ['title=match.^W', [1]],
    ['title=imatch.^w', [1]],
    ['title=like(any).{W*,R*}', [1, 2]],
    ['title=like(all).{*e*,*W*}', [1]],
    ['id=eq(any).{1,3}', [1, 3]],
    ['id=in.(1,4,9)', [1, 4]],
    ['title=in.("Unsold fair","a,b")', [4]],
    ['id=in.()', []],
    ['id=not.in.(1,2)', [3, 4]],
    ['price=is.null', [4]],
    ['price=is.not_null', [1, 2, 3]],
    ['price=not.is.null', [1, 2, 3]],
    ['price=isdistinct.100', [2, 3, 4]],
    ['tags=cs.{photo,music}', [1]],
    ['tags=cd.{photo}', [2, 3]],
    ['tags=ov.{music,none}', [1]],
    ['during=sl.[2026-05-01,2026-06-01)', [2]],
    ['during=sr.[2026-04-01,2026-05-01)', [1]],
    ['during=nxr.[2026-04-01,2026-05-01)', [2]],
    ['during=nxl.[2026-05-01,2026-06-01)', [1]],
    ['during=adj.[2026-05-02,2026-05-03)', [1]],
    ['title=phfts(english).unsold fair', [4]],
    ['title=phfts(english).fair unsold', []],
    ['title=fts.wedding', [1]],
    ['title=plfts(english).fairs', [3, 4]],
    ['title=not.wfts(english).fair', [1, 2]],
    ['details->guests->>count=eq.80', [1]],
    ['details->guests->count=gt.10', [1]],
    ['or=(id.eq.1,and(id.gt.2,price.is.null))', [1, 4]],
    ['not.and=(id.gt.1,id.lt.4)', [1, 4]],
    ['or=(title.in.(Wedding,"Fair"),tags.cs.{photo})', [1, 2, 3]],
    ['shouting=eq.FAIR', [3]],
  ];
  for (const [query, expected] of cases) assert.deepEqual(await ids(query), expected, query);
  const used = cases.map(([query]) => /^\w+(?:->+\w+)*=(?:not\.)?(\w+)/.exec(query)?.[1]);
  const untested = OPERATORS.filter((operator) => !used.includes(operator));
  assert.deepEqual(untested, []);
});

test('a key of several columns joins by all of them', async () => {
  assert.deepEqual(await rows('/bookings?select=id,halls(name)&order=id'), [
    { id: 1, halls: { name: 'Red' } },
    { id: 2, halls: { name: 'Blue' } },
    { id: 3, halls: { name: 'Green' } },
    { id: 4, halls: null },
  ]);
  assert.deepEqual(await rows('/halls?select=name,bookings(id),stewards(name)&order=name'), [
    { name: 'Blue', bookings: [{ id: 2 }], stewards: [{ name: 'Mo' }] },
    { name: 'Green', bookings: [{ id: 3 }], stewards: [] },
    { name: 'Red', bookings: [{ id: 1 }], stewards: [] },
  ]);
});

test('no request gets more rows than the configuration allows, at any level', async () => {
  const limited = api.with({ maxRows: 2 });
  const counts = async (query: string, headers = {}) => {
    const { body } = await limited.get(query, headers);
    return (body as unknown[]).length;
  };
  assert.equal(await counts('/events?select=id'), 2);
  assert.equal(await counts('/events?select=id&limit=3'), 2);
  assert.equal(await counts('/events?select=id&limit=1'), 1);
  assert.equal(await counts('/events?select=id', { range: '0-3' }), 2);
  assert.equal(await counts('/rpc/many?limit=3'), 2);
  const { body } = await limited.get('/venues?select=id,visits(id)&id=eq.1&visits.limit=3');
  assert.equal((body as { visits: unknown[] }[])[0]?.visits.length, 2);
});

test('rows are ordered by columns, JSON paths and embedded columns', async () => {
  assert.deepEqual(await rows('/events?select=id&order=price.desc.nullslast'), [
    { id: 1 },
    { id: 3 },
    { id: 2 },
    { id: 4 },
  ]);
  assert.deepEqual(await rows('/events?select=id&order=details->guests->count.asc.nullsfirst,id.desc'), [
    { id: 4 },
    { id: 3 },
    { id: 2 },
    { id: 1 },
  ]);
  assert.deepEqual(await rows('/events?select=id,customers(name)&order=customers(name).desc,id&limit=2'), [
    { id: 4, customers: null },
    { id: 3, customers: { name: 'Ben' } },
  ]);
});

test('to-one, to-many, many-to-many, one-to-one, self and view relationships are embedded', async () => {
  assert.deepEqual(
    await rows(
      '/events?select=customers(name),crew(name),contracts(signed),parent_id(title),children:events(id),assignments(role,crew(name))&id=eq.1&crew.order=id&assignments.order=crew_id',
    ),
    [
      {
        customers: { name: 'Ada' },
        crew: [{ name: 'Kim' }, { name: 'Lee' }],
        contracts: { signed: true },
        parent_id: null,
        children: [{ id: 2 }],
        assignments: [
          { role: 'lead', crew: { name: 'Kim' } },
          { role: 'help', crew: { name: 'Lee' } },
        ],
      },
    ],
  );
  assert.deepEqual(await rows('/event_list?select=title,customers(name),crew(name)&event=eq.2'), [
    { title: 'Rehearsal', customers: { name: 'Ada' }, crew: [{ name: 'Kim' }] },
  ]);
  assert.deepEqual(await rows('/events?select=main_venue(name)&id=eq.1'), [
    { main_venue: { name: 'Town hall' } },
  ]);
});

test('hints choose among several relationships, which are listed otherwise', async () => {
  assert.deepEqual(
    await rows('/events?select=venue:venues!venue_id(name),backup:venues!events_backup_venue(name)&id=eq.1'),
    [{ venue: { name: 'Town hall' }, backup: { name: 'Barn' } }],
  );
  const { status, body } = await api.get('/events?select=venues(name)');
  assert.equal(status, 300);
  assert.deepEqual(body, {
    code: 'PGRST201',
    message: "Could not embed because more than one relationship was found for 'events' and 'venues'",
    hint: "Try changing 'venues' to one of the following: 'venues!events_at_venue', 'venues!events_backup_venue'. Find the desired relationship in the 'details' key.",
    details: [
      {
        cardinality: 'many-to-one',
        embedding: 'events with venues',
        relationship: 'events_at_venue using events(venue_id) and venues(id)',
      },
      {
        cardinality: 'many-to-one',
        embedding: 'events with venues',
        relationship: 'events_backup_venue using events(backup_venue_id) and venues(id)',
      },
    ],
  });
});

test('embedded resources filter, limit and order themselves and, when inner, their parents', async () => {
  assert.deepEqual(await rows('/customers?select=name,events!inner(id)&events.price=gt.90'), [
    { name: 'Ada', events: [{ id: 1 }] },
  ]);
  assert.deepEqual(
    await rows('/customers?select=id,events(id)&events.order=id.desc&events.limit=1&id=eq.1'),
    [{ id: 1, events: [{ id: 2 }] }],
  );
  assert.deepEqual(await rows('/customers?select=id,events()&events=is.null'), [{ id: 3 }]);
  assert.deepEqual(
    await rows(
      '/customers?select=id,events(id)&or=(events.not.is.null,name.eq.Cleo)&order=id&events.id=eq.3',
    ),
    [
      { id: 2, events: [{ id: 3 }] },
      { id: 3, events: [] },
    ],
  );
});

test('resources are spread into their parent', async () => {
  assert.deepEqual(await rows('/events?select=title,...customers(customer:name)&id=in.(1,4)&order=id'), [
    { title: 'Wedding', customer: 'Ada' },
    { title: 'Unsold fair', customer: null },
  ]);
  assert.deepEqual(
    await rows('/customers?select=name,...events(ids:id,title)&events.order=id.desc&id=eq.1'),
    [{ name: 'Ada', ids: [2, 1], title: ['Rehearsal', 'Wedding'] }],
  );
});

test('aggregates group by what else is selected', async () => {
  assert.deepEqual(await rows('/events?select=customer_id,count(),price.sum()::int&order=customer_id'), [
    { customer_id: 1, count: 2, sum: 150 },
    { customer_id: 2, count: 1, sum: 75 },
    { customer_id: null, count: 1, sum: null },
  ]);
  assert.deepEqual(await rows('/customers?select=name,events(total:price.sum())&id=eq.1'), [
    { name: 'Ada', events: [{ total: 150 }] },
  ]);
  assert.deepEqual(await rows('/contracts?select=...events(price.max())'), [{ max: 100 }]);
});

test('pages have a range, and with a count a status', async () => {
  const page = await api.get('/events?select=id&order=id&limit=2&offset=1', { prefer: 'count=exact' });
  assert.equal(page.status, 206);
  assert.equal(page.headers['content-range'], '1-2/4');
  assert.equal(page.headers['preference-applied'], 'count=exact');
  const header = await api.get('/events?select=id&order=id', { range: '0-0' });
  assert.deepEqual(
    [header.status, header.headers['content-range'], header.body],
    [200, '0-0/*', [{ id: 1 }]],
  );
  const beyond = await api.get('/events?offset=9', { prefer: 'count=exact' });
  assert.deepEqual([beyond.status, beyond.headers['content-range']], [416, '*/4']);
  assert.equal(
    (beyond.body as { details: string }).details,
    'An offset of 9 was requested, but there are only 4 rows.',
  );
  const planned = await api.get('/events?select=id', { prefer: 'count=planned' });
  assert.match(planned.headers['content-range'] ?? '', /^0-3\/\d+$/);
  const inner = await api.get('/customers?select=id,events!inner(id)&limit=1', { prefer: 'count=exact' });
  assert.equal(inner.headers['content-range'], '0-0/2');
  const head = await api.request('HEAD', '/events', { prefer: 'count=exact' });
  assert.deepEqual([head.status, head.body, head.headers['content-range']], [200, null, '0-3/4']);
});

test('a single object, CSV and a plan are answered where Accept asks for them', async () => {
  const object = 'application/vnd.pgrst.object+json';
  const one = await api.get('/events?id=eq.4&select=id,price', { accept: `${object};nulls=stripped` });
  assert.deepEqual(one.body, { id: 4 });
  assert.equal(one.headers['content-type'], `${object};nulls=stripped; charset=utf-8`);
  const many = await api.get('/events', { accept: object });
  assert.deepEqual(many.body, {
    code: 'PGRST116',
    message: 'Cannot coerce the result to a single JSON object',
    details: 'The result contains 4 rows',
    hint: null,
  });
  const csv = await api.get('/venues?order=id', { accept: 'text/csv' });
  assert.equal(csv.body, 'id,name,city\n1,"Town hall",Bern\n2,Barn,Chur');
  const plan = await api.get('/events', { accept: 'application/vnd.pgrst.plan+json' });
  assert.ok(Array.isArray(plan.body));
  const unknown = await api.get('/events', { accept: 'image/png' });
  assert.equal(unknown.status, 406);
});
