import assert from 'node:assert/strict';
import { test } from 'node:test';
import { provisionDataSource } from '@/lib/data-sources';
import { startServer } from '@/server';
import type { TableChange } from '@/server/live/screen-changes';
import { moveEmptyTenant } from '../lib/data-sources/installation';
import { administer, createTestDatabase } from '../support/postgres';
import { inTime, until } from '../support/until';
import { startServing } from './serving';

const serving = await startServing();
const { url, tenantIds, server } = serving;
/** Of a process without a server: jobs, the command line. */
const manager = serving.newManager();
await serving.addUser(tenantIds.a, 'staff@a.example', 'staff');

test('a change reaches the screens of its company in another process, and no others', async () => {
  // A server beside the first: what they share is the databases.
  const other = await startServer({
    application: serving.application,
    operations: serving.operations,
    manager: serving.newManager(),
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
    await mine.untilSettled();
    await write('a', { name: 'Seen elsewhere' }, 'screen-1');
    // Not what it says: a screen with permission reads that itself.
    const [change] = await mine.untilNamed('accounts', 'screen-1');
    assert.equal(change?.ids?.length, 1);
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
    await screen.untilSettled();
    const before = screen.changes().length;
    await fetch(`${url}/t/a/rest/v1/accounts`, { headers: { cookie: await owner('a') } });
    await manager.withTenantTransaction(
      tenantIds.a,
      (transaction) => transaction.query('select name from accounts'),
      { readOnly: true },
    );
    await manager.withTenantTransaction(tenantIds.a, (transaction) =>
      transaction.query("insert into accounts (name) values ('Of a job')"),
    );
    await screen.untilNamed('accounts', null);
    const told = screen.changes().slice(before);
    const named = told.flatMap(({ data }) => JSON.parse(data) as TableChange[]);
    assert.deepEqual(
      named.filter(({ screen }) => screen === null).map(({ table, ids }) => [table, ids?.length]),
      [['accounts', 1]],
    );
  } finally {
    screen.end();
  }
});

test('a changed row is named to those who may see each row of its table, its table alone to others', async () => {
  const [toOwner, toStaff] = [await watch(url, 'a'), await watch(url, 'a', 'staff@a.example')];
  try {
    await toOwner.untilSettled();
    const { rows } = await manager.withTenantTransaction(tenantIds.a, async ({ query }) => {
      const account = await query<{ id: string }>(
        "insert into accounts (name) values ('Client') returning id",
      );
      return query<{ id: string }>(
        "insert into events (account_id, title) values ($1, 'Gala') returning id",
        [account.rows[0]?.id],
      );
    });
    const eventId = rows[0]?.id;
    assert.deepEqual((await toOwner.untilNamed('events'))[0]?.ids, [eventId]);
    // Staff see the events that they work, and no accounts at all.
    for (const table of ['events', 'accounts'])
      assert.equal((await toStaff.untilNamed(table))[0]?.ids, null, table);
    // A note may be private.
    await manager.withTenantTransaction(tenantIds.a, ({ query }) =>
      query("insert into notes (entity_type, entity_id, content) values ('event', $1, 'Secret')", [eventId]),
    );
    assert.equal((await toOwner.untilNamed('notes'))[0]?.ids, null);
    assert.ok(!toStaff.changes().some(({ data }) => data.includes(eventId ?? '')));
  } finally {
    toOwner.end();
    toStaff.end();
  }
});

test('of many changed rows only the table is named', async () => {
  const screen = await watch(url, 'a');
  try {
    await screen.untilSettled();
    await manager.withTenantTransaction(tenantIds.a, ({ query }) =>
      query("insert into accounts (name) select 'Client ' || n from generate_series(1, 51) n"),
    );
    assert.deepEqual(await screen.untilNamed('accounts', null), [
      { table: 'accounts', ids: null, screen: null },
    ]);
  } finally {
    screen.end();
  }
});

test('changes that do not end are read and told a few times a second, the last of them too', async () => {
  const screen = await watch(url, 'a');
  try {
    await screen.untilSettled();
    const began = performance.now();
    const before = screen.changes().length;
    for (let change = 0; change < 60; change += 1)
      await write('a', { name: `Name ${change}` }, `screen-${change % 3}`);
    await write('a', { name: 'Last' }, 'last');
    await screen.untilNamed('accounts', 'last');
    const most = (performance.now() - began) / 200 + 2;
    const told = screen.changes().slice(before);
    assert.ok(told.length <= most, `${told.length} events, ${most} expected at most`);
    const named = told.flatMap(({ data }) => JSON.parse(data) as TableChange[]);
    const own = named.filter(
      ({ table, screen }) => table === 'accounts' && /^(screen-|last)/.test(screen ?? ''),
    );
    const ids = new Set(own.flatMap((change) => change.ids ?? []));
    assert.equal(ids.size, 61, 'each change is told');
  } finally {
    screen.end();
  }
});

test('where the log cannot be read, screens are told that anything may have changed', async () => {
  const screen = await watch(url, 'a');
  const rename = (from: string, to: string) =>
    administer(serving.dataSourceUrl, `alter function public.${from} rename to ${to}`);
  await screen.untilSettled();
  await rename('changed_ids', 'unreadable_ids');
  try {
    const before = screen.changes().length;
    await write('a', { name: 'Not named' }, 'screen-1');
    await screen.until(before + 1);
    assert.equal(screen.changes()[before]?.data, '');
  } finally {
    await rename('unreadable_ids', 'changed_ids');
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
    // The log begins anew in the other database.
    await screen.untilSettled();
    await write('b', { name: 'Named' }, 'mover');
    await screen.untilNamed('accounts', 'mover');
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

test('a stream ends with its session, not at its next heartbeat', async () => {
  await serving.addUser(tenantIds.a, 'leaving@a.example', 'sales');
  const [here, kept] = [await watch(url, 'a', 'leaving@a.example'), await watch(url, 'a', 'staff@a.example')];
  try {
    const signedOut = await fetch(`${url}/t/a/api/session?everywhere=true`, {
      method: 'DELETE',
      headers: { cookie: await owner('a', 'leaving@a.example'), origin: url },
    });
    assert.equal(signedOut.status, 204);
    await inTime(here.ended, 'the stream', 15_000);
    const count = kept.changes().length;
    await write('a', { name: 'After it' }, 'others');
    await kept.until(count + 1);
  } finally {
    here.end();
    kept.end();
  }
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
  await until(async () => (await ask()).status === 200, 'a stream to be admitted');
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

function owner(tenant: 'a' | 'b', email = `owner@${tenant}.example`): Promise<string> {
  return serving.cookieOf(tenant, email);
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
async function watch(base: string, tenant: 'a' | 'b', email?: string) {
  const stopping = new AbortController();
  const answer = await fetch(`${base}/t/${tenant}/api/changes`, {
    headers: { cookie: await owner(tenant, email) },
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
      const late = setTimeout(() => reject(new Error('Nothing was told.')), 60_000);
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
    /** Changes of a table, once there are some. */
    async untilNamed(table: string, screen?: string | null): Promise<TableChange[]> {
      const found = () =>
        changes()
          .flatMap(({ data }) => (data ? (JSON.parse(data) as TableChange[]) : []))
          .filter((change) => change.table === table && (screen === undefined || change.screen === screen));
      await waitFor(() => found().length > 0);
      return found();
    },
    /** Until changes are named: at first, transactions that are not logged may still be under way. */
    async untilSettled(): Promise<void> {
      for (let count = 0; !changes().some(({ data }) => data !== ''); count += 1) {
        await write(tenant, { name: `Settling ${count}` }, 'settling');
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    end: () => stopping.abort(),
  };
}
