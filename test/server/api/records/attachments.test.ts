import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { type Asker, bodyOf, makeDeal, startCompany } from '../start-company';

const company = await startCompany();
const deal = await makeDeal(company);

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

function attach(who: Asker, content: Uint8Array | string, name: string, type: string, headers = {}) {
  const form = new FormData();
  form.set(
    'file',
    new File([typeof content === 'string' ? content : new Uint8Array(content)], name, { type }),
  );
  form.set('entity_type', 'account');
  form.set('entity_id', deal.accountId);
  return company.ask(who, 'POST', '/api/attachments', form, headers);
}

test('a file is kept, listed, handed out as it is, and removed', async () => {
  const kept = await bodyOf<{ id: string; mime_type: string; storage_key?: string }>(
    await attach('a:owner', PNG, 'Grüße 📸 "x".png', 'image/png'),
    201,
  );
  assert.deepEqual([kept.mime_type, kept.storage_key], ['image/png', undefined]);
  const read = await company.ask('a:owner', 'GET', `/api/attachments/${kept.id}`);
  assert.ok(Buffer.from(await read.arrayBuffer()).equals(PNG));
  assert.match(
    read.headers.get('content-disposition') ?? '',
    /^inline; filename="Gr_+e .*"; filename\*=UTF-8''Gr%C3%BC/,
  );
  assert.equal(read.headers.get('x-content-type-options'), 'nosniff');
  const list = await bodyOf<{ rows: { id: string }[] }>(
    await company.ask('a:viewer', 'GET', `/api/attachments?entity_type=account&entity_id=${deal.accountId}`),
    200,
  );
  assert.ok(list.rows.some(({ id }) => id === kept.id));
  assert.equal((await company.ask('a:viewer', 'DELETE', `/api/attachments/${kept.id}`)).status, 403);
  assert.equal((await company.ask('a:owner', 'DELETE', `/api/attachments/${kept.id}`)).status, 204);
  assert.equal((await company.ask('a:owner', 'GET', `/api/attachments/${kept.id}`)).status, 404);
});

test('who may not read the row does not get the file', async () => {
  const { id } = await bodyOf<{ id: string }>(
    await attach('a:owner', 'plain text', 'note.txt', 'text/plain'),
    201,
  );
  const statuses = await Promise.all(
    (['anonymous', 'b:owner', 'a:staff'] as const).map(
      async (who) => (await company.ask(who, 'GET', `/api/attachments/${id}`)).status,
    ),
  );
  assert.deepEqual(statuses, [401, 404, 404]);
});

test('a user cannot write a file’s type, checksum or storage key', async () => {
  const { id } = await bodyOf<{ id: string }>(await attach('a:owner', 'x', 'x.txt', 'text/plain'), 201);
  const row = { entity_type: 'account', entity_id: deal.accountId, file_name: 'x', size_bytes: 1 };
  for (const who of ['a:owner', 'a:manager', 'a:sales'] as const) {
    const added = { ...row, mime_type: 'text/plain', storage_key: `${company.tenantIds.b}/${id}` };
    assert.equal((await company.ask(who, 'POST', '/rest/v1/attachments', added)).status, 403, who);
    for (const change of [
      { storage_key: `${company.tenantIds.a}/${id}` },
      { sha256: '0'.repeat(64) },
      { mime_type: 'text/html\nset-cookie: x=1' },
      { size_bytes: 9 },
      { entity_id: company.tenantIds.b },
    ]) {
      const { status } = await company.ask(who, 'PATCH', `/rest/v1/attachments?id=eq.${id}`, change);
      assert.equal(status, 403, `${who} ${Object.keys(change)}`);
    }
  }
  const service = await company.service();
  const broken = await service.from('attachments').update({ mime_type: 'text/plain\nx: y' }).eq('id', id);
  assert.equal(broken.error?.code, '23514', 'nor does trusted code write what breaks a header');
  assert.equal((await company.ask('a:owner', 'GET', `/api/attachments/${id}`)).status, 200);
});

