// `/storage/v1` with the real client: what it offers, whose rights hold, and names and files that try to get around them.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Readable, Writable } from 'node:stream';
import { test } from 'node:test';
import { createClient } from '@supabase/supabase-js';
import { Hono } from 'hono';
import { decodeJwt } from 'jose';
import type { User } from '@/lib/application';
import { SignIn } from '@/lib/identity';
import { createApp } from '@/server/app';
import { createLogger, Metrics } from '@/server/observability';
import { until, untilEqual } from '../support/until';
import { type Asker, bodyOf, makeDeal, startCompany } from './api/start-company';

const company = await startCompany();
const deal = await makeDeal(company);
const origin = `http://127.0.0.1:${company.port}`;
const folder = `accounts/${deal.accountId}`;
const service = await company.service();

function storageOf(token: string, tenant = 'a') {
  const options = { auth: { persistSession: false, autoRefreshToken: false } };
  return createClient(`${origin}/t/${tenant}`, token, options).storage;
}
const tokenOf = (who: Exclude<Asker, 'anonymous'>) => company.bearer(who).slice('Bearer '.length);
const bucketOf = (who: Exclude<Asker, 'anonymous'>) =>
  storageOf(tokenOf(who), who.startsWith('b') ? 'b' : 'a').from('attachments');
async function makeKey(kind: string, role?: string) {
  const answer = await company.ask('a:owner', 'POST', '/api/keys', { name: 'test', kind, role });
  return bodyOf<{ id: string; key: string }>(answer, 201);
}
const owner = bucketOf('a:owner');
const text = (content: string) => new Blob([content], { type: 'text/plain' });
const contentOf = async (bucket: typeof owner, name: string) => {
  const { data, error } = await bucket.download(name);
  assert.equal(error, null);
  return data?.text();
};
/** Of a failed call: status, the API's code, its status in the body. */
const said = ({ error }: { error: unknown }) => {
  const { status, code, statusCode } = (error ?? {}) as { status: number; code: string; statusCode: string };
  assert.equal(String(status), statusCode);
  return [status, code];
};
/** Uploads that must succeed. */
async function put(name: string, content: string, options = {}) {
  const { data, error } = await owner.upload(name, text(content), options);
  assert.equal(error, null);
  return data as { id: string; path: string; fullPath: string };
}

test('there is one bucket, which stays as it is', async () => {
  const storage = storageOf(tokenOf('a:owner'));
  const { data } = await storage.listBuckets();
  assert.deepEqual(
    data?.map(({ id, name, public: open }) => [id, name, open]),
    [['attachments', 'attachments', false]],
  );
  assert.equal((await storage.getBucket('attachments')).data?.file_size_limit, 25 * 1024 * 1024);
  assert.deepEqual(said(await storage.getBucket('photos')), [404, 'NoSuchBucket']);
  const refused = [
    await storage.createBucket('photos'),
    await storage.updateBucket('attachments', { public: true }),
    await storage.emptyBucket('attachments'),
    await storage.deleteBucket('attachments'),
  ];
  for (const answer of refused) assert.deepEqual(said(answer), [403, 'AccessDenied']);
  const raw = await company.ask('a:owner', 'GET', '/storage/v1/bucket/photos');
  const { message, ...form } = await bodyOf<{ message: string }>(raw, 404);
  assert.deepEqual(form, { statusCode: '404', error: 'Bucket not found', code: 'NoSuchBucket' });
  assert.match(message, /^Bucket not found/);
});

test('a file is uploaded in every form the client knows, and is an attachment', async () => {
  const form = new FormData();
  form.append('file', text('form'));
  const bodies = {
    blob: text('blob'),
    file: new File(['file'], 'other.txt', { type: 'text/plain' }),
    form,
    buffer: new TextEncoder().encode('buffer').buffer,
    view: new TextEncoder().encode('view'),
    stream: new Blob(['stream']).stream(),
    node: Readable.from([Buffer.from('node')]),
    string: 'string',
  };
  for (const [kind, body] of Object.entries(bodies)) {
    const name = `${folder}/in as ${kind} é.txt`;
    const { data, error } = await owner.upload(name, body as Blob);
    assert.equal(error, null, kind);
    assert.deepEqual([data?.path, data?.fullPath], [name, `attachments/${name}`]);
    const attachment = await company.ask('a:viewer', 'GET', `/api/attachments/${data?.id}`);
    assert.equal(await attachment.text(), kind);
    assert.equal(await contentOf(owner, name), kind);
    await owner.remove([name]);
  }
  const nameless = `${folder}/nameless.txt`;
  const parts = [
    ...['--b', 'content-disposition: form-data; name="cacheControl"', '', '3600'],
    ...[
      '--b',
      'content-type: text/plain',
      'content-disposition: form-data; name=""; filename=""',
      '',
      'parts',
    ],
    ...['--b--', ''],
  ];
  const answer = await fetch(`${origin}/storage/v1/object/attachments/${nameless}`, {
    method: 'POST',
    headers: { authorization: company.bearer('a:owner'), 'content-type': 'multipart/form-data; boundary=b' },
    body: parts.join('\r\n'),
  });
  assert.equal(answer.status, 200, await answer.text());
  assert.equal(await contentOf(owner, nameless), 'parts');
  await owner.remove([nameless]);
});

