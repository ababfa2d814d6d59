import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { type BackupStore, openStore, storeFor } from '@/lib/backups';

async function keepsObjects(store: BackupStore) {
  const big = Buffer.alloc(3 << 20, 7);
  await store.put('t/one/part-000000', big);
  await store.put('t/one/manifest.json', Buffer.from('{}'));
  await store.put('t/two/part-000000', Buffer.from('two'));
  assert.deepEqual(await store.get('t/one/part-000000'), big);
  assert.equal(await store.get('t/one/part-000001'), undefined);
  assert.deepEqual(await store.list('t/one'), ['t/one/manifest.json', 't/one/part-000000']);
  assert.deepEqual(await store.list(''), ['t/one/manifest.json', 't/one/part-000000', 't/two/part-000000']);
  assert.deepEqual(await store.list('u'), []);
  await store.put('t/one/manifest.json', Buffer.from('{"again":true}'));
  assert.equal(String(await store.get('t/one/manifest.json')), '{"again":true}');
  await store.removeAll('t/one');
  await store.removeAll('t/one');
  assert.deepEqual(await store.list(''), ['t/two/part-000000']);
}

test('a directory keeps objects and lets no key out of it', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'marquee-store-'));
  after(() => rm(directory, { recursive: true }));
  const store = await openStore(directory);
  assert.ok(store.url.startsWith('file:///'));
  await keepsObjects(store);
  await assert.rejects(store.get('../../etc/passwd'), { code: 'backup_store_invalid' });
  await keepsObjects(await openStore(`${store.url}/below`));
  await assert.rejects(
    (await openStore(path.join(directory, 't/two/part-000000'))).put('t/one/x', Buffer.from('x')),
    {
      code: 'backup_store_unreachable',
    },
  );
});

test('a contract fake of S3 sees signed requests and keeps objects', async () => {
  process.env.AWS_ACCESS_KEY_ID = 'key';
  process.env.AWS_SECRET_ACCESS_KEY = 'secret';
  const objects = new Map<string, Buffer>();
  // GetObject, PutObject, ListObjectsV2 and DeleteObjects of the S3 API, as its reference describes them; pages of two keys.
  const fake = createServer(async (request, response) => {
    assert.match(
      request.headers.authorization ?? '',
      /^AWS4-HMAC-SHA256 Credential=key\/\d{8}\/eu-test-1\/s3\/aws4_request/,
    );
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://fake');
    const key = decodeURIComponent(pathname.replace(/^\/bucket\/?/, ''));
    const body = Buffer.concat(await Array.fromAsync(request));
    const xml = (text: string) =>
      response.setHeader('content-type', 'application/xml').end(`<?xml version="1.0"?>${text}`);
    if (request.method === 'PUT') {
      assert.equal(Number(request.headers['content-length']), body.length, 'S3 takes no chunked bodies');
      objects.set(key, body);
      return response.end();
    }
    if (request.method === 'POST' && searchParams.has('delete')) {
      const names = [...String(body).matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, name = '']) => name);
      const refused = names.filter((name) => name.includes('/locked/'));
      for (const name of names) if (!refused.includes(name)) objects.delete(name);
      const errors = refused.map((name) => `<Error><Key>${name}</Key><Code>AccessDenied</Code></Error>`);
      return xml(`<DeleteResult>${errors.join('')}</DeleteResult>`);
    }
    if (searchParams.get('list-type') === '2') {
      const all = [...objects.keys()]
        .filter((name) => name.startsWith(searchParams.get('prefix') ?? ''))
        .sort();
      const from = Number(searchParams.get('continuation-token') ?? 0);
      const more = from + 2 < all.length;
      const contents = all.slice(from, from + 2).map((name) => `<Contents><Key>${name}</Key></Contents>`);
      const next = more ? `<NextContinuationToken>${from + 2}</NextContinuationToken>` : '';
      return xml(
        `<ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`,
      );
    }
    const found = objects.get(key);
    if (found) return response.end(found);
    response.statusCode = 404;
    return xml('<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>');
  }).listen(0, '127.0.0.1');
  after(() => fake.close());
  await new Promise((resolve) => fake.once('listening', resolve));
  const { port } = fake.address() as AddressInfo;
  const at = (endpoint: string) =>
    openStore(`s3://bucket/prefix?region=eu-test-1&endpoint=${encodeURIComponent(endpoint)}`);
  const store = await at(`http://127.0.0.1:${port}`);
  await keepsObjects(store);
  assert.ok([...objects.keys()].every((key) => key.startsWith('prefix/t/')));
  await store.put('t/locked/part-000000', Buffer.from('kept'));
  await assert.rejects(store.removeAll('t/locked'), {
    code: 'backup_store_unreachable',
    message: /1 objects .* cannot be removed \(AccessDenied\)/,
  });
});

test('an address that is neither is refused, and so are credentials in one', async () => {
  for (const address of ['ftp://host/directory', 's3://', 's3://key:secret@bucket/prefix', 'https://bucket'])
    await assert.rejects(openStore(address), { code: 'backup_store_invalid' });
});

test('a tenant with a required region gets the store of that region', async () => {
  const addresses = '/backups/anywhere file:///backups/eu?region=eu s3://bucket?region=us-east-1';
  const chosen = async (requiredRegion: string | null) => (await storeFor(addresses, { requiredRegion })).url;
  assert.equal(await chosen(null), 'file:///backups/anywhere');
  assert.equal(await chosen('eu'), 'file:///backups/eu?region=eu');
  assert.equal(await chosen('us-east-1'), 's3://bucket?region=us-east-1');
  assert.equal(
    await chosen('mars'),
    'file:///backups/anywhere',
    'where a backup of such a tenant is refused',
  );
  assert.equal(
    (await openStore(await chosen('eu'))).region,
    'eu',
    'the address recorded opens the same store',
  );
});