test('who may not see a record attaches nothing to it', async () => {
  assert.equal((await attach('a:staff', 'x', 'x.txt', 'text/plain')).status, 409);
  assert.equal((await attach('a:viewer', 'x', 'x.txt', 'text/plain')).status, 403);
  assert.equal((await attach('b:owner', 'x', 'x.txt', 'text/plain')).status, 409);
});

test('two files of one content are two files; one that was changed in the store is not handed out', async () => {
  const ids = await Promise.all(
    [1, 2].map(async () => {
      const answer = await attach('a:sales', 'same content', 'same.txt', 'text/plain');
      return (await bodyOf<{ id: string }>(answer, 201)).id;
    }),
  );
  assert.equal((await company.ask('a:owner', 'DELETE', `/api/attachments/${ids[0]}`)).status, 204);
  const rest = await company.ask('a:owner', 'GET', `/api/attachments/${ids[1]}`);
  assert.equal(await rest.text(), 'same content');
  const service = await company.service();
  const { data: row } = await service.from('attachments').select('*').eq('id', ids[1]).single();
  assert.equal(row.created_by, company.userIds['a:sales']);
  assert.ok(row.storage_key.startsWith(`${company.tenantIds.a}/${row.sha256}`), 'it lies under its hash');
  await company.services.storage.put(row.storage_key, Buffer.from('other'), 'text/plain');
  const changed = await company.ask('a:owner', 'GET', `/api/attachments/${ids[1]}`);
  assert.equal((await bodyOf<{ code: string }>(changed, 502)).code, 'file_changed');
});

