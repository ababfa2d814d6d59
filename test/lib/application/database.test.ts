import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '@/lib/application/database';
import { administer, createTestDatabase } from '../../support/postgres';

const url = await createTestDatabase('application', 'application');
const database = new Database({ url, author: { actor: 'test' }, maxConnections: 2 });
after(() => database.close());

test('a connection that ends between two statements fails the change, not the process', async () => {
  const change = database.change(undefined, async (client) => {
    await administer(
      url,
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'marquee'",
    );
    await sleep(200);
    await client.query('select 1');
  });
  await assert.rejects(change);
  assert.deepEqual(await database.read('select 1 as one'), [{ one: 1 }]);
});
