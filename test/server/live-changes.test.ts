import assert from 'node:assert/strict';
import { test } from 'node:test';
import { provisionDataSource } from '@/lib/data-sources';
import { startServer } from '@/server';
import { moveEmptyTenant } from '../lib/data-sources/installation';
import { createTestDatabase } from '../support/postgres';
import { startServing } from './serving';

const serving = await startServing();
const { url, tenantIds, server } = serving;
/** Of a process without a server: jobs, the command line. */
const manager = serving.newManager();

test('a change reaches the screens of its company in another process, and no others', async () => {
  // A server beside the first: what they share is the databases.
  const other = await startServer({
    application: serving.application,
    operations: serving.operations,
    manager: serving.newManager({ moveWaitMs: 200 }),
    tokens: serving.tokens,
    host: '127.0.0.1',
    port: 0,
    logLevel: 'silent',
    webDirectory: '/nonexistent',
  });
  const there = `http://127.0.0.1:${other.port}`;
  const mine = await watch(there, 'a');
  const theirs = await watch(there, 'b');
  try {
    await write('a', { name: 'Seen elsewhere' }, 'screen-1');
    const [event] = await mine.until(1);
    // Not what changed: a screen with permission reads that itself.
    assert.deepEqual(event, { event: 'change', data: 'screen-1' });
    assert.deepEqual(theirs.changes(), []);
  } finally {
    mine.end();
    theirs.end();
    await other.close();
  }
});

test('what trusted code changes is told too, what is only read is not', async () => {
  const screen = await watch(url, 'a');
  try {
    await fetch(`${url}/t/a/rest/v1/accounts`, { headers: { cookie: await owner('a') } });
    await manager.withTenantTransaction(
      tenantIds.a,
      (transaction) => transaction.query('select name from accounts'),
      { readOnly: true },
    );
    await manager.withTenantTransaction(tenantIds.a, (transaction) =>
      transaction.query("insert into accounts (name) values ('Of a job')"),
    );
    assert.deepEqual(await screen.until(1), [{ event: 'change', data: '' }]);
  } finally {
    screen.end();
  }
});

test('many changes at once are told as few', async () => {
  const screen = await watch(url, 'a');
  try {
    for (let change = 0; change < 40; change += 1) serving.application.announceChange(tenantIds.a, 'one');
    serving.application.announceChange(tenantIds.a, 'another');
    assert.deepEqual(await screen.until(2), [
      { event: 'change', data: 'one' },
      { event: 'change', data: 'another' },
    ]);
  } finally {
    screen.end();
  }
});

test('a company that is moved goes on hearing of its changes', async () => {
  const adminUrl = await createTestDatabase('elsewhere');
  await provisionDataSource(serving.operations, { name: 'elsewhere', kind: 'shared', adminUrl });
  const screen = await watch(url, 'b');
  try {
    await moveEmptyTenant(serving, tenantIds.b, 'elsewhere');
    await write('b', { name: 'After the move' }, 'mover');
    assert.deepEqual(await screen.until(1), [{ event: 'change', data: 'mover' }]);
  } finally {
    screen.end();
  }
});

test('listening without a session, or to another company, is refused', async () => {
  const refused = await fetch(`${url}/t/a/api/changes`);
  assert.equal(refused.status, 401);
  const stranger = await fetch(`${url}/t/b/api/changes`, { headers: { cookie: await owner('a') } });
  assert.equal(stranger.status, 401);
});

test('one user has so many streams and no more, until one of them ends', async () => {
  const open = [];
  for (let count = 0; count < 20; count += 1) open.push(await watch(url, 'a'));
  const ask = async () => {
    const stopping = new AbortController();
    const headers = { cookie: await owner('a') };
    const answer = await fetch(`${url}/t/a/api/changes`, { headers, signal: stopping.signal });
    if (answer.status === 200) stopping.abort();
    return answer;
  };
  const refused = await ask();
  assert.equal(refused.status, 429);
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  assert.equal((await refused.json()).code, 'too_many_streams');
  open.pop()?.end();
  while ((await ask()).status !== 200) await new Promise((resolve) => setTimeout(resolve, 20));
  for (const screen of open) screen.end();
});

test('closing the server ends what listens', async () => {
  const screen = await watch(url, 'a');
  await server.close();
  await screen.ended;
});

interface Told {
  event: string;
  data: string;
}

function owner(tenant: 'a' | 'b'): Promise<string> {
  return serving.cookieOf(tenant, `owner@${tenant}.example`);
}

async function write(tenant: 'a' | 'b', row: { name: string }, screen: string): Promise<void> {
  const answer = await fetch(`${url}/t/${tenant}/rest/v1/accounts`, {
    method: 'POST',
    headers: {
      cookie: await owner(tenant),
      origin: url,
      'content-type': 'application/json',
      'x-marquee-screen': screen,
    },
    body: JSON.stringify(row),
  });
  assert.equal(answer.status, 201, await answer.text());
}

/** Listens as a browser's EventSource does. Resolves once the server says that it tells. */
async function watch(base: string, tenant: 'a' | 'b') {
  const stopping = new AbortController();
  const answer = await fetch(`${base}/t/${tenant}/api/changes`, {
    headers: { cookie: await owner(tenant) },
    signal: stopping.signal,
  });
  assert.equal(answer.headers.get('content-type'), 'text/event-stream');
  const told: Told[] = [];
  let heard = () => {};
  const read = async () => {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of answer.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const event = /^event: (.*)$/m.exec(block)?.[1] ?? '';
        told.push({ event, data: /^data: ?(.*)$/m.exec(block)?.[1] ?? '' });
      }
      heard();
    }
  };
  const ended = read().catch(() => {});
  const changes = () => told.filter(({ event }) => event === 'change');
  const waitFor = (enough: () => boolean) =>
    new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('Nothing was told.')), 10_000);
      heard = () => {
        if (!enough()) return;
        clearTimeout(late);
        resolve();
      };
      heard();
    });
  await waitFor(() => told.some(({ event }) => event === 'ready'));
  return {
    ended,
    changes,
    async until(count: number): Promise<Told[]> {
      await waitFor(() => changes().length >= count);
      return changes();
    },
    end: () => stopping.abort(),
  };
}
