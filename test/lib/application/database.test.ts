import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PostgresDatabase } from '@/lib/application/postgres-database';
import { administer, createTestDatabase } from '../../support/postgres';

const url = await createTestDatabase('application', 'application');
const database = new PostgresDatabase({ url, author: { actor: 'test' }, maxConnections: 2 });
after(() => database.close());

test('a connection that ends between two statements fails the change, not the process', async () => {
  const one = { name: 'one', text: 'select 1 as one' };
  const change = database.change(undefined, one, [], {
    beforeCommit: async () => {
      await administer(
        url,
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'marquee'",
      );
      await sleep(200);
    },
  });
  await assert.rejects(change);
  assert.deepEqual(await database.read(one), [{ one: 1 }]);
});
