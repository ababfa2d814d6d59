// A customer leaves: operators export and erase a tenant over HTTP. Two at once begin one job.
import assert from 'node:assert/strict';
import { createHmac, hkdfSync, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import { MoveStore } from '@/lib/movement';
import type { OperatorServices } from '@/server';
import { CookieBrowser } from '../../../support/browser-fetch';
import { PASSWORD, startServing } from '../../serving';
import { type Answer, askerOf, ended, everyOperator, operatorServicesOf } from '../operating';

let services: OperatorServices | undefined;
const serving = await startServing({}, 30_000, async (installation) => {
  services = await operatorServicesOf(installation);
  return { operator: services };
});
const { application, operations, manager, tenantIds, url } = serving;
const { owner, engineer, auditor } = await everyOperator(serving);
const second = await serving.addOperator('second@marquee.example', 'owner');
const other = await askerOf(url, 'second@marquee.example', second.code());
const once = () => ({ 'idempotency-key': randomUUID() });
const idOf = (answer: Answer<unknown>) => (answer.body as { id?: string }).id;
const codeOf = ({ body }: Answer<unknown>) => (body as { code?: string }).code;

/** Keeps what inserts into a table waiting while `work` goes on. */
async function whileLocked<T>(table: string, work: () => Promise<T>): Promise<T> {
  const client = await operations.pool.connect();
  try {
    await client.query(`begin; lock table ${table} in share row exclusive mode`);
    return await work();
  } finally {
    await client.query('rollback');
    client.release();
  }
}

/** As a move leaves a tenant's rows in a database that is lost. @returns the id of its data source */
async function leaveCopy(tenantId: string): Promise<string> {
  const url = 'postgresql://marquee:secret@127.0.0.1:1/gone';
  const gone = await operations.dataSources.create({
    ...{ name: 'gone', kind: 'shared', adminUrl: url, routerUrl: url, moverUrl: url },
  });
  const { id } = await new MoveStore(operations.pool).create({
    ...{ tenantId, fromSource: gone.id, toSource: (await operations.dataSources.get('shared')).id },
    ...{ fromTenantId: tenantId, toTenantId: tenantId, fromEpoch: 1n, mode: 'logical', options: {} },
    requestedBy: 'test',
  });
  const left = [{ dataSource: gone.id, kind: 'rows', name: tenantId }];
  await operations.pool.query(
    "update moves set step = 'completed', finished_at = now(), progress = jsonb_build_object('left', $2::jsonb) where id = $1",
    [id, JSON.stringify(left)],
  );
  await operations.pool.query('delete from reserved_ids where move_id = $1', [id]);
  return gone.id;
}

/** Names and contents of an archive, by its central directory. */
function unzip(archive: Buffer): Map<string, string> {
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const files = new Map<string, string>();
  for (let at = archive.readUInt32LE(end + 16); archive.readUInt32LE(at) === 0x02014b50; ) {
    const [size, name, extra, comment] = [20, 28, 30, 32].map((from, index) =>
      index === 0 ? archive.readUInt32LE(at + from) : archive.readUInt16LE(at + from),
    ) as [number, number, number, number];
    const local = archive.readUInt32LE(at + 42);
    const from = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const content = archive.subarray(from, from + size);
    const isStored = archive.readUInt16LE(at + 10) === 0;
    files.set(
      archive.toString('utf8', at + 46, at + 46 + name),
      (isStored ? content : inflateRawSync(content)).toString(),
    );
    at += 46 + name + extra + comment;
  }
  return files;
}

test('an export is made once for two operators, and its archive has every row and file', async () => {
  const key = `${tenantIds.a}/contract`;
  await services?.backups.files?.put(key, Buffer.from('A signed contract'), 'application/pdf');
  await manager.withTenantTransaction(tenantIds.a, (transaction) =>
    transaction.query(
      `insert into attachments (entity_type, entity_id, file_name, mime_type, size_bytes, storage_key, visibility)
       select 'account', id, 'contract.pdf', 'application/pdf', 17, $1, 'internal' from accounts limit 1`,
      [key],
    ),
  );
  const ask = (asker: typeof owner | typeof other, confirm = 'a') =>
    asker('POST', '/tenants/a/exports', { confirm, format: 'json' }, once());
  assert.equal((await ask(engineer)).status, 403, 'owners give data out');
  assert.equal(codeOf(await ask(owner, 'b')), 'confirmation_differs');
  const [first, joined] = await whileLocked(
    'exports',
    async () => [await ask(owner), await ask(other)] as const,
  );
  assert.deepEqual(
    [idOf(joined), (joined.body as { requestedByName?: string }).requestedByName],
    [idOf(first), 'owner@marquee.example'],
    'the other operator joins the first one’s',
  );
  const made = await ended(owner, first);
  assert.equal(made.state, 'done', JSON.stringify(made.error));
  assert.equal(made.result?.files, 1);
  const of = Number(made.result?.tables) + 1;
  assert.deepEqual(made.progress, { done: of, of });
  const { body } = await auditor<{ exports: { id: string; rows: number; requestedByName: string }[] }>(
    'GET',
    '/tenants/a/exports',
  );
  assert.deepEqual(
    body.exports.map(({ id, rows }) => ({ id, rows })),
    [{ id: made.result?.export, rows: made.result?.rows }],
    'one job, one export',
  );

  const path = `/tenants/a/exports/${made.result?.export}/archive`;
  assert.equal((await engineer('GET', path)).status, 403);
  const browser = new CookieBrowser();
  const headers = { origin: url, 'content-type': 'application/json' };
  const signIn = { email: 'second@marquee.example', password: PASSWORD, code: second.code() };
  await browser.fetch(`${url}/api/session`, { method: 'POST', headers, body: JSON.stringify(signIn) });
  const response = await browser.fetch(`${url}/api/operator${path}`, { headers });
  assert.match(String(response.headers.get('content-disposition')), /filename="a-[-\dTZ.]+\.zip"/);
  const archive = Buffer.from(await response.arrayBuffer());
  assert.equal(archive.length, Number(response.headers.get('content-length')));
  const files = unzip(archive);
  const manifest = JSON.parse(files.get('manifest.json') ?? '') as { files: { file: string }[] };
  assert.equal(files.get(manifest.files[0]?.file ?? ''), 'A signed contract');
  const dictionary = JSON.parse(files.get('dictionary.json') ?? '') as {
    tables: { file: string; rows: number }[];
  };
  assert.equal(files.size, dictionary.tables.length + ['dictionary', 'manifest', 'contract'].length);
  for (const { file, rows } of dictionary.tables)
    assert.equal(files.get(file)?.trim().split('\n').length, rows, file);
  const actors = async (action: string) =>
    (await application.audit.list({ action })).map(({ actor }) => actor);
  assert.deepEqual(await actors('backups.exported'), [`user:${owner.id}`]);
  assert.deepEqual(await actors('backups.export_downloaded'), [`user:${second.id}`]);

  await operations.pool.query("update exports set expires_at = now() - interval '1 second'");
  assert.equal(codeOf(await owner('GET', path)), 'export_unknown', 'its time is over');
});

test('a tenant on hold is not erased; afterwards its requests and exports go with it, and the certificate stays', async () => {
  const [tenantId, stays] = [tenantIds.a, tenantIds.b];
  const ask = (asker: typeof owner | typeof other, confirm = 'a', leaveUnreachable = false) =>
    asker('POST', '/tenants/a/erasure', { confirm, leaveUnreachable }, once());
  for (const id of [tenantId, stays])
    await operations.customerRequests.create({
      ...{ tenantId: id, kind: 'export', note: 'Please', requestedBy: randomUUID() },
    });
  assert.equal((await ask(engineer)).status, 403);
  assert.equal(codeOf(await ask(owner, 'b')), 'confirmation_differs');
  assert.equal(
    codeOf(await owner('POST', '/tenants/a/erasure', { confirm: 'a' })),
    'request_malformed',
    'no key',
  );
  assert.equal((await owner('PUT', '/backups/holds/a', { reason: 'Case 9' })).status, 204);
  assert.equal(codeOf(await ask(owner)), 'backup_held');
  assert.equal((await owner('DELETE', '/backups/holds/a?confirm=a')).status, 204);
  const made = await ended(owner, await owner('POST', '/tenants/a/exports', { confirm: 'a' }, once()));
  assert.equal(made.state, 'done', JSON.stringify(made.error));

  const gone = await leaveCopy(tenantId);
  const refused = await ended(owner, await ask(owner));
  assert.deepEqual([refused.state, refused.error?.code], ['failed', 'backup_not_possible']);
  const [first, joined] = await whileLocked(
    'erasures',
    async () => [await ask(owner, 'a', true), await ask(other, 'a', true)] as const,
  );
  assert.equal(idOf(joined), idOf(first));
  const erased = await ended(owner, first);
  assert.equal(erased.state, 'done', JSON.stringify(erased.error));
  assert.equal((await owner('GET', '/tenants/a')).status, 404);
  const { body } = await auditor<{
    erasures: {
      tenantId: string;
      requestedByName: string;
      mayRemain: string[];
      after: object;
      signed: { certificate: object; signature: string };
    }[];
  }>('GET', '/erasures');
  const [certified] = body.erasures;
  assert.deepEqual(
    [body.erasures.length, certified?.tenantId, certified?.requestedByName, certified?.after],
    [1, tenantId, 'owner@marquee.example', { rows: 0, files: 0, backupObjects: 0 }],
  );
  for (const named of [certified?.mayRemain, erased.result?.mayRemain])
    assert.match(String(named), new RegExp(gone));
  const key = hkdfSync(
    'sha256',
    Buffer.from(serving.key, 'hex'),
    Buffer.alloc(0),
    'marquee/erasure-certificate',
    32,
  );
  const sorted = JSON.stringify(certified?.signed.certificate, (_, part: unknown) =>
    typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part ?? {}).sort())
      : part,
  );
  const mac = createHmac('sha256', Buffer.from(key)).update(sorted).digest('base64url');
  assert.equal(certified?.signed.signature, `hmac-sha256:${mac}`, 'what is answered is what was signed');
  const left = async (table: string) =>
    (await operations.pool.query(`select tenant_id as id from ${table}`)).rows.map(({ id }) => id);
  assert.deepEqual(await left('customer_requests'), [stays]);
  assert.deepEqual(await left('exports'), []);
});