test('a name is taken once, also by several at once; upsert and update replace', async () => {
  const name = `${folder}/plan.txt`;
  const first = await put(name, 'one', { metadata: { visibility: 'client' } });
  const again = await owner.upload(name, text('two'));
  assert.deepEqual(said(again), [409, 'KeyAlreadyExists']);
  const raw = await company.ask('a:owner', 'POST', `/storage/v1/object/attachments/${name}`, 'x');
  assert.equal((await bodyOf<{ error: string }>(raw, 409)).error, 'Duplicate');
  const replaced = await owner.upload(name, text('three'), { upsert: true });
  assert.notEqual(replaced.data?.id, first.id);
  assert.equal(await contentOf(owner, name), 'three');
  await owner.update(name, text('four'));
  assert.equal(await contentOf(owner, name), 'four');
  assert.equal((await owner.info(name)).data?.metadata?.visibility, 'client');
  assert.equal((await owner.list(folder, { search: 'PLAN' })).data?.length, 1);
  const race = `${folder}/race.txt`;
  const tries = await Promise.all([1, 2, 3, 4].map((n) => owner.upload(race, text(`${n}`))));
  assert.equal(tries.filter(({ error }) => error === null).length, 1);
  for (const one of tries) if (one.error) assert.deepEqual(said(one), [409, 'KeyAlreadyExists']);
  await owner.move(race, `${folder}/raced.txt`);
  await put(race, 'the name is free again');
  await owner.remove([name, race, `${folder}/raced.txt`]);
});

test('folders are kinds of records and their ids; a folder is listed by pages, sorted and searched', async () => {
  const other = await makeDeal(company, 'Other');
  for (const [name, content] of [
    ['b%_.txt', '1'],
    ['a.txt', '22'],
    ['B2.txt', '333'],
  ])
    await put(`accounts/${other.accountId}/${encodeURIComponent(name ?? '')}`, content ?? '');
  await put(`opportunities/${other.opportunityId}/offer.txt`, 'x');
  await put(`${folder}/one.txt`, 'x');
  const names = async (prefix?: string, options = {}) =>
    (await owner.list(prefix, options)).data?.map(({ name }) => name);
  assert.deepEqual(await names(), ['accounts', 'opportunities']);
  assert.deepEqual(await names('', { sortBy: { order: 'desc' }, limit: 1 }), ['opportunities']);
  assert.deepEqual(await names('accounts'), [deal.accountId, other.accountId].sort());
  assert.deepEqual(
    await names('accounts/', { offset: 1 }),
    [deal.accountId, other.accountId].sort().slice(1),
  );
  assert.deepEqual(await names('accounts', { search: deal.accountId.slice(0, 8) }), [deal.accountId]);
  const inside = `accounts/${other.accountId}`;
  assert.deepEqual(await names(inside), ['B2.txt', 'a.txt', 'b%_.txt']);
  assert.deepEqual(await names(inside, { limit: 1, offset: 1 }), ['a.txt']);
  assert.deepEqual(await names(inside, { sortBy: { column: 'created_at', order: 'desc' } }), [
    ...['B2.txt', 'a.txt', 'b%_.txt'],
  ]);
  assert.deepEqual(await names(inside, { search: 'b%' }), ['b%_.txt']);
  assert.deepEqual(await names(inside, { search: 'b' }), ['B2.txt', 'b%_.txt']);
  for (const nowhere of [
    'nothing',
    'accounts/x',
    `${inside}/deeper`,
    '../accounts',
    `events/${other.accountId}`,
  ])
    assert.deepEqual(await names(nowhere), [], nowhere);
  const [first] = (await owner.list(inside, { search: 'a' })).data ?? [];
  assert.deepEqual([first?.metadata?.size, first?.metadata?.mimetype], [2, 'text/plain']);
  assert.ok(first?.id && first.created_at);
  const [kind] = (await owner.list()).data ?? [];
  assert.deepEqual([kind?.id, kind?.metadata], [null, null]);
  assert.deepEqual(said(await owner.list('', { limit: -1 })), [400, 'InvalidRequest']);
  await owner.remove([`${folder}/one.txt`]);
});

