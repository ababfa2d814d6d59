// Every method of the real client, against the engine. A method that a newer client adds fails the last test.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import * as library from '@supabase/postgrest-js';
import { createTestEngine } from './support';

const rental = await readFile(new URL('conformance/rental.sql', import.meta.url), 'utf8');
const api = await createTestEngine(rental, {
  aggregatesEnabled: true,
  planEnabled: true,
  txEnd: 'commit-allow-override',
  openApi: { followPrivileges: true, securityActive: false, uri: () => new URL('http://engine.test/') },
});
const used = new Set<string>();

/** The client, which notes the methods called on it and on what they return. */
function noting<T extends object>(object: T): T {
  return new Proxy(object, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...parameters: unknown[]) => {
        used.add(String(name));
        const result = value.apply(target, parameters);
        return typeof result === 'object' && result !== null && !(result instanceof Promise)
          ? noting(result)
          : result;
      };
    },
  });
}

const client = noting(
  new library.PostgrestClient('http://engine.test', { fetch: api.engine.fetch as unknown as typeof fetch }),
);
const events = () => client.from('events').select('id').order('id');
const idsOf = ({ data, error }: { data: unknown; error: unknown }) => {
  assert.equal(error, null);
  return (data as { id: number }[]).map(({ id }) => id);
};

test('each filter of the client selects the rows it says', async () => {
  const cases: [filtered: PromiseLike<{ data: unknown; error: unknown }>, expected: number[]][] = [
    [events().eq('id', 2), [2]],
    [events().neq('id', 2), [1, 3, 4]],
    [events().gt('id', 2), [3, 4]],
    [events().gte('id', 3), [3, 4]],
    [events().lt('id', 2), [1]],
    [events().lte('id', 2), [1, 2]],
    [events().like('title', '%fair'), [4]],
    [events().likeAllOf('title', ['%e%', '%W%']), [1]],
    [events().likeAnyOf('title', ['W%', 'R%']), [1, 2]],
    [events().ilike('title', '%FAIR%'), [3, 4]],
    [events().ilikeAllOf('title', ['%E%', 'w%']), [1]],
    [events().ilikeAnyOf('title', ['w%', 'r%']), [1, 2]],
    [events().regexMatch('title', '^W'), [1]],
    [events().regexIMatch('title', '^w'), [1]],
    [events().is('price', null), [4]],
    [events().isDistinct('price', 100), [2, 3, 4]],
    [events().in('title', ['Wedding', 'a,b', 'with "quotes"']), [1]],
    [events().notIn('id', [1, 2]), [3, 4]],
    [events().contains('tags', ['photo', 'music']), [1]],
    [events().contains('details', { guests: { count: 8 } }), [2]],
    [events().containedBy('tags', ['photo']), [2, 3]],
    [events().rangeGt('during', '[2026-04-01,2026-05-01)'), [1]],
    [events().rangeGte('during', '[2026-05-01,2026-06-01)'), [1]],
    [events().rangeLt('during', '[2026-05-01,2026-06-01)'), [2]],
    [events().rangeLte('during', '[2026-04-01,2026-05-01)'), [2]],
    [events().rangeAdjacent('during', '[2026-05-02,2026-05-03)'), [1]],
    [events().overlaps('tags', ['music', 'none']), [1]],
    [events().textSearch('title', 'unsold fair', { type: 'phrase', config: 'english' }), [4]],
    [events().textSearch('title', 'fair or wedding', { type: 'websearch', config: 'english' }), [1, 3, 4]],
    [events().textSearch('title', 'fairs', { type: 'plain', config: 'english' }), [3, 4]],
    [events().textSearch('title', 'wedding'), [1]],
    [events().match({ customer_id: 1, venue_id: 1 }), [1]],
    [events().not('id', 'in', '(1,2)'), [3, 4]],
    [events().or('id.eq.1,and(id.gt.2,price.is.null)'), [1, 4]],
    [events().filter('details->guests->>count', 'eq', 8), [2]],
  ];
  for (const [index, [filtered, expected]] of cases.entries())
    assert.deepEqual(idsOf(await filtered), expected, `case ${index}`);
});