test('a picture loses where it was taken, and nothing else; one without a place stays as it is', async () => {
  const picture = sharp({ create: { width: 60, height: 40, channels: 3, background: '#b4235a' } });
  const plain = await picture.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer();
  for (const [type, encoded] of [
    ['image/jpeg', picture.clone().jpeg()],
    ['image/png', picture.clone().png()],
    ['image/webp', picture.clone().webp()],
  ] as const) {
    const placed = await encoded
      .withExif({ IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 55/1 0/1' } })
      .toBuffer();
    const { id } = await bodyOf<{ id: string }>(await attach('a:owner', placed, 'site', type), 201);
    const kept = Buffer.from(
      await (await company.ask('a:owner', 'GET', `/api/attachments/${id}`)).arrayBuffer(),
    );
    const { width, height, exif } = await sharp(kept).metadata();
    assert.deepEqual([width, height, exif], [60, 40, undefined], type);
  }
  const { id } = await bodyOf<{ id: string }>(await attach('a:owner', plain, 'plain.jpg', 'image/jpeg'), 201);
  const kept = Buffer.from(
    await (await company.ask('a:owner', 'GET', `/api/attachments/${id}`)).arrayBuffer(),
  );
  assert.ok(kept.equals(plain));
});

test('a picture is shown in small: upright, without where it was taken, for those who may read it', async () => {
  const photo = await sharp({ create: { width: 1200, height: 800, channels: 3, background: '#b4235a' } })
    .withExif({ IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 55/1 0/1' } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  const { id } = await bodyOf<{ id: string }>(await attach('a:owner', photo, 'site.jpg', 'image/jpeg'), 201);
  const ask = (who: Asker, query = '') => company.ask(who, 'GET', `/api/attachments/${id}/thumbnail${query}`);
  const [small, again, large] = [
    await ask('a:owner'),
    await ask('a:viewer'),
    await ask('a:owner', '?size=640'),
  ];
  assert.equal(small.headers.get('content-type'), 'image/webp');
  const bytes = Buffer.from(await small.arrayBuffer());
  assert.deepEqual(bytes, Buffer.from(await again.arrayBuffer()));
  const { width, height, exif } = await sharp(bytes).metadata();
  assert.deepEqual([width, height, exif], [107, 160, undefined]);
  const big = await sharp(Buffer.from(await large.arrayBuffer())).metadata();
  assert.deepEqual([big.width, big.height], [427, 640]);
  const statuses = await Promise.all(
    (['anonymous', 'b:owner', 'a:staff'] as const).map(async (who) => (await ask(who)).status),
  );
  assert.deepEqual(statuses, [401, 404, 404]);
  assert.equal((await ask('a:owner', '?size=9999')).status, 400);
  assert.equal((await company.ask('a:owner', 'DELETE', `/api/attachments/${id}`)).status, 204);
  assert.equal((await ask('a:owner')).status, 404);
});

test('a picture that lies about its size, a broken one and a text have no thumbnail', async () => {
  // A PNG header of 60,000 × 60,000 pixels.
  const bomb = Buffer.from(PNG);
  bomb.writeUInt32BE(60_000, 16);
  bomb.writeUInt32BE(60_000, 20);
  for (const [content, name, type] of [
    [bomb, 'bomb.png', 'image/png'],
    [PNG.subarray(0, 40), 'half.png', 'image/png'],
    ['plain', 'plain.txt', 'text/plain'],
  ] as const) {
    const { id } = await bodyOf<{ id: string }>(await attach('a:owner', content, name, type), 201);
    const answer = await company.ask('a:owner', 'GET', `/api/attachments/${id}/thumbnail`);
    assert.equal((await bodyOf<{ code: string }>(answer, 404)).code, 'file_no_thumbnail', name);
  }
});

test('one key, one file, however often and at once it is sent', async () => {
  const headers = { 'idempotency-key': 'upload-0001' };
  const answers = await Promise.all(
    [1, 2, 3].map(() => attach('a:owner', 'same text', 'same.txt', 'text/plain', headers)),
  );
  const ids = await Promise.all(
    answers.map(async (answer) => (await bodyOf<{ id: string }>(answer, 201)).id),
  );
  assert.equal(new Set(ids).size, 1);
  const other = await attach('a:owner', 'another text', 'same.txt', 'text/plain', headers);
  assert.equal((await bodyOf<{ code: string }>(other, 409)).code, 'file_key_reused');
});

test('files that lie, pages, empty and huge files, and files about nothing are refused', async () => {
  const page = '<!doctype html><script>alert(1)</script>';
  assert.equal((await attach('a:owner', page, 'picture.png', 'image/png')).status, 422);
  assert.equal((await attach('a:owner', '', 'empty.txt', 'text/plain')).status, 422);
  const huge = await attach('a:owner', new Uint8Array(26 * 1024 * 1024), 'huge.bin', 'image/png');
  assert.equal((await bodyOf<{ code: string }>(huge, 413)).code, 'body_too_large');
  const form = new FormData();
  form.set('file', new File(['text'], 'a.txt', { type: 'text/plain' }));
  form.set('entity_type', 'account');
  form.set('entity_id', company.tenantIds.a);
  assert.equal((await company.ask('a:owner', 'POST', '/api/attachments', form)).status, 409);
});

test('a file is refused before it is read: by role, by type, by size; and cut off where it lied about its size', async () => {
  let sent = 0;
  const endless = () => {
    const start = Buffer.from(
      '--b\r\ncontent-disposition: form-data; name="file"; filename="a.bin"\r\ncontent-type: image/png\r\n\r\n',
    );
    return new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          const chunk = sent === 0 ? start : new Uint8Array(64 * 1024);
          sent += chunk.length;
          controller.enqueue(chunk);
        },
      },
      { highWaterMark: 0 },
    );
  };
  const post = async (who: Asker, headers: Record<string, string>) => {
    sent = 0;
    return company.ask(who, 'POST', '/api/attachments', endless(), headers);
  };
  const form = { 'content-type': 'multipart/form-data; boundary=b' };
  // What the operating system's buffers take before an answer is there.
  const unread = 16 * 1024 * 1024;
  for (const [who, headers, status] of [
    ['anonymous', form, 401],
    ['a:viewer', form, 403],
    ['a:owner', { 'content-type': 'application/json' }, 400],
  ] as const) {
    const answer = await post(who, headers);
    assert.equal(answer.status, status, who);
    assert.ok(sent < unread, `${sent} bytes sent by ${who}`);
  }
  const memory = process.memoryUsage().arrayBuffers;
  const cut = await post('a:owner', form);
  assert.equal((await bodyOf<{ code: string }>(cut, 413)).code, 'body_too_large');
  assert.ok(process.memoryUsage().arrayBuffers - memory < 20 * 1024 * 1024);
});