test('the second version of listing goes by whole names, or folder by folder, with a cursor', async ({
  mock,
}) => {
  const records = (await Promise.all(['V2 one', 'V2 two'].map((name) => makeDeal(company, name))))
    .map(({ accountId }) => `accounts/${accountId}`)
    .sort();
  const [one, two] = records as [string, string];
  const event = `opportunities/${(await makeDeal(company, 'V2 three')).opportunityId}/offer.txt`;
  const files = [`${one}/a.txt`, `${one}/b.txt`, `${two}/c.txt`, event];
  for (const name of files) await put(name, 'x');
  const list = async (options: Parameters<typeof owner.listV2>[0]) => {
    const { data, error } = await owner.listV2(options);
    assert.equal(error, null);
    return data ?? { folders: [], objects: [], hasNext: false };
  };
  const names = (entries: { name: string; key?: string }[]) => entries.map(({ name, key }) => key ?? name);
  for (const order of ['asc', 'desc'] as const) {
    const all: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list({
        limit: 1,
        sortBy: { column: 'name', order },
        ...(cursor === undefined ? {} : { cursor }),
      });
      assert.equal(page.objects.length, 1);
      all.push(...names(page.objects));
      cursor = page.nextCursor;
      assert.equal(page.hasNext, cursor !== undefined);
    } while (cursor);
    const expected = order === 'asc' ? files : files.toReversed();
    assert.deepEqual(
      all.filter((name) => files.includes(name)),
      expected,
    );
  }
  const connect = company.manager.getClientForTenant.bind(company.manager);
  let requests = 0;
  const connecting = mock.method(company.manager, 'getClientForTenant', async (tenantId: string) => {
    const client = await connect(tenantId, true);
    const { fetch } = client;
    client.fetch = (...given) => {
      requests += 1;
      return (fetch ?? globalThis.fetch)(...given);
    };
    return client;
  });
  const accounts = names((await list({ prefix: 'accounts/' })).objects);
  assert.deepEqual(
    accounts.filter((name) => files.includes(name)),
    files.slice(0, 3),
  );
  assert.equal(requests, 2, 'the kinds of records, and all files of one kind');
  connecting.mock.restore();
  const whole = await list({ prefix: `${one}/` });
  assert.deepEqual([names(whole.objects), whole.folders, whole.hasNext], [files.slice(0, 2), [], false]);
  assert.deepEqual(names((await list({ prefix: `${one}/b` })).objects), [`${one}/b.txt`]);
  assert.deepEqual([whole.objects[0]?.metadata?.size, whole.objects[0]?.created_at?.slice(-1)], [1, 'Z']);
  const folders = async (prefix?: string) =>
    names((await list({ with_delimiter: true, ...(prefix === undefined ? {} : { prefix }) })).folders);
  assert.deepEqual(await folders(), ['accounts/', 'opportunities/']);
  assert.deepEqual(await folders('acc'), ['accounts/']);
  const inside = await folders('accounts/');
  assert.deepEqual(
    inside.filter((name) => records.includes(name.slice(0, -1))),
    records.map((record) => `${record}/`),
  );
  assert.deepEqual(await folders(one), [`${one}/`]);
  assert.deepEqual(names((await list({ with_delimiter: true, prefix: `${two}/` })).objects), [
    `${two}/c.txt`,
  ]);
  for (const prefix of ['nothing', 'accounts/x', `${one}/b.txt/`, '%'])
    assert.deepEqual((await list({ prefix })).objects, [], prefix);
  assert.deepEqual((await bucketOf('b:owner').listV2()).data, { hasNext: false, folders: [], objects: [] });
  assert.deepEqual(said(await owner.listV2({ sortBy: { column: 'created_at' } })), [404, 'NotOffered']);
  await owner.remove(files);
});

test('numbers may be text, and what is not given null, as clients of other languages send them', async () => {
  const [name, copied, moved] = ['a.txt', 'b.txt', 'c.txt'].map((file) => `${folder}/nulls ${file}`);
  await put(name ?? '', 'nulls');
  const ask = async <T>(path: string, body: object) =>
    bodyOf<T>(await company.ask('a:owner', 'POST', `/storage/v1/object/${path}`, body), 200);
  const whole = {
    prefix: folder,
    limit: null,
    offset: '0',
    search: null,
    sortBy: { column: null, order: 'desc' },
  };
  assert.deepEqual(
    (await ask<{ name: string }[]>('list/attachments', { ...whole, search: 'nulls' })).map((one) => one.name),
    ['nulls a.txt'],
  );
  assert.ok((await ask<unknown[]>('list/attachments', whole)).length > 0);
  const keys = { bucketId: 'attachments', destinationBucket: null };
  await ask('copy', { ...keys, sourceKey: name, destinationKey: copied });
  await ask('move', { ...keys, sourceKey: copied, destinationKey: moved });
  const address = `attachments/${encodeURI(name ?? '')}`;
  const { signedURL } = await ask<{ signedURL: string }>(`sign/${address}`, {
    expiresIn: '60',
    transform: null,
  });
  assert.equal(await (await fetch(`${origin}/storage/v1${signedURL}`)).text(), 'nulls');
  const [signed] = await ask<{ error: null }[]>('sign/attachments', { expiresIn: '60', paths: [name] });
  assert.equal(signed?.error, null);
  for (const expiresIn of ['', 'soon', '0', null])
    assert.equal(
      (await company.ask('a:owner', 'POST', `/storage/v1/object/sign/${address}`, { expiresIn })).status,
      400,
    );
  await owner.remove([name ?? '', moved ?? '']);
});

test('a part of a file is sent where one is asked for', async () => {
  const name = `${folder}/parts.txt`;
  await put(name, '0123456789');
  const { data } = await owner.createSignedUrl(name, 60);
  const ask = async (range: string, more = {}) => {
    const answer = await fetch(data?.signedUrl ?? '', { headers: { range, ...more } });
    return [answer.status, answer.headers.get('content-range'), await answer.text()];
  };
  assert.deepEqual(await ask('bytes=0-1'), [206, 'bytes 0-1/10', '01']);
  assert.deepEqual(await ask('bytes=8-'), [206, 'bytes 8-9/10', '89']);
  assert.deepEqual(await ask('bytes=-3'), [206, 'bytes 7-9/10', '789']);
  assert.deepEqual(await ask('bytes=5-99'), [206, 'bytes 5-9/10', '56789']);
  assert.deepEqual(await ask('bytes=10-'), [416, 'bytes */10', '']);
  for (const range of ['bytes=0-1,3-4', 'bytes=3-2', 'bytes=-', 'items=0-1', 'bytes=x-'])
    assert.deepEqual(await ask(range), [200, null, '0123456789'], range);
  assert.deepEqual(await ask('bytes=0-1', { 'if-range': '"x"' }), [200, null, '0123456789']);
  await owner.remove([name]);
});

