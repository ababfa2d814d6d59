import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { administer } from '../../support/postgres';
import { until } from '../../support/until';
import { openTestApplicationDatabase } from './application-database';

const { application, url } = await openTestApplicationDatabase();
const place = {
  dataSourceId: randomUUID(),
  engine: 'postgresql' as const,
  url: 'postgresql://x@y/z',
  anonKey: null,
  serviceKey: null,
};

test('each change that matters to routing is heard, with its epoch', async () => {
  const heard: unknown[][] = [];
  const listening = await application.listenToRoutes((...change) => heard.push(change));
  const { id } = await application.tenants.create({ name: 'T', subdomain: 'heard' });
  await application.tenants.setDataSource(id, { ...place, expectedEpoch: '1' });
  await application.tenants.setStatus(id, 'active');
  await application.tenants.update(id, { connectionPoolConfig: { max: 2 } });
  // Neither a name nor a note is a matter of routing.
  await application.tenants.update(id, { name: 'Other', notes: 'n' });
  await application.tenants.remove(id);
  await until(() => heard.length === 5);
  assert.deepEqual(heard, [
    [id, '1'],
    [id, '2'],
    [id, '2'],
    [id, '2'],
    [id, '2'],
  ]);
  await listening.close();
});

test('after a lost connection it listens again and says that anything may have changed', async () => {
  const heard: unknown[][] = [];
  const listening = await application.listenToRoutes((...change) => heard.push(change));
  const kill = `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = 'marquee routes' and datname = current_database()`;
  assert.equal((await administer(url, kill)).rowCount, 1);
  await until(() => heard.length === 1);
  assert.deepEqual(heard, [[]]);
  const { id } = await application.tenants.create({ name: 'T', subdomain: 'again' });
  await until(() => heard.length === 2);
  assert.deepEqual(heard[1], [id, '1']);
  await listening.close();
  await application.tenants.remove(id);
  await sleep(50);
  assert.equal(heard.length, 2);
  assert.equal((await administer(url, kill)).rowCount, 0);
});
