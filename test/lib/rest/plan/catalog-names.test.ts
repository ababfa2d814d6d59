import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestEngine } from '../support';

const open = await createTestEngine(
  `create table makers (id int primary key, name text);
   create table things (id int primary key, number bigint, maker_id int references makers);
   insert into makers values (1, 'Ann'); insert into things values (1, 10, 1);
   create function all_things() returns setof things language sql stable as 'select * from api.things';`,
  { aggregatesEnabled: true },
);
const closed = open.with({ aggregatesEnabled: true, catalogNames: false });

const REFUSED = [
  ...[
    'number::regrole',
    'number::RegRole',
    'number::_regclass',
    'number::regclass array',
    'n:number::aclitem',
  ],
  ...['number.max()::regrole', 'makers(name::regclass)', '...makers(name::regclass)', 'id::pg_proc', 'xmin'],
].map((select) => `select=${select}`);

test('types of the catalogs and system columns are refused where the database is shared', async () => {
  const asked = [...REFUSED, 'order=ctid', 'xmin=not.is.null', 'or=(id.eq.1,and(ctid.not.is.null,id.eq.2))'];
  for (const query of [...asked, 'select=id,makers(name)&makers.cmin=not.is.null']) {
    for (const path of ['/things', '/rpc/all_things']) {
      const { status, body } = await closed.get(`${path}?${query}`);
      assert.deepEqual([status, (body as { code: string }).code], [403, '42501'], `${path}?${query}`);
    }
  }
  for (const [method, body] of [
    ['POST', { id: 9 }],
    ['PATCH', { number: 1 }],
    ['DELETE', undefined],
  ] as const) {
    const query = method === 'POST' ? 'select=number::regrole' : 'id=eq.1&xmin=not.is.null';
    const answer = await closed.request(method, `/things?${query}`, {
      body,
      prefer: 'return=representation',
    });
    assert.equal(answer.status, 403, method);
  }
});

test('other types are cast to as ever; and all, where the database is not shared', async () => {
  const { body } = await closed.get('/things?select=number::text,real:number::double precision,id::"char"');
  assert.equal((body as { code: string }).code, 'PGRST100');
  const cast = await closed.get('/things?select=number::text,real:number::double precision,n:id::numeric');
  assert.deepEqual(cast.body, [{ number: '10', real: 10, n: 1 }]);
  const shown = await open.get('/things?select=number::regrole');
  assert.deepEqual(shown.body, [{ number: 'postgres' }]);
});