test('attachments that share a name are all listed and reached', async () => {
  for (const content of ['older', 'newer']) {
    const form = new FormData();
    form.set('file', new File([content], 'same.pdf.txt', { type: 'text/plain' }));
    form.set('entity_type', 'account');
    form.set('entity_id', deal.accountId);
    await bodyOf(await company.ask('a:owner', 'POST', '/api/attachments', form), 201);
  }
  const listed = (await owner.list(folder, { search: 'same' })).data ?? [];
  assert.equal(listed.length, 2);
  const older = listed.find(({ name }) => name !== 'same.pdf.txt');
  assert.match(older?.name ?? '', /^same\.pdf \([0-9a-f]{8}\)\.txt$/);
  assert.equal(await contentOf(owner, `${folder}/same.pdf.txt`), 'newer');
  assert.equal(await contentOf(owner, `${folder}/${older?.name}`), 'older');
  const removed = await owner.remove([
    `${folder}/same.pdf.txt`,
    `${folder}/${older?.name}`,
    `${folder}/none`,
  ]);
  assert.equal(removed.data?.length, 2);
  assert.deepEqual((await owner.list(folder, { search: 'same' })).data, []);
});

test('info, exists, public address; a download has the headers of a file', async () => {
  const name = `${folder}/Grüße "x".txt`;
  const { id } = await put(name, 'hello');
  const { data } = await owner.info(name);
  assert.deepEqual([data?.id, data?.name, data?.size, data?.contentType], [id, name, 5, 'text/plain']);
  assert.equal((await owner.exists(name)).data, true);
  assert.equal((await owner.exists(`${folder}/none.txt`)).data, false);
  assert.deepEqual(said(await owner.info(`${folder}/none.txt`)), [404, 'NoSuchKey']);
  const address = owner.getPublicUrl(name).data.publicUrl;
  assert.equal((await bodyOf<{ code: string }>(await fetch(address), 404)).code, 'NoSuchBucket');
  const raw = await company.ask(
    'a:owner',
    'GET',
    `/storage/v1/object/attachments/${encodeURIComponent(name)}`,
  );
  const { headers } = raw;
  assert.match(
    headers.get('content-disposition') ?? '',
    /^inline; filename="Gr__e _x_\.txt"; filename\*=UTF-8''Gr/,
  );
  assert.deepEqual(
    ['x-content-type-options', 'cache-control', 'access-control-allow-origin'].map((one) => headers.get(one)),
    ['nosniff', 'private, no-store', '*'],
  );
  assert.match(headers.get('content-security-policy') ?? '', /object-src 'none'/);
  const head = await company.ask('a:owner', 'HEAD', `/storage/v1/object/attachments/${encodeURI(name)}`);
  assert.deepEqual([head.status, head.headers.get('content-length')], [200, '5']);
  await owner.remove([name]);
});

test('move renames or takes to another record, copy leaves the first; a taken name stays', async () => {
  const other = await makeDeal(company, 'Target');
  const [from, to] = [`${folder}/a.txt`, `accounts/${other.accountId}/b.txt`];
  await put(from, 'moving', { metadata: { visibility: 'client' } });
  assert.equal((await owner.copy(from, `${folder}/copy.txt`)).data?.path, `attachments/${folder}/copy.txt`);
  assert.deepEqual(said(await owner.copy(from, `${folder}/copy.txt`)), [409, 'KeyAlreadyExists']);
  assert.deepEqual(said(await owner.move(from, `${folder}/copy.txt`)), [409, 'KeyAlreadyExists']);
  assert.equal((await owner.move(from, to)).data?.message, 'Successfully moved');
  assert.equal((await owner.exists(from)).data, false);
  assert.equal(await contentOf(owner, to), 'moving');
  assert.equal((await owner.info(to)).data?.metadata?.visibility, 'client');
  assert.deepEqual(said(await owner.move(to, `${folder}/../x`)), [400, 'InvalidKey']);
  assert.deepEqual(said(await owner.move(from, to)), [404, 'NoSuchKey']);
  assert.deepEqual(said(await owner.move(to, from, { destinationBucket: 'x' })), [404, 'NoSuchBucket']);
  await owner.remove([to, `${folder}/copy.txt`]);
});

