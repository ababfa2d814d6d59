import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { WebFiles } from '@/server/http/web-files';

const directory = await mkdtemp(path.join(tmpdir(), 'marquee-web-files-'));
after(() => rm(directory, { recursive: true }));
await mkdir(path.join(directory, 'assets'));
await writeFile(path.join(directory, 'index.html'), '<title>Marquee</title>');
await writeFile(path.join(directory, 'operator.html'), '<title>Console</title>');
await writeFile(path.join(directory, 'docs.html'), '<title>Reference</title>');
await writeFile(path.join(directory, 'service-worker.js'), 'self');
await writeFile(path.join(directory, 'assets', 'app-1a2b.js'), 'app');
await writeFile(path.join(directory, 'assets', 'app-1a2b.js.map'), '{}');
const files = await WebFiles.load(directory);
const FOR_A_YEAR = 'public, max-age=31536000, immutable';

const KINDS: [address: string, cacheControl: string, type: RegExp][] = [
  ['/', 'no-cache', /^text\/html/],
  ['/events/1', 'no-cache', /^text\/html/],
  ['/index.html', 'no-cache', /^text\/html/],
  ['/service-worker.js', 'no-cache', /javascript/],
  ['/assets/app-1a2b.js', FOR_A_YEAR, /javascript/],
];
for (const [address, cacheControl, type] of KINDS) {
  test(`${address} is kept: ${cacheControl}`, async () => {
    const answer = await files.answer(address, '');
    assert.equal(answer?.headers.get('cache-control'), cacheControl);
    assert.match(answer?.headers.get('content-type') ?? '', type);
    assert.equal(answer?.headers.get('vary'), 'accept-encoding');
    assert.equal(answer?.headers.get('content-encoding'), null);
  });
}

test('below /operator is the console, but not at the address of a tenant; /docs is the reference at both', async () => {
  const titleAt = async (pathname: string, isTenant = false) =>
    /<title>(\w+)/.exec((await (await files.answer(pathname, '', { isTenant }))?.text()) ?? '')?.[1];
  assert.equal(await titleAt('/operator'), 'Console');
  assert.equal(await titleAt('/operator/tenants/1'), 'Console');
  assert.equal(await titleAt('/operators'), 'Marquee');
  assert.equal(await titleAt('/operator', true), 'Marquee');
  assert.equal(await titleAt('/docs', true), 'Reference');
  assert.equal(await titleAt('/docs'), 'Reference');
  assert.equal(await titleAt('/docs/elsewhere'), 'Marquee');
});

test('there is nothing at other names: no source map, no file outside the directory', async () => {
  for (const address of [
    '/assets/app-1a2b.js.map',
    '/assets/none.js',
    '/../package.json',
    '/assets/../../x.txt',
  ])
    assert.equal(await files.answer(address, ''), undefined, address);
});

test('text is compressed for who takes it', async () => {
  const answer = await files.answer('/', 'gzip, deflate');
  assert.equal(answer?.headers.get('content-encoding'), 'gzip');
  assert.match(gunzipSync(await (answer as Response).arrayBuffer()).toString(), /Marquee/);
});
