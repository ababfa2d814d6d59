import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  contentTypeOf,
  formatMediaType,
  parseAccept,
  parseMediaType,
  unavailableMessage,
} from '@/lib/rest/api-request/media-type';
import { negotiate } from '@/lib/rest/plan/negotiate';
import { MediaHandlers } from '@/lib/rest/schema-cache/media-handlers';

const table = { schema: 'public', name: 'lines' };
const base = {
  handlers: new MediaHandlers(),
  object: table,
  wholeRows: true,
  planEnabled: false,
  bodyWanted: true,
};
const names = (header: string) => parseAccept(header).map(formatMediaType);

test('Accept is ordered by quality, then by how specific a range is', () => {
  assert.deepEqual(names('text/html, application/xml;q=0.9, */*;q=0.8, image/png'), [
    'text/html',
    'image/png',
    'application/xml',
    '*/*',
  ]);
  assert.deepEqual(names('*/*, text/csv'), ['text/csv', '*/*']);
  assert.deepEqual(parseAccept(undefined), [{ name: '*/*' }]);
});

test('the types of its own are read with their parameters', () => {
  assert.equal(
    contentTypeOf(parseMediaType('application/vnd.pgrst.object')),
    'application/vnd.pgrst.object+json; charset=utf-8',
  );
  assert.equal(
    contentTypeOf(parseMediaType('application/vnd.pgrst.array+json;nulls=stripped')),
    'application/vnd.pgrst.array+json;nulls=stripped; charset=utf-8',
  );
  assert.equal(parseMediaType('application/vnd.pgrst.array').name, 'application/json');
  assert.equal(
    contentTypeOf(
      parseMediaType('application/vnd.pgrst.plan+json;for="text/csv";options=wal|analyze|nonsense'),
    ),
    'application/vnd.pgrst.plan+json; for="text/csv"; options=analyze|wal; charset=utf-8',
  );
  assert.equal(contentTypeOf(parseMediaType('app/groucho')), 'app/groucho');
  assert.equal(contentTypeOf(parseMediaType('application/octet-stream')), 'application/octet-stream');
});

test('the first type that can be made is answered with', () => {
  assert.deepEqual(negotiate({ ...base, accepts: parseAccept('text/plain, application/json') })?.handler, {
    kind: 'json',
  });
  assert.equal(negotiate({ ...base, accepts: parseAccept('text/plain') }), undefined);
  assert.equal(
    unavailableMessage(parseAccept('text/plain')),
    'None of these media types are available: text/plain',
  );
});

test('plans are only made where they are enabled', () => {
  const accepts = parseAccept('application/vnd.pgrst.plan+json; for="application/vnd.pgrst.object"');
  assert.equal(negotiate({ ...base, accepts }), undefined);
  const found = negotiate({ ...base, accepts, planEnabled: true });
  assert.deepEqual(found?.handler, { kind: 'object', nullsStripped: false });
  assert.equal(found?.type.plan?.format, 'json');
});

test('GeoJSON needs PostGIS', () => {
  const accepts = parseAccept('application/geo+json');
  assert.equal(negotiate({ ...base, accepts }), undefined);
  const handlers = new MediaHandlers([], { postgis: true });
  assert.deepEqual(negotiate({ ...base, accepts, handlers })?.handler, { kind: 'geojson' });
});

test("a relation's own handler goes before those for any rows, unless columns were selected", () => {
  const row = { handler_schema: 'public', target_schema: 'public', target_name: 'lines' };
  const handlers = new MediaHandlers([
    { ...row, handler_name: 'lines_csv', media_type: 'text/csv', resolved_media_type: 'text/csv' },
    {
      ...row,
      target_name: 'numbers',
      handler_name: 'anything',
      media_type: '*/*',
      resolved_media_type: 'application/octet-stream',
    },
  ]);
  const accepts = parseAccept('text/csv');
  assert.deepEqual(negotiate({ ...base, accepts, handlers })?.handler, {
    kind: 'custom',
    function: { schema: 'public', name: 'lines_csv' },
    target: table,
  });
  assert.deepEqual(negotiate({ ...base, accepts, handlers, wholeRows: false })?.handler, { kind: 'csv' });
  const numbers = negotiate({ ...base, accepts, handlers, object: { schema: 'public', name: 'numbers' } });
  assert.equal(numbers?.type.name, 'application/octet-stream');
});