test('signed URLs open one file, for a while, without a key, and only at its company', async () => {
  const name = `${folder}/100% sure? é#1.txt`;
  await put(encodeURIComponent(name), 'signed');
  const read = encodeURIComponent(name);
  const { data } = await bucketOf('a:viewer').createSignedUrl(read, 60);
  const url = data?.signedUrl ?? '';
  const answer = await fetch(url);
  assert.equal(await answer.text(), 'signed');
  assert.equal(answer.headers.get('cross-origin-resource-policy'), 'cross-origin');
  const saved = await owner.createSignedUrl(read, 60, { download: 'Plan é.txt' });
  const disposition = (await fetch(saved.data?.signedUrl ?? '')).headers.get('content-disposition');
  assert.match(
    disposition ?? '',
    /^attachment; filename="Plan _.txt"; filename\*=UTF-8''Plan%20%C3%A9\.txt$/,
  );

  const refused = async (address: string, status: number) =>
    bodyOf<{ code: string }>(await fetch(address), status).then(({ code }) => code);
  assert.equal(await refused(url.replace('/t/a/', '/t/b/'), 400), 'InvalidJWT');
  assert.equal(await refused(url.replace('100', '200'), 400), 'InvalidJWT');
  assert.equal(await refused(`${url}x`, 400), 'InvalidJWT');
  assert.equal(await refused(url.split('?')[0] ?? '', 400), 'InvalidJWT');
  const token = new URL(url).searchParams.get('token') ?? '';
  const asBearer = await fetch(`${origin}/rest/v1/accounts`, {
    headers: { authorization: `Bearer ${token}` },
  });
  assert.equal(asBearer.status, 401, 'it is no access token');
  assert.ok((await owner.uploadToSignedUrl(name, token, text('x'))).error, 'nor does it upload');
  const short = await owner.createSignedUrl(read, 1);
  const expired = async () => (await fetch(short.data?.signedUrl ?? '')).status === 400;
  await until(expired, 'the URL to expire');

  const many = await owner.createSignedUrls([name, `${folder}/none.txt`], 60);
  assert.equal(await (await fetch(many.data?.[0]?.signedUrl ?? '')).text(), 'signed');
  assert.deepEqual([many.data?.[1]?.signedUrl, typeof many.data?.[1]?.error], [null, 'string']);
  assert.deepEqual(said(await owner.createSignedUrl(`${folder}/none.txt`, 60)), [404, 'NoSuchKey']);
  assert.deepEqual(said(await owner.createSignedUrl(read, 0)), [400, 'InvalidRequest']);
  assert.deepEqual(said(await owner.createSignedUrl(read, 60, { transform: { width: 9 } })), [
    404,
    'NotOffered',
  ]);
  await owner.remove([name]);
  assert.equal(await refused(url, 404), 'NoSuchKey', 'a file that was removed is not opened');
});

test('a signed URL opens its file as long as its signer may read it', async () => {
  const { application, operations, tokens, tenantIds } = company;
  const name = `${folder}/long.txt`;
  await put(name, 'long');
  const YEAR = 31_536_000;
  const signBy = async (token: string) => {
    const { data, error } = await storageOf(token).from('attachments').createSignedUrl(name, YEAR);
    assert.equal(error, null);
    return data?.signedUrl ?? '';
  };
  const statusOf = async (url: string) => (await fetch(url)).status;
  /** Other processes hear of it within moments. */
  const closes = (url: string) => until(async () => (await statusOf(url)) === 401, 'the URL to be closed');

  const { id, key } = await makeKey('service');
  const byKey = await signBy(key);
  assert.equal(await statusOf(byKey), 200);
  await bodyOf(await company.ask('a:owner', 'DELETE', `/api/keys/${id}`), 200);
  await closes(byKey);

  const signIn = new SignIn(application, operations, tokens);
  const account = { tenantId: tenantIds.a, email: 'signer@a.example', displayName: 'Signer' };
  const user = await application.users.create({ ...account, role: 'sales' });
  const by = { actor: `user:${user.id}` };
  const [first, second] = [
    await signIn.beginBrowserSession(user, {}),
    await signIn.beginBrowserSession(user, {}),
  ];
  const [ofFirst, ofSecond] = [await signBy(first.token), await signBy(second.token)];
  assert.deepEqual([await statusOf(ofFirst), await statusOf(ofSecond)], [200, 200]);
  await operations.pool.query("update sessions set last_used_at = now() - interval '1 hour' where id = $1", [
    second.session.id,
  ]);
  await application.announceUser(user.id);
  await signIn.end(user, first.session.id, 'revoked', by);
  await closes(ofFirst);
  assert.equal(await statusOf(ofSecond), 200);
  const { lastUsedAt } = (await signIn.sessions.find(second.session.id)) ?? {};
  assert.ok(lastUsedAt && lastUsedAt.getTime() < Date.now() - 1_800_000, 'its session is not in use by that');
  await application.users.update(user.id, { status: 'disabled' });
  await closes(ofSecond);
  const { exp = 0 } = decodeJwt(new URL(ofSecond).searchParams.get('token') ?? '');
  assert.ok(exp * 1000 <= second.session.expiresAt.getTime() + 1000, 'not longer than the session');
  await owner.remove([name]);
});

test('what a support session signs is recorded, and closed when the access ends', async () => {
  const { application, operations, tokens, tenantIds } = company;
  const name = `${folder}/support.txt`;
  const { id: fileId } = await put(name, 'support');
  const account = { tenantId: null, email: 'support@marquee.example', displayName: 'Support' };
  const operator = await application.users.create({ ...account, role: 'operator', operatorRole: 'support' });
  const by = { actor: `user:${operator.id}` };
  const signIn = new SignIn(application, operations, tokens);
  const request = { tenantId: tenantIds.a, role: 'manager', reason: 'A wrong total', hours: 2 } as const;
  const asked = await signIn.support.ask(operator, request, by);
  const allower = { id: company.userIds['a:owner'] } as User;
  const access = await signIn.support.answer(asked, true, allower, by);
  const until = access.allowedUntil ?? new Date();
  const { token } = await signIn.beginBrowserSession(operator, {
    ...{ method: 'support', secondFactor: true },
    support: { accessId: access.id, tenantId: tenantIds.a, role: 'manager', until },
  });
  const bucket = storageOf(token).from('attachments');
  const { data } = await bucket.createSignedUrl(name, 31_536_000);
  const url = data?.signedUrl ?? '';
  const { exp = 0 } = decodeJwt(new URL(url).searchParams.get('token') ?? '');
  assert.ok(exp * 1000 <= until.getTime() + 1000, 'not longer than the access');
  assert.equal(await (await fetch(url)).text(), 'support');
  await bucket.createSignedUrls([name, `${folder}/none.txt`], 60);
  // A user's pictures for a moment are not recorded; what opens a file for days is.
  await owner.createSignedUrl(name, 60);
  await owner.createSignedUrl(name, 86_400);
  const records = await application.audit.list({ tenantId: tenantIds.a, action: 'signed_urls.create' });
  assert.deepEqual(
    records
      .filter(({ details }) => JSON.stringify(details).includes(fileId))
      .map(({ actor, details }) => [actor, details?.seconds]),
    [
      [`user:${company.userIds['a:owner']}`, 86_400],
      [by.actor, 60],
      [by.actor, 31_536_000],
    ],
  );
  assert.doesNotMatch(JSON.stringify(records), /support\.txt/);

  await signIn.support.end(access, operator, by);
  await untilEqual(async () => (await fetch(url)).status, 401);
  await owner.remove([name]);
});

