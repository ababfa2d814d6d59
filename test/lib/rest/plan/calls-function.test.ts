import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runTransaction } from '@/lib/postgres';
import { Engine, type EngineRequest, isPlanned, loadSchemaCache } from '@/lib/rest';
import { createTestEngine } from '../support';

const { client } = await createTestEngine(`
  create domain stamp as timestamptz;
  create function "json"(stamp) returns json language sql immutable as $$ select to_json(extract(epoch from $1)) $$;
  create cast (stamp as json) with function "json"(stamp) as implicit;
  create table makers (id int primary key, name text, made stamp);
  create table things (id int primary key, name text, maker_id int references makers, data jsonb);
  create function label(things) returns text language sql stable as $$ select $1.name $$;
  create function maker_of(things) returns setof makers rows 1 language sql stable as $$
    select * from api.makers where id = $1.maker_id $$;
  create function twice(n int) returns int language sql immutable as 'select 2 * n';
`);
const cache = await loadSchemaCache((transaction) => runTransaction(client, transaction), {
  schemas: ['api'],
});
const engine = new Engine(cache, { schemas: ['api'], aggregatesEnabled: true });

function calls(method: string, pathAndQuery: string, given: Partial<EngineRequest> = {}): boolean {
  const [path = '', query = ''] = pathAndQuery.split('?');
  const step = engine.plan(engine.read({ method, path, query, headers: {}, body: null, ...given }));
  assert.ok(isPlanned(step));
  return step.callsFunction;
}

test('columns, paths, aggregates and what is embedded call no function', () => {
  for (const asked of [
    '/things',
    '/things?select=id,label:name,data->x->>y&name=eq.a&or=(id.eq.1,not.and(id.gt.2,id.lt.3))&order=name.desc',
    '/things?select=*,makers(id)&makers.name=eq.a&makers=not.is.null',
    '/things?select=id,m:makers(name)&order=m(name)',
    '/things?select=id,makers(id,name)&order=makers(name)',
    '/makers?select=id,things(*)&things.order=name&things.limit=2',
    '/makers?select=id,...things(name)&things.order=id',
    '/things?select=name.count(),id.sum()',
  ]) {
    assert.equal(calls('GET', asked), false, asked);
  }
  const prefer = { headers: { prefer: 'return=representation' } };
  assert.equal(calls('POST', '/things?select=id', { ...prefer, body: '{"id":1}' }), false);
  assert.equal(calls('PATCH', '/things?id=eq.1', { ...prefer, body: '{"name":"a"}' }), false);
  assert.equal(calls('DELETE', '/things?name=eq.a'), false);
});

test('calls, computed fields and relationships, representations and casts may call one of the owner’s', () => {
  for (const asked of [
    '/rpc/twice?n=1',
    '/%72pc/twice?n=1',
    '/things?select=label',
    '/things?label=eq.a',
    '/things?or=(id.eq.1,and(id.eq.2,label.eq.a))',
    '/things?order=label',
    '/things?select=id,makers(unknown)',
    '/things?select=id,makers(id)&makers.unknown=eq.a',
    '/things?select=id,makers(id)&order=makers(name)',
    '/things?select=id,maker_of(name)',
    '/things?select=id::stamp',
    '/things?select=id.sum()::stamp',
    '/makers?select=made',
    '/things?select=*,makers(*)',
    '/makers?select=id,...things(label)',
    '/makers?select=id,...things(id)&things.order=label',
  ]) {
    assert.equal(calls('GET', asked), true, asked);
  }
  assert.equal(calls('PATCH', '/things?label=eq.1', { body: '{"name":"a"}' }), true);
  assert.equal(calls('DELETE', '/things?or=(label.eq.a,id.eq.1)'), true);
});
