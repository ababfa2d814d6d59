// Requests of one shape are served by one plan, of any tenant: what a plan is made of must be the same for all of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError, type EngineRequest } from '@/lib/rest';
import { parseAccept } from '@/lib/rest/api-request/media-type';
import { type RowsRequest, readRequest } from '@/lib/rest/api-request/request';
import { pageOf, shapeOf } from '@/lib/rest/api-request/values';

/** Undefined where the request is refused before it has a shape. */
function read(request: EngineRequest): RowsRequest | undefined {
  try {
    const rows = readRequest(
      request,
      ['public', 'other'],
      {},
      { fixed: { column: 'tenant_id', value: '1' } },
    );
    assert.equal(rows.kind, 'rows');
    return rows as RowsRequest;
  } catch (error) {
    assert.ok(error instanceof EngineError);
    return undefined;
  }
}

/** All that a plan is made of. */
function ingredients({ request, target, preferences, query, values }: RowsRequest): string {
  const { resolution, representation, count, missing, handling, invalid } = preferences;
  const { payload } = values;
  return JSON.stringify([
    target,
    // The text of a logic tree that was read holds its values.
    query.parameters.map((one) =>
      one.kind === 'logic' && !('messages' in one.tree) ? { ...one, value: '' } : one,
    ),
    [...query.ranges.keys()],
    pageOf(values),
    parseAccept(request.headers.accept),
    [resolution, representation, count, missing],
    handling === 'strict' && [invalid, preferences.maxAffected === undefined],
    payload && [values.mediaType, [...payload.keys], payload.isObject, payload.form !== undefined],
  ]);
}

/** @returns how many shapes the requests have */
function expectNoneShared(requests: Iterable<EngineRequest>): number {
  const seen = new Map<string, string>();
  for (const given of requests) {
    const rows = read(given);
    if (!rows) continue;
    const shape = shapeOf(rows.request, rows.target, rows.preferences, rows.query, rows.values);
    const own = ingredients(rows);
    assert.equal(seen.get(shape) ?? own, own, JSON.stringify(given));
    seen.set(shape, own);
  }
  return seen.size;
}

/** All texts of up to `most` pieces. */
function texts(pieces: readonly string[], most: number): string[] {
  if (most === 0) return [''];
  const shorter = texts(pieces, most - 1);
  return [...new Set([...shorter, ...shorter.flatMap((text) => pieces.map((piece) => text + piece))])];
}

const get = (query: string, path = '/things', headers: EngineRequest['headers'] = {}): EngineRequest => ({
  ...{ method: 'GET', path, query, headers, body: null },
});
const parameter = (key: string, value: string) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`;

const TREE = JSON.stringify(
  (read(get('or=(a.eq.1)'))?.query.parameters[0] as { tree: unknown } | undefined)?.tree,
);
const KEYS = ['a', 'select', 'limit', 'or', 'order', '.', '\n', '=', '#', '?', 'eq.', '1:', ' '];
const VALUES = [
  ...['a', '(a.eq.1)', '(1)', 'in.', 'eq.', 'is.null', '5', '#', '=', '?', '\n', '\0', '1:', ' ', TREE],
  ...['\nlimit#', '\na=eq.#', '\na?', '\n#limit', '\0', '\n.a\0eq.', '\n"\n=', '"a"', '\\n'],
];

test('queries whose parameters differ have different shapes', () => {
  const one = texts(KEYS, 2).flatMap((key) => texts(VALUES, 2).map((value) => parameter(key, value)));
  const few = ['a', 'select', 'limit', 'or'].flatMap((key) =>
    [...VALUES, 'a\nlimit#', 'a\na=eq.#'].map((value) => parameter(key, value)),
  );
  const two = few.flatMap((first) => few.map((second) => `${first}&${second}`));
  for (const path of ['/things', '/rpc/things']) {
    const shapes = expectNoneShared([...one, ...two].map((query) => get(query, path)));
    assert.ok(shapes > 10_000, `${shapes}`);
  }
});

test('a range in the header does not make one of the query', () => {
  const queries = [
    'select=a',
    'select=a&limit=10',
    'select=a&offset=5',
    `select=${encodeURIComponent('a\nlimit#')}`,
  ];
  const ranges = [undefined, '0-9', '0-24', '5-14', '0-99', '2000-2009', '0-'];
  const shapes = expectNoneShared(
    queries.flatMap((query) =>
      ranges.map((range) => get(query, '/things', range === undefined ? {} : { range })),
    ),
  );
  assert.ok(shapes > 10, `${shapes}`);
});

test('names and headers that differ have different shapes', () => {
  const pieces = ['a', '\0', '|', ' ', '1:', ',', '"', '\n'];
  const given = texts(pieces, 2);
  const both = (name: 'accept' | 'prefer', of: (text: string) => string) =>
    given.flatMap((text) => ['/things', '/a'].map((path) => get('', path, { [name]: of(text) })));
  const shapes = expectNoneShared([
    ...given.map((name) => get('', `/${encodeURIComponent(name)}`)),
    ...given.map((name) => get('', `/${encodeURIComponent(name)}`, { 'accept-profile': 'other' })),
    ...both('accept', (text) => `text/${text}`),
    ...both('prefer', (text) => `handling=strict,${text}`),
    ...both('prefer', (text) => `handling=strict,count=exact,${text}`),
    ...both('prefer', (text) => `return=${text}`),
    ...['/rpc/a', '/a'].flatMap((path) =>
      ['application/json', 'text/plain', 'text/csv', 'application/x-www-form-urlencoded'].flatMap((type) =>
        ['{}', '{"a":1}', '[{"a":1}]', 'a=1', 'a,b\n1,2', '[]'].map((body) => ({
          ...get('', path, { 'content-type': type }),
          ...{ method: 'POST', body },
        })),
      ),
    ),
  ]);
  assert.ok(shapes > 300, `${shapes}`);
});