test('a signed URL that cannot be recorded is not given out', async (t) => {
  const name = `${folder}/unrecorded.txt`;
  await put(name, 'unrecorded');
  t.mock.method(company.application.audit, 'append', () => Promise.reject(new Error('no log')));
  const { data, error } = await owner.createSignedUrl(name, 86_400);
  assert.deepEqual([data, error === null], [null, false]);
  await owner.remove([name]);
});

test('a signed upload takes one file under its name, as long as its signer may upload', async () => {
  const name = `${folder}/from outside é.txt`;
  const { data } = await owner.createSignedUploadUrl(name);
  const anyone = storageOf('nothing').from('attachments');
  const token = data?.token ?? '';
  assert.deepEqual(said(await anyone.uploadToSignedUrl(`${folder}/other.txt`, token, text('x'))), [
    400,
    'InvalidJWT',
  ]);
  assert.equal((await anyone.uploadToSignedUrl(name, token, text('outside'))).error, null);
  const { data: row } = await service
    .from('attachments')
    .select('created_by')
    .eq('file_name', 'from outside é.txt')
    .single();
  assert.equal(row?.created_by, company.userIds['a:owner']);
  assert.deepEqual(said(await anyone.uploadToSignedUrl(name, token, text('again'))), [
    409,
    'KeyAlreadyExists',
  ]);
  assert.deepEqual(said(await owner.createSignedUploadUrl(name)), [409, 'KeyAlreadyExists']);
  const over = await owner.createSignedUploadUrl(name, { upsert: true });
  assert.equal((await anyone.uploadToSignedUrl(name, over.data?.token ?? '', text('over'))).error, null);
  assert.equal(await contentOf(owner, name), 'over');
  const foreign = storageOf('nothing', 'b').from('attachments');
  assert.ok((await foreign.uploadToSignedUrl(name, over.data?.token ?? '', text('x'))).error);

  const { id, key } = await makeKey('scoped', 'sales');
  const byKey = await storageOf(key).from('attachments').createSignedUploadUrl(`${folder}/by key.txt`);
  await bodyOf(await company.ask('a:owner', 'DELETE', `/api/keys/${id}`), 204).catch(() => {});
  const late = await anyone.uploadToSignedUrl(`${folder}/by key.txt`, byKey.data?.token ?? '', text('x'));
  assert.deepEqual(said(late), [401, 'InvalidJWT'], 'the key was revoked');

  const { application, tokens } = company;
  const account = { tenantId: company.tenantIds.a, email: 'leaving@a.example', displayName: 'Leaving' };
  const user = await application.users.create({ ...account, role: 'sales' });
  const claims = {
    userId: user.id,
    tenantId: company.tenantIds.a,
    role: 'sales',
    tokenVersion: user.tokenVersion,
  };
  const leaving = storageOf(await tokens.signAccessToken(claims, 60)).from('attachments');
  const left = `${folder}/left.txt`;
  const ofUser = await leaving.createSignedUploadUrl(left);
  assert.equal(ofUser.error, null);
  await application.users.bumpTokenVersion(user.id);
  await application.announceUser(user.id);
  for (let answer = 0; answer !== 401; ) {
    const again = await anyone.uploadToSignedUrl(left, ofUser.data?.token ?? '', text('x'), { upsert: true });
    answer = again.error ? Number(said(again)[0]) : 0;
    await owner.remove([left]);
  }
  await owner.remove([name]);
});

