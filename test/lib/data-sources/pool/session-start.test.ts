// What a session begins with, where the startup packet took effect and where it did not.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import pg from 'pg';
import { connect } from '@/lib/data-sources/pool/connect';
import { ROUTER_SETTINGS } from '@/lib/tenant-data';
import { administer, createTestDatabase } from '../../../support/postgres';

const url = await createTestDatabase('session_start');
const name = new URL(url).pathname.slice(1);
const defaults = [
  "default_transaction_isolation = 'serializable'",
  "timezone = 'Asia/Tokyo'",
  'statement_timeout = 7000',
];
for (const setting of [...defaults, "marquee.started = 'of the database'"]) {
  await administer(url, `alter database ${name} set ${setting}`);
}

/** The session's settings after `connect`, and what it sent for that. */
async function started(t: test.TestContext, options?: string) {
  const own = new URL(url);
  if (options) own.searchParams.set('options', options);
  const { mock } = t.mock.method(pg.Client.prototype, 'query');
  const client = await connect({
    url: own.toString(),
    name: 'it',
    timeoutMs: 5_000,
    settings: ROUTER_SETTINGS,
  });
  const sent = mock.calls.map(({ arguments: [query] }) => (query as unknown as pg.QueryConfig).text);
  mock.restore();
  after(() => client.end());
  const { rows } = await client.query(
    `select name, setting from pg_settings where name not like 'marquee%' and name <> 'application_name' and not name = 'transaction_read_only'`,
  );
  return { sent, settings: Object.fromEntries(rows.map((row) => [row.name, row.setting])) };
}

test('where the startup packet took effect, one short statement is left, and every setting is as it is otherwise', async (t) => {
  const short = await started(t);
  const whole = await started(t, '-c statement_timeout=5000');
  assert.equal(short.sent.length, 1);
  assert.ok(!short.sent[0]?.includes('default_transaction_isolation'));
  assert.ok(whole.sent[0]?.includes('default_transaction_isolation'));
  assert.deepEqual(short.settings, whole.settings);
  assert.equal(short.settings.default_transaction_isolation, 'read committed');
  assert.equal(short.settings.statement_timeout, '600000');
});
