import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServing } from '../../../server/serving';
import { administer } from '../../../support/postgres';

const { url, dataSourceUrl, cookieOf, addUser, tenantIds } = await startServing();
await administer(
  dataSourceUrl,
  `create function public.echo(ids uuid[] default null, words text[] default null, shape jsonb default null, size int default 1)
     returns jsonb language sql stable
     return jsonb_build_object('ids', to_jsonb(ids), 'words', to_jsonb(words), 'shape', shape, 'size', size);
   grant execute on function public.echo(uuid[], text[], jsonb, int) to tenant_user`,
);
await addUser(tenantIds.a, 'sales@a.example', 'sales');
const cookie = await cookieOf('a', 'sales@a.example');

// As on a page of the company: its address, and the session's cookie with every request.
Object.assign(globalThis, {
  window: { location: { origin: url, pathname: '/t/a/', hostname: '127.0.0.1' }, addEventListener() {} },
});
const throughNetwork = globalThis.fetch;
const requests: string[] = [];
globalThis.fetch = (input, init) => {
  const headers = new Headers(init?.headers);
  headers.set('cookie', cookie);
  requests.push(`${init?.method} ${input}`);
  return throughNetwork(input, { ...init, headers });
};
const { read } = await import('@/web/hooks/records/functions');

interface Echo {
  ids: string[] | null;
  words: (string | null)[] | null;
  shape: unknown;
  size: number;
}

async function echo(parameters: object): Promise<Echo> {
  const { data, error } = await read('echo' as never, parameters);
  assert.equal(error, null, JSON.stringify(error));
  return data as unknown as Echo;
}

test('lists reach the database as arrays, whatever is in them', async () => {
  const ids = [crypto.randomUUID(), crypto.randomUUID()];
  const words = ['one, two', '{three}', 'say "four"', 'back\\slash', 'null', '', 'fünf & 6=7', null];
  const answer = await echo({ ids, words });
  assert.deepEqual([answer.ids, answer.words], [ids, words]);
  assert.match(requests.at(-1) ?? '', /^GET /);
  assert.deepEqual((await echo({ ids: [], words: [] })).ids, []);
});

test('what has a shape reaches it as JSON, and what is left out has its default', async () => {
  const shape = [{ event_date: '2026-12-01', tags: ['a', 'b'] }, { note: 'x, "y"' }];
  assert.deepEqual(await echo({ shape, ids: undefined, size: 7 }), {
    ids: null,
    words: null,
    shape,
    size: 7,
  });
  assert.deepEqual((await echo({ shape: { a: [1, 2] } })).shape, { a: [1, 2] });
  assert.equal((await echo({})).size, 1);
});

test('functions of the product take them: a search among some kinds only', async () => {
  const { data } = await read('search_records', { query: 'First of a', kinds: ['account', 'contact'] });
  assert.deepEqual(
    (data as unknown as { kind: string; title: string }[]).map(({ kind, title }) => [kind, title])[0],
    ['account', 'First of a'],
  );
});