test('who may what is what the role may', async () => {
  const name = `${folder}/roles.txt`;
  await put(name, 'roles');
  const may = async (who: Exclude<Asker, 'anonymous'>) => {
    const bucket = bucketOf(who);
    const mine = `${folder}/${who.slice(2)}.txt`;
    return [
      (await bucket.download(name)).error === null,
      (await bucket.upload(mine, text(who))).error === null,
      (await bucket.update(mine, text(who))).error === null,
      (await bucket.move(name, name)).error === null,
      (await bucket.remove([mine])).error === null && (await owner.exists(mine)).data === false,
    ];
  };
  assert.deepEqual((await may('a:manager')).toSpliced(3, 1), [true, true, true, true]);
  assert.deepEqual(await may('a:sales'), [true, true, false, false, false]);
  assert.equal(await contentOf(owner, `${folder}/sales.txt`), 'a:sales', 'what was refused left the file');
  assert.equal((await owner.list(folder, { search: 'sales' })).data?.length, 1);
  assert.deepEqual((await may('a:viewer')).slice(0, 4), [true, false, false, false]);
  assert.deepEqual((await may('a:staff')).slice(0, 4), [false, false, false, false]);
  assert.deepEqual(said(await bucketOf('a:viewer').upload(`${folder}/v.txt`, text('x'))), [
    403,
    'AccessDenied',
  ]);
  assert.deepEqual(said(await bucketOf('a:viewer').remove([name])), [403, 'AccessDenied']);
  assert.deepEqual(said(await bucketOf('a:viewer').createSignedUploadUrl(`${folder}/v.txt`)), [
    403,
    'AccessDenied',
  ]);
  assert.deepEqual((await bucketOf('a:staff').list(folder)).data, []);
  assert.deepEqual(said(await bucketOf('a:staff').createSignedUrl(name, 60)), [404, 'NoSuchKey']);

  const whole = storageOf((await makeKey('service')).key).from('attachments');
  assert.equal((await whole.upload(`${folder}/key.txt`, text('key'))).error, null);
  assert.equal(await contentOf(whole, name), 'roles');
  assert.equal((await whole.remove([`${folder}/key.txt`, `${folder}/sales.txt`, name])).data?.length, 3);
  const viewer = storageOf((await makeKey('scoped', 'viewer')).key).from('attachments');
  assert.deepEqual(said(await viewer.upload(`${folder}/k.txt`, text('x'))), [403, 'AccessDenied']);
  const anon = storageOf((await makeKey('anon')).key).from('attachments');
  assert.deepEqual(said(await anon.list()), [401, 'InvalidJWT']);
  assert.match((await anon.list()).error?.message ?? '', /service or scoped key/);
  assert.deepEqual(said(await storageOf('nothing').listBuckets()), [401, 'InvalidJWT']);
});

test('another company finds nothing of it, whatever it names', async () => {
  const name = `${folder}/secret.txt`;
  await put(name, 'secret');
  const foreign = bucketOf('b:owner');
  assert.deepEqual((await foreign.list()).data, []);
  assert.deepEqual((await foreign.list(folder)).data, []);
  for (const answer of [
    await foreign.info(name),
    await foreign.createSignedUrl(name, 60),
    await foreign.move(name, `${folder}/x.txt`),
    await foreign.copy(name, `${folder}/x.txt`),
    await foreign.upload(`${folder}/planted.txt`, text('x')),
  ])
    assert.deepEqual(said(answer), [404, 'NoSuchKey']);
  assert.ok((await foreign.download(name)).error);
  assert.deepEqual((await foreign.remove([name])).data, []);
  const atTheirs = storageOf(tokenOf('b:owner'), 'a').from('attachments');
  assert.deepEqual(said(await atTheirs.list()), [401, 'InvalidJWT'], 'a token is for its company’s address');
  assert.equal(await contentOf(owner, name), 'secret');
  assert.deepEqual((await owner.list(folder, { search: 'planted' })).data, []);
  await owner.remove([name]);
});

test('names that no attachment has are refused, and lead nowhere', async () => {
  const long = 'x'.repeat(201);
  for (const name of [
    ...['plan.txt', 'accounts/plan.txt', `accounts/x/plan.txt`, `${folder}/deep/plan.txt`],
    ...[`${folder}/%2e%2e%2fplan.txt`, `${folder}/..%5cplan.txt`, `${folder}/%2F`, `${folder}/a%0d%0ab.txt`],
    ...[
      `${folder}/a%00.txt`,
      `${folder}/%E2%80%AEtxt.exe`,
      `${folder}/${long}`,
      `${folder}/%20a.txt`,
      `${folder}/%FF`,
    ],
  ])
    assert.deepEqual(said(await owner.upload(name, text('x'))), [400, 'InvalidKey'], name);
  for (const record of [`nothings/${deal.accountId}`, `users/${deal.accountId}`, `accounts/${randomUUID()}`])
    assert.deepEqual(said(await owner.upload(`${record}/a.txt`, text('x'))), [404, 'NoSuchKey'], record);
  for (const name of [`${folder}/a%0ab`, `${folder}/%2e%2e%2f`, `${folder}/a%00b`, `${folder}/${long}`])
    assert.deepEqual(said(await owner.info(name)), [404, 'NoSuchKey'], name);
  for (const path of ['attachments%2f..%2fx/a', '..%2fattachments/a', 'Attachments/a'])
    await bodyOf(await company.ask('a:owner', 'GET', `/storage/v1/object/${path}`), 404);
  const strange = `${folder}/日本語 📸 é’;--.txt`;
  await put(strange, 'strange');
  assert.equal(await contentOf(owner, strange), 'strange');
  assert.equal((await owner.remove([strange, `${folder}/\ud800`, ''])).data?.length, 1);
});

