import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import {
  createDiskStorage,
  createRegionalStorage,
  createS3Storage,
  type FileStorage,
  inspectFile,
  ReceivedFile,
} from '@/lib/crm/storage';

const png = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex');

async function keepsFiles(storage: FileStorage) {
  await storage.put('t/one', png, 'image/png');
  assert.deepEqual(Buffer.from(await storage.get('t/one')), png);
  await storage.put('t/one', new Blob([png, png]), 'image/png');
  assert.deepEqual(Buffer.from(await storage.get('t/one')), Buffer.concat([png, png]));
  const keys = ['t/one', ...Array.from({ length: 4 }, (_, at) => `t/two.${at}.webp`)];
  for (const key of keys.slice(1)) await storage.put(key, png, 'image/webp');
  await storage.put('t2/one', png, 'image/png');
  assert.deepEqual((await storage.list('t')).sort(), keys);
  assert.deepEqual(await storage.list('none'), []);
  await storage.remove('t/one');
  await storage.remove('t/one');
  await assert.rejects(storage.get('t/one'), { code: 'file_missing' });
}

test('a directory keeps files and lets no key out of it', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'marquee-files-'));
  after(() => rm(directory, { recursive: true }));
  const storage = createDiskStorage(directory);
  await keepsFiles(storage);
  await assert.rejects(storage.get('../../etc/passwd'), { code: 'file_key_invalid' });
});

test('a contract fake of S3 sees signed requests and keeps files', async () => {
  const objects = new Map<string, Buffer>();
  const read = async (request: IncomingMessage) => Buffer.concat(await Array.fromAsync(request));
  const fake = createServer(async (request, response) => {
    assert.match(
      request.headers.authorization ?? '',
      /^AWS4-HMAC-SHA256 Credential=key\/\d{8}\/eu-test-1\/s3\/aws4_request/,
    );
    const name = request.url ?? '';
    if (request.method === 'PUT') {
      assert.ok(Number(request.headers['content-length']) > 0, 'S3 takes no chunked bodies');
      objects.set(name, await read(request));
    }
    const { pathname, searchParams: query } = new URL(name, 'http://localhost');
    if (query.get('list-type') === '2') {
      // Three at a time, as S3 lists a thousand.
      const [prefix, after] = [query.get('prefix') ?? '', query.get('start-after') ?? ''];
      const all = [...objects.keys()].map((key) => key.slice(pathname.length + 1)).sort();
      const keys = all.filter((key) => key.startsWith(prefix) && key > after);
      const contents = keys.slice(0, 3).map((key) => `<Contents><Key>${key}</Key></Contents>`);
      const page = `<IsTruncated>${keys.length > 3}</IsTruncated>${contents.join('')}`;
      return void response.end(`<ListBucketResult>${page}</ListBucketResult>`);
    }
    const found = objects.get(name);
    if (request.method === 'DELETE') objects.delete(name);
    response.writeHead(found ? 200 : 404).end(request.method === 'GET' ? found : undefined);
  }).listen(0, '127.0.0.1');
  after(() => fake.close());
  await new Promise((resolve) => fake.once('listening', resolve));
  const { port } = fake.address() as AddressInfo;
  await keepsFiles(
    createS3Storage({
      bucketUrl: `http://127.0.0.1:${port}/bucket`,
      region: 'eu-test-1',
      accessKeyId: 'key',
      secretAccessKey: 'secret',
    }),
  );
});

test('files are kept in their tenant’s region, and never outside of one that they must not leave', async () => {
  const storages = await Promise.all(
    ['eu', 'us', 'elsewhere'].map(async (name) => {
      const directory = await mkdtemp(path.join(tmpdir(), `marquee-files-${name}-`));
      after(() => rm(directory, { recursive: true }));
      return createDiskStorage(directory);
    }),
  );
  const [eu, us, elsewhere] = storages as [FileStorage, FileStorage, FileStorage];
  const regions = new Map([
    ['mover', { preferred: 'eu' as string | null, required: null as string | null }],
    ['bound', { preferred: 'us', required: 'eu' }],
    ['far', { preferred: 'moon', required: null }],
    ['stuck', { preferred: 'us', required: 'moon' }],
  ]);
  const storage = createRegionalStorage(
    new Map([
      ['eu', eu],
      ['us', us],
    ]),
    elsewhere,
    async (tenant) => {
      const region = regions.get(tenant);
      assert.ok(region);
      return region;
    },
  );
  for (const tenant of ['mover', 'bound', 'far']) await storage.put(`${tenant}/one`, png, 'image/png');
  await assert.rejects(storage.put('stuck/one', png, 'image/png'), { code: 'storage_region_unavailable' });
  await eu.get('mover/one');
  await eu.get('bound/one');
  await elsewhere.get('far/one');
  regions.set('mover', { preferred: 'us', required: null });
  await storage.put('mover/two', png, 'image/png');
  await us.get('mover/two');
  assert.deepEqual(Buffer.from(await storage.get('mover/one')), png);
  await storage.remove('mover/one');
  await assert.rejects(eu.get('mover/one'), { code: 'file_missing' });
  regions.set('mover', { preferred: 'eu', required: 'eu' });
  await assert.rejects(storage.get('mover/two'), { code: 'file_missing' });
  regions.delete('mover');
  assert.deepEqual(await storage.list('mover'), ['mover/two'], 'wherever they are, also of a removed tenant');
  await storage.remove('mover/two');
  assert.deepEqual(await storage.list('mover'), []);
});

/** Looks at a file that arrived in pieces of 7 bytes. */
async function inspect(name: string, content: Buffer, claimedType: string) {
  const pieces = async function* () {
    const size = content.length > 1000 ? 65_536 : 7;
    for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
  };
  const file = await ReceivedFile.receive(pieces());
  try {
    return await inspectFile('t', name, file, claimedType);
  } finally {
    await file.remove();
  }
}

test('a file is what its bytes say', async () => {
  const file = await inspect('../../pic\u202Egpj.png', png, 'image/jpeg');
  assert.equal(file.mime_type, 'image/png');
  assert.equal(file.file_name, 'picgpj.png');
  assert.match(file.storage_key, new RegExp(`^t/${file.sha256}-[0-9a-f-]{36}$`));
  const csv = await inspect('list.csv', Buffer.from('a,b\n1,2\n'), 'text/csv');
  assert.equal(csv.mime_type, 'text/csv');
});

test('a page that says it is a picture, a program, an empty and a huge file are refused', async () => {
  const html = Buffer.from('<!doctype html><script>alert(1)</script>');
  await assert.rejects(inspect('x.png', html, 'image/png'), { code: 'file_type_refused' });
  await assert.rejects(inspect('x.pdf', Buffer.from('7f454c46020101', 'hex'), 'application/pdf'), {
    code: 'file_type_refused',
  });
  await assert.rejects(inspect('x.png', Buffer.from('%PDF-1.7\n'), 'image/png'), {
    code: 'file_type_mismatch',
  });
  await assert.rejects(inspect('x', Buffer.alloc(0), 'text/plain'), { code: 'file_empty' });
  await assert.rejects(inspect('x', Buffer.alloc(26 * 1024 * 1024), 'text/plain'), {
    code: 'file_too_large',
  });
});
