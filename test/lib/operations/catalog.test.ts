import assert from 'node:assert/strict';
import { test } from 'node:test';
import { administer } from '../../support/postgres';
import { openTestOperationsDatabase } from './operations-database';

test('a role without a policy, such as a Supabase project’s anon, sees no row of any table', async () => {
  const { url } = await openTestOperationsDatabase();
  const { rows } = await administer(
    url,
    `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and not relrowsecurity`,
  );
  assert.deepEqual(rows, []);
  const policies = await administer(url, "select from pg_policies where schemaname = 'public'");
  assert.equal(policies.rowCount, 0);
});
