import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { administer } from '../../support/postgres';
import { openTestOperationsDatabase } from './operations-database';

const { url, operations } = await openTestOperationsDatabase();

test('a connection that ends while it is lent out and silent fails its work, not the process', async () => {
  const work = operations.withLock('lost', async () => {
    await administer(
      url,
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'marquee operations'",
    );
    await sleep(200);
  });
  await assert.rejects(work);
  assert.equal(await operations.withLock('lost', async () => 'again'), 'again');
});
