import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Asker, bodyOf, makeDeal, startCompany } from './company';

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
    (['nobody', 'b:owner', 'a:staff'] as const).map(
      async (who) => (await company.ask(who, 'GET', `/api/attachments/${id}`)).status,
    ),
  );
  assert.deepEqual(statuses, [401, 404, 404]);
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
