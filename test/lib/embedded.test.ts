import assert from 'node:assert/strict';
import { test } from 'node:test';
import { administer, createTestDatabase, startTestServer } from '../support/postgres';

test('an embedded server keeps its data over a stop and a start', async () => {
  const server = await startTestServer();
  await administer(server.url(), 'create table kept (id int)');
  await server.stop();
  assert.equal(server.pid, undefined);
  await server.start();
  const { rows } = await administer(server.url(), 'select count(*)::int as n from kept');
  assert.deepEqual(rows, [{ n: 0 }]);
});

test('an embedded server that was killed starts again', async () => {
  const server = await startTestServer();
  await server.kill('SIGKILL');
  await server.start();
  const { rows } = await administer(server.url(), 'show wal_level');
  assert.deepEqual(rows, [{ wal_level: 'logical' }]);
});

test('a test database is empty and its own', async () => {
  const url = await createTestDatabase();
  const { rows } = await administer(
    url,
    "select count(*)::int as n from pg_tables where schemaname = 'public'",
  );
  assert.deepEqual(rows, [{ n: 0 }]);
});
