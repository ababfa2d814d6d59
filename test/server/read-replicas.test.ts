// Reads over HTTP that a real standby answers: /rest/v1 with preferences, reports and exports.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PostgrestClient } from '@supabase/postgrest-js';
import { addReplica } from '@/lib/data-sources';
import { pause } from '@/lib/time';
import { administer, startTestServer } from '../support/postgres';
import { startCompany } from './api/start-company';

const primary = await startTestServer({ settings: { wal_keep_size: '64MB' } });
const company = await startCompany({}, {}, primary.url());
const replica = await startTestServer({ replicaOf: primary });
await addReplica(company, 'shared-1', { host: { host: '127.0.0.1', port: replica.port } });

const READ = '/rest/v1/accounts?select=name';
const get = (prefer: string, headers = {}) =>
  company.ask('a:owner', 'GET', READ, undefined, { prefer, ...headers });
const write = (name: string, prefer: string) =>
  company.ask('a:owner', 'POST', '/rest/v1/accounts', { name }, { prefer });
const applied = (response: Response) => response.headers.get('preference-applied');

async function caughtUp(): Promise<void> {
  const { rows } = await administer(
    primary.url(),
    "select pg_logical_emit_message(false, 'test', '')::text as lsn",
  );
  for (;;) {
    const { rows: seen } = await administer(
      replica.url(),
      'select pg_last_wal_replay_lsn() >= $1::pg_lsn as done',
      [rows[0]?.lsn],
    );
    if (seen[0]?.done) return;
    await pause(20);
  }
}

test('Prefer: read-replica is answered by a replica, which says as of when', async () => {
  const written = await write('One', 'return=minimal, handling=strict, read-token');
  assert.equal(written.status, 201);
  assert.match(applied(written) ?? '', /return=minimal, handling=strict, read-token/);
  await caughtUp();
  const response = await get('read-replica; max-lag-ms=60000, count=exact, handling=strict');
  assert.equal(applied(response), 'count=exact, handling=strict, read-replica');
  assert.deepEqual(await response.json(), [{ name: 'One' }]);
  const asOf = new Date(response.headers.get('marquee-as-of') ?? '');
  assert.ok(asOf.getTime() <= Date.now() && Date.now() - asOf.getTime() < 120_000);
});

test('the Supabase client reads at a replica by a header of its own, counts there, and writes at the primary', async () => {
  const answers: Response[] = [];
  const client = new PostgrestClient('http://localhost/rest/v1', {
    headers: { prefer: 'read-replica; max-lag-ms=60000' },
    fetch: async (input, init = {}) => {
      const { pathname, search } = new URL(String(input));
      const body = init.body ? JSON.parse(String(init.body)) : undefined;
      const headers = Object.fromEntries(new Headers(init.headers));
      const answer = await company.ask('a:owner', init.method ?? 'GET', pathname + search, body, headers);
      answers.push(answer);
      return answer;
    },
  });
  const { data, count } = await client.from('accounts').select('name', { count: 'exact' }).throwOnError();
  assert.deepEqual([data, count], [[{ name: 'One' }], 1]);
  assert.match(applied(answers[0] as Response) ?? '', /read-replica/);
  await client.from('accounts').update({ name: 'One' }).eq('name', 'One').throwOnError();
  assert.doesNotMatch(applied(answers[1] as Response) ?? '', /read-replica/);
  await caughtUp();
});

test('a read with the token of a write sees that write, at the primary where the replica lags', async () => {
  await administer(replica.url(), 'select pg_wal_replay_pause()');
  for (;;) {
    const { rows } = await administer(replica.url(), 'select pg_get_wal_replay_pause_state() as state');
    if (rows[0]?.state === 'paused') break;
    await pause(20);
  }
  const written = await write('Two', 'read-token');
  const token = written.headers.get('marquee-read-token') ?? '';
  const old = await get('read-replica; max-lag-ms=600000');
  assert.deepEqual([applied(old), await old.json()], ['read-replica', [{ name: 'One' }]]);
  const now = await get('read-replica; max-lag-ms=600000', { 'marquee-read-token': token });
  assert.deepEqual([applied(now), await now.json()], [null, [{ name: 'One' }, { name: 'Two' }]]);
  const refused = await get('read-replica', { 'marquee-read-token': 'x' });
  assert.deepEqual([refused.status, (await refused.json()).code], [400, 'read_token_invalid']);
});

test('a write with the preference goes to the primary', async () => {
  const written = await write('Three', 'read-replica, return=minimal');
  assert.deepEqual([written.status, applied(written)], [201, 'return=minimal']);
});

test('a report and an export hold what was just written, and say as of when', async () => {
  const exported = await company.ask('a:owner', 'GET', '/api/exports/accounts.csv');
  assert.match(await exported.text(), /Three/);
  assert.ok(exported.headers.get('marquee-as-of'));
  await administer(replica.url(), 'select pg_wal_replay_resume()');
  await caughtUp();
  const report = await company.ask(
    'a:owner',
    'GET',
    '/rest/v1/rpc/receivables_report?as_of=2026-01-01',
    undefined,
    { prefer: 'read-replica; max-lag-ms=60000; after-writes' },
  );
  assert.deepEqual([report.status, applied(report)], [200, 'read-replica']);
});