test('what is read is shaped, limited and described', async () => {
  assert.deepEqual(idsOf(await events().limit(2)), [1, 2]);
  assert.deepEqual(idsOf(await events().range(1, 2)), [2, 3]);
  assert.equal((await events().eq('id', 1).single()).data?.id, 1);
  assert.equal((await events().eq('id', 9).maybeSingle()).data, null);
  assert.equal((await events().limit(1).csv()).data, 'id\n1');
  assert.deepEqual((await client.from('events').select('id,price').eq('id', 4).stripNulls()).data, [
    { id: 4 },
  ]);
  assert.deepEqual((await client.from('events').select('price.sum()')).data, [{ sum: 225 }]);
  assert.deepEqual(
    (await client.from('customers').select('name,...events(ids:id)').eq('id', 2).returns<unknown[]>()).data,
    [{ name: 'Ben', ids: [3] }],
  );
  const counted = await client.from('events').select('*', { count: 'exact', head: true });
  assert.deepEqual([counted.count, counted.data], [4, null]);
  const text = await events().explain({
    analyze: true,
    verbose: true,
    settings: true,
    buffers: true,
    wal: true,
  });
  assert.match(String(text.data), /^Aggregate[\s\S]*Execution Time/);
  assert.ok(Array.isArray((await events().explain({ format: 'json' })).data));
  // There is no PostGIS here: the answer is what it is without.
  assert.equal((await events().geojson()).error?.code, 'PGRST107');
  assert.equal((await events().abortSignal(AbortSignal.abort())).error !== null, true);
  const one = events().limit(1).retry(false).throwOnError().overrideTypes<{ id: number }[]>();
  assert.deepEqual((await one.setHeader('x-any', 'thing')).data, [{ id: 1 }]);
});

test('rows are written, functions called, and what is too much is undone', async () => {
  const items = client.from('items');
  const names = async () => {
    const { data } = await client.from('items').select('name,quantity').order('name');
    return data?.map(({ name, quantity }) => `${name} ${quantity}`);
  };
  assert.equal(
    (await items.insert([{ name: 'rug' }, { name: 'sofa' }], { defaultToNull: false })).status,
    201,
  );
  assert.equal((await items.upsert({ name: 'rug', quantity: 5 }, { onConflict: 'name' })).error, null);
  assert.equal(
    (await items.upsert({ name: 'rug', quantity: 9 }, { onConflict: 'name', ignoreDuplicates: true })).error,
    null,
  );
  assert.deepEqual(await names(), ['rug 5', 'sofa 1']);
  // Typed for PostgREST 13 and later only.
  const update = items.update({ quantity: 0 }).gt('quantity', 0).select() as unknown as {
    maxAffected(rows: number): PromiseLike<{ error: { code: string } | null }>;
  };
  assert.equal((await update.maxAffected(1)).error?.code, 'PGRST124');
  await items.delete({ count: 'exact' }).eq('name', 'sofa').rollback();
  assert.deepEqual(await names(), ['rug 5', 'sofa 1']);
  assert.equal((await items.delete({ count: 'exact' }).eq('name', 'sofa')).count, 1);
  assert.equal((await client.rpc('add_up', { a: 1 })).data, 11);
  assert.equal((await client.rpc('add_up', { a: 1, b: 2 }, { get: true })).data, 3);
  const head = await client.rpc('by_customer', { customer: 1 }, { head: true, count: 'exact' });
  assert.deepEqual([head.data, head.count], [null, 2]);
  assert.equal((await client.schema('other').from('events').select()).error?.code, 'PGRST106');
  const { data: document } = await client.getOpenApiSpec();
  assert.equal((document as { swagger: string }).swagger, '2.0');
  await assert.rejects(
    async () => client.from('nowhere').select().throwOnError(),
    (error) => {
      assert.ok(error instanceof library.PostgrestError);
      return noting(error).toJSON().code === 'PGRST205';
    },
  );
});

test('no method of the client is left out', () => {
  const own = new Set(['constructor', 'then', 'processResponse', 'cloneRequestState', 'decorateFetch']);
  const methods = Object.values(library)
    .filter((exported) => typeof exported === 'function')
    .flatMap((exported) => Object.getOwnPropertyNames(exported.prototype));
  assert.deepEqual(
    [...new Set(methods)].filter((name) => !own.has(name) && !used.has(name)),
    [],
  );
});