// Rows of a tenant in the operations database either go with it, or stay for a reason that is written here.
test('every table of the operations database says what becomes of an erased tenant’s rows', async () => {
  const { rows } = await operations.pool.query<{ name: string }>(
    `select table_name as name from information_schema.columns
     where table_schema = 'public' and column_name = 'tenant_id' order by 1`,
  );
  // For the operator, who is to prove what was done, and to divide bills among those who caused them.
  const kept = ['alerts', 'backups', 'drills', 'erasures', 'moves', 'reserved_ids', 'restores'];
  kept.push('support_access', 'rollout_health', 'rollout_tenants', 'usage_buckets', 'usage_statements');
  const gone = ['api_keys', 'connected_tenants', 'customer_requests', 'exports', 'idempotent_requests'];
  gone.push('imports', 'legal_holds', 'mail_codes', 'sessions', 'usage_budgets');
  const names = rows.map(({ name }) => name);
  assert.deepEqual(names, [...kept, ...gone].sort(), 'a new table says here what becomes of its rows');
  for (const name of gone) {
    const { rows: found } = await operations.pool.query<{ n: number }>(
      `select count(*)::int as n from ${name} where tenant_id = $1`,
      [tenantIds.a],
    );
    assert.equal(found[0]?.n, 0, `${name} keeps rows of an erased tenant`);
  }
});
