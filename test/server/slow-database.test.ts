// A company whose database is far away: who is signed in and the application itself must not wait for it.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { provisionDataSource } from '@/lib/data-sources';
import { moveEmptyTenant } from '../lib/data-sources/installation';
import { startDelayingProxy } from '../support/delaying-proxy';
import { createTestDatabase } from '../support/postgres';
import { startServing } from './serving';

/** Each way. */
const DELAY_MS = 1_500;

test('only rows wait for a slow database', async () => {
  const serving = await startServing();
  const { url, tenantIds } = serving;
  const adminUrl = new URL(await createTestDatabase('far'));
  const proxy = await startDelayingProxy({ port: Number(adminUrl.port), delayMs: 0 });
  after(() => proxy.close());
  adminUrl.hostname = '127.0.0.1';
  adminUrl.port = String(proxy.port);
  await provisionDataSource(serving.operations, { name: 'far', kind: 'shared', adminUrl: adminUrl.href });
  await moveEmptyTenant(serving, tenantIds.a, 'far');
  const headers = { cookie: await serving.cookieOf('a', 'owner@a.example') };
  const ask = async (path: string) => {
    const started = performance.now();
    const answer = await fetch(`${url}/t/a${path}`, { headers });
    assert.equal(answer.status, 200, await answer.text());
    return performance.now() - started;
  };
  // Connected, so that only the delay counts.
  await ask('/rest/v1/accounts');
  proxy.delay(DELAY_MS);
  try {
    const rows = ask('/rest/v1/accounts');
    const session = await ask('/api/session');
    const people = await ask('/api/people');
    assert.ok((await rows) >= 2 * DELAY_MS);
    assert.ok(session < DELAY_MS && people < DELAY_MS, `session ${session} ms, people ${people} ms`);
  } finally {
    // What the test leaves behind is cleared through the proxy too.
    proxy.delay(0);
  }
});