test('files that are too large, empty, packed, pages, or not what they say are refused', async () => {
  const at = (name: string) => `${folder}/${name}`;
  const page = new Blob(['<!doctype html><script>1</script>'], { type: 'image/png' });
  const huge = new Uint8Array(25 * 1024 * 1024 + 1);
  assert.deepEqual(said(await owner.upload(at('refused'), page)), [415, 'InvalidMimeType']);
  assert.deepEqual(said(await owner.upload(at('refused'), new Uint8Array([0, 1, 2]))), [
    415,
    'InvalidMimeType',
  ]);
  assert.deepEqual(said(await owner.upload(at('refused'), '')), [400, 'InvalidRequest']);
  assert.deepEqual(said(await owner.upload(at('refused'), new Blob([huge]))), [413, 'EntityTooLarge']);
  assert.deepEqual(said(await owner.upload(at('refused'), huge)), [413, 'EntityTooLarge']);
  for (const options of [
    { contentEncoding: 'gzip' },
    { metadata: { color: 'red' } },
    { metadata: { visibility: 'all' } },
  ])
    for (const body of [text('x'), 'x'])
      assert.deepEqual(said(await owner.upload(at('refused'), body, options)), [400, 'InvalidRequest']);
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 65_536;
      controller.enqueue(new Uint8Array(65_536).fill(97));
    },
  });
  const cut = await company
    .ask('a:owner', 'POST', `/storage/v1/object/attachments/${at('refused')}`, endless)
    .then((answer) => answer.status)
    .catch(() => 413);
  assert.equal(cut, 413);
  assert.ok(sent < 60 * 1024 * 1024, `${sent} bytes were taken`);
  assert.deepEqual((await owner.list(folder, { search: 'refused' })).data, []);
  const tooMany = Array.from({ length: 201 }, (_, n) => at(`${n}`));
  assert.deepEqual(said(await owner.remove(tooMany)), [400, 'InvalidRequest']);
});

test('the signed copy of a contract stays: neither removed, with others or alone, nor replaced, nor moved', async () => {
  const { url } = await bodyOf<{ url: string }>(
    await company.ask('a:sales', 'POST', `/api/quotes/${deal.quoteId}/send`, {}),
    200,
  );
  const link = `/api/client/${url.split('/c/')[1]}`;
  const { contentSha256 } = await bodyOf<{ contentSha256: string }>(
    await company.ask('anonymous', 'GET', link),
    200,
  );
  const signature = { kind: 'typed', text: 'Ana Rivera' };
  const { contractId } = await bodyOf<{ contractId: string }>(
    await company.ask('anonymous', 'POST', `${link}/accept`, {
      name: 'Ana Rivera',
      consent: true,
      contentSha256,
      signature,
    }),
    200,
  );
  assert.equal((await company.ask('a:owner', 'GET', `/api/contracts/${contractId}/signed.pdf`)).status, 200);
  const { data: contract } = await service
    .from('contracts')
    .select('signed_pdf_id')
    .eq('id', contractId)
    .single();
  const { data: row } = await service
    .from('attachments')
    .select('*')
    .eq('id', contract?.signed_pdf_id)
    .single();
  const name = `contracts/${row.entity_id}/${row.file_name}`;
  const kept = await owner.download(name);
  assert.equal(kept.error, null, name);
  const before = await kept.data?.arrayBuffer();
  assert.ok(before && before.byteLength > 1000);
  await put(`${folder}/beside.txt`, 'beside');
  const removed = await owner.remove([`${folder}/beside.txt`, name]);
  assert.deepEqual(said(removed), [403, 'AccessDenied']);
  assert.match(removed.error?.message ?? '', /used by contracts/);
  assert.equal((await owner.exists(`${folder}/beside.txt`)).data, true, 'all or none');
  assert.deepEqual(said(await owner.update(name, text('forged'))), [403, 'AccessDenied']);
  assert.deepEqual(said(await owner.move(name, `${folder}/taken.pdf`)), [403, 'AccessDenied']);
  assert.equal((await owner.exists(`${folder}/taken.pdf`)).data, false);
  const after = await (await owner.download(name)).data?.arrayBuffer();
  assert.deepEqual(after && Buffer.from(after), Buffer.from(before));
});

test('what is not offered is said in the API’s form, to pages of any origin', async () => {
  const storage = storageOf(tokenOf('a:owner'));
  assert.deepEqual(said(await owner.download(`${folder}/a.png`, { transform: { width: 10 } })), [
    404,
    undefined,
  ]);
  assert.deepEqual(said(await owner.purgeCache('x')), [404, undefined]);
  assert.ok((await storage.analytics.listBuckets()).error?.message.includes('not offered'));
  assert.ok((await storage.vectors.listBuckets()).error?.message.includes('not offered'));
  for (const path of ['upload/resumable', 's3/x', 'render/image/sign/attachments/x', 'nothing', '']) {
    const answer = await company.ask('anonymous', 'POST', `/storage/v1/${path}`, {});
    assert.match((await bodyOf<{ message: string }>(answer, 404)).message, /not offered/);
  }
  const preflight = await fetch(`${origin}/storage/v1/object/attachments/x`, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://app.example',
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'x-upsert',
    },
  });
  assert.deepEqual([preflight.status, preflight.headers.get('access-control-allow-origin')], [204, '*']);
});

test('neither names of files nor signed tokens are logged', async () => {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const parts = {
    logger: createLogger('info', sink),
    metrics: new Metrics(),
    services: company.services,
    application: company.application,
    operations: company.operations,
    tokens: company.tokens,
    signIn: {},
  };
  const app = createApp(parts as never, {} as never, { onClose() {} } as never, { routes: () => new Hono() });
  const secret = 'secret-passport.pdf';
  for (const path of ['object/sign/attachments', 'object/upload/sign/attachments', 'object/%61ttachments'])
    await app.request(
      `/storage/v1/${path}/contacts/x%2F${secret}?token=${secret}`,
      {},
      { prefix: '', address: '' },
    );
  assert.equal(lines.length, 3);
  assert.ok(!lines.join('').includes('secret'), lines.join(''));
  assert.match(lines[0] ?? '', /object\/sign\/<name>/);
});
