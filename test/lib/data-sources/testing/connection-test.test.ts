import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { after, test } from 'node:test';
import { testConnection } from '@/lib/data-sources';
import { administer, createTestDatabase } from '../../../support/postgres';
import { createTenantDatabase } from '../tenant-database';

const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close();
});
const database = await createTenantDatabase();

/** Takes connections and does with them what it is told. */
async function listen(handle: Parameters<typeof createServer>[1]): Promise<number> {
  const server = createServer(handle).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

const check = (result: Awaited<ReturnType<typeof testConnection>>, name: string) =>
  result.checks.find((one) => one.name === name);

test('a good router passes every check', async () => {
  const result = await testConnection({ kind: 'postgres', url: database.routerUrl });
  assert.ok(result.ok, JSON.stringify(result.checks));
  assert.ok((result.schemaVersion ?? 0) > 0);
  assert.match(result.serverVersion ?? '', /^\d+/);
});

test('an administrator in place of a router fails: it could see every tenant', async () => {
  const result = await testConnection({ kind: 'postgres', url: database.adminUrl });
  assert.equal(result.code, 'data_source_privileges_missing');
});

test('a database without the tenant schema is not migrated', async () => {
  const url = await createTestDatabase('bare');
  const asAdministrator = await testConnection({ kind: 'postgres', url, purpose: 'administrator' });
  assert.ok(asAdministrator.ok);
  assert.equal(check(asAdministrator, 'schema')?.outcome, 'warning');
});

test('a schema that was made before the first release fails, and says what to use instead', async () => {
  const url = await createTestDatabase('unsupported');
  await administer(
    url,
    `create schema tenancy;
     create table tenancy.migrations (version int primary key, name text not null, checksum text not null);
     insert into tenancy.migrations values (1, 'tenancy', 'x'), (240, 'cascades', 'y')`,
  );
  const result = await testConnection({ kind: 'postgres', url, purpose: 'administrator' });
  assert.equal(result.code, 'data_source_not_migrated');
  assert.match(check(result, 'schema')?.hint ?? '', /empty database/);
});

test('a closed port, a server that never answers, and an answer that is not PostgreSQL’s', async () => {
  const quick = { timeoutMs: 300 };
  const unreachable = await testConnection(
    { kind: 'postgres', url: 'postgresql://u:p@127.0.0.1:1/d' },
    quick,
  );
  assert.equal(unreachable.code, 'data_source_unreachable');
  const silent = await listen(() => {});
  const silence = await testConnection(
    { kind: 'postgres', url: `postgresql://u:p@127.0.0.1:${silent}/d` },
    quick,
  );
  assert.equal(silence.code, 'data_source_timeout');
  const rude = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const nonsense = await testConnection(
    { kind: 'postgres', url: `postgresql://u:p@127.0.0.1:${rude}/d` },
    quick,
  );
  assert.ok(!nonsense.ok);
});

test('malformed URLs are named as such, without being repeated', async () => {
  for (const url of [
    '',
    'hello',
    'http://host/db',
    'postgresql://',
    'postgresql://user:hunter2@host',
    'postgresql:///db',
  ]) {
    const result = await testConnection({ kind: 'postgres', url });
    assert.equal(result.code, 'data_source_url_malformed', url);
    assert.ok(!JSON.stringify(result).includes('hunter2'));
  }
});

test('a wrong password, an unknown database', async () => {
  const wrong = new URL(database.routerUrl);
  wrong.password = 'hunter2';
  const refused = await testConnection({ kind: 'postgres', url: wrong.toString() });
  assert.equal(refused.code, 'data_source_authentication_refused');
  assert.ok(!JSON.stringify(refused).includes('hunter2'));
  const missing = new URL(database.adminUrl);
  missing.pathname = '/no_such_database';
  assert.equal(
    (await testConnection({ kind: 'postgres', url: missing.toString() })).code,
    'data_source_unreachable',
  );
});

test('a slow round trip is a warning, and so is a default that is read only', async () => {
  const slow = await testConnection({ kind: 'postgres', url: database.routerUrl }, { slowMs: 0 });
  assert.ok(slow.ok);
  assert.equal(check(slow, 'latency')?.outcome, 'warning');
  const name = new URL(database.adminUrl).pathname.slice(1);
  await administer(database.adminUrl, `alter database ${name} set default_transaction_read_only = on`);
  const readOnly = await testConnection({ kind: 'postgres', url: database.routerUrl });
  assert.equal(check(readOnly, 'writable')?.outcome, 'warning');
});

test('a Supabase project: no such host, a refused key, a schema that is missing', async () => {
  const project = (url: string) =>
    testConnection({ kind: 'supabase', url, serviceKey: 'k' }, { timeoutMs: 300 });
  assert.equal((await project('http://127.0.0.1:1')).code, 'data_source_unreachable');
  assert.equal((await project('ftp://x')).code, 'data_source_url_malformed');
  const answering = async (status: string) => {
    const port = await listen((socket) => {
      socket.once('data', () => socket.end(`HTTP/1.1 ${status}\r\ncontent-length: 2\r\n\r\n[]`));
    });
    return project(`http://127.0.0.1:${port}`);
  };
  assert.equal((await answering('401 Unauthorized')).code, 'data_source_authentication_refused');
  assert.equal((await answering('404 Not Found')).code, 'data_source_not_migrated');
  assert.ok((await answering('200 OK')).ok);
  const silent = await listen(() => {});
  assert.equal((await project(`http://127.0.0.1:${silent}`)).code, 'data_source_timeout');
});
