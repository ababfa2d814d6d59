import assert from 'node:assert/strict';
import { afterEach, mock, test } from 'node:test';
import { QueryClient, QueryObserver } from '@tanstack/react-query';
import type { Entity } from '@/web/crm/records/entity';
import type { Reading, TableName } from '@/web/hooks/request/query';

Object.assign(globalThis, { window: { location: new URL('http://localhost/'), addEventListener() {} } });
const { keys } = await import('@/web/hooks/request/query');
const { ANSWER_MS, LIST_MS, LiveQueries, SPREAD_MS } = await import('@/web/hooks/live/live-queries');
const { selectOf } = await import('@/web/crm/records/entity');
const files = ['clients', 'events', 'inventory', 'money', 'setup', 'work'];
const modules = await Promise.all(files.map((file) => import(`../../../../src/web/crm/entities/${file}.ts`)));
const ENTITIES = modules
  .flatMap((module) => Object.values(module) as Entity[])
  .filter((one) => typeof one === 'object' && 'fields' in one && 'order' in one);

mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.parse('2027-01-01') });
const open: { close(): void }[] = [];
afterEach(() => {
  for (const screen of open.splice(0)) screen.close();
});

type Rows = { id: string; [column: string]: unknown }[];

/** An open screen with queries of these keys, and the reads that it makes. */
function openScreen(shown: [key: readonly unknown[], data: unknown][], fresh: Rows = []) {
  const client = new QueryClient();
  const reads: unknown[] = [];
  const live = new LiveQueries(client, {
    isVisible: () => screen.isVisible,
    rows: async (table: TableName, _reading: Reading, ids: readonly string[]) => {
      reads.push([table, 'ids', ids]);
      return fresh.filter(({ id }) => ids.includes(id));
    },
  });
  const stops = shown.map(([queryKey, data]) => {
    client.setQueryData(queryKey, data);
    const queryFn = async () => {
      reads.push(queryKey);
      return client.getQueryData(queryKey);
    };
    return new QueryObserver(client, { queryKey, queryFn, staleTime: Number.POSITIVE_INFINITY }).subscribe(
      () => {},
    );
  });
  const screen = { client, live, reads, isVisible: true };
  open.push({
    close: () => {
      live.close();
      for (const stop of stops) stop();
      client.clear();
    },
  });
  return screen;
}

/** Lets time pass, and what was begun in it. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 50) {
    mock.timers.tick(50);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const reading: Reading = {
  select: '*',
  filters: [['status', 'eq', 'confirmed']],
  order: [['start_date', 'desc']],
};
const eventList = keys.page('events', reading, 0);
const events = () => ({
  rows: [
    { id: 'e1', title: 'Gala', start_date: '2027-05-01' },
    { id: 'e2', title: 'Ball', start_date: '2027-04-01' },
  ],
});

test('a change of one event is read by none of 20 screens of other kinds, where all of their queries were', async () => {
  const others = ENTITIES.filter(({ table }) => table !== 'events' && table !== 'event_dates').slice(0, 16);
  const lists = others.map((entity) =>
    keys.page(entity.table, { select: selectOf(entity), order: entity.order }, 0),
  );
  const rest: (readonly unknown[])[] = [
    keys.one('quotes', 'q1', '*'),
    ['records', 'answer', 'revenue_report', {}],
    ['records', 'answer', 'conversion_report', {}],
    ['records', 'answer', 'notices', {}],
  ];
  const screens = [...lists, ...rest].map((key) =>
    openScreen([
      [key, { rows: [{ id: 'r1', event_id: 'another' }] }],
      [['records', 'answer', 'notices', {}], []],
      [keys.list('tenant_settings', {}), []],
    ]),
  );
  assert.ok(screens.length >= 20, `${screens.length} screens`);
  for (const { live } of screens) live.changed([{ table: 'events', ids: ['e1'] }]);
  await pass(ANSWER_MS + SPREAD_MS);
  const count = screens.reduce((sum, { reads }) => sum + reads.length, 0);
  assert.ok(count <= 3, `${count} reads: ${JSON.stringify(screens.flatMap(({ reads }) => reads))}`);
  // Without names, as before: every query of every screen.
  for (const { live } of screens) live.changed(undefined);
  await pass(LIST_MS + ANSWER_MS + SPREAD_MS);
  const before = screens.reduce((sum, { reads }) => sum + reads.length, 0) - count;
  assert.ok(before >= screens.length * 2, `${before} reads`);
});

test('a changed row on the screen is read by its id and put in its place; the list is not read', async () => {
  const now = { id: 'e1', title: 'Gala night', start_date: '2027-05-01' };
  const screen = openScreen([[eventList, events()]], [now]);
  screen.live.changed([{ table: 'events', ids: ['e1'] }]);
  screen.live.changed([{ table: 'events', ids: ['e1'] }]);
  await pass(LIST_MS * 2);
  assert.deepEqual(screen.reads, [['events', 'ids', ['e1']]]);
  assert.deepEqual(screen.client.getQueryData(eventList), { rows: [now, events().rows[1]] });
});

test('a row that left the list goes at once, one that may have come is looked for at most every few seconds', async () => {
  const screen = openScreen([[eventList, events()]]);
  screen.live.changed([{ table: 'events', ids: ['e1'] }]);
  await pass(SPREAD_MS);
  assert.deepEqual(screen.client.getQueryData(eventList), { rows: [events().rows[1]] });
  await pass(LIST_MS);
  assert.deepEqual(screen.reads, [['events', 'ids', ['e1']], eventList]);
  for (let count = 0; count < 40; count += 1) {
    screen.live.changed([{ table: 'events', ids: [`new ${count}`] }]);
    await pass(250);
  }
  const lists = screen.reads.length - 2;
  assert.ok(lists >= 1 && lists <= 3, `${lists} reads in ten seconds`);
});

test('a row whose place in the order changed makes the list be read', async () => {
  const screen = openScreen([[eventList, events()]], [{ id: 'e1', title: 'Gala', start_date: '2027-01-01' }]);
  screen.live.changed([{ table: 'events', ids: ['e1'] }]);
  await pass(LIST_MS + SPREAD_MS * 2);
  assert.deepEqual(screen.reads, [['events', 'ids', ['e1']], eventList]);
});

test('a name beside a row is patched where it is shown, and nothing is read where it is not', async () => {
  const select = '*,account_ref:accounts!events_account_id_fkey(id,name)';
  const key = keys.page('events', { select }, 0);
  const row = { id: 'e1', account_id: 'a1', account_ref: { id: 'a1', name: 'Old' } };
  const now = { ...row, account_ref: { id: 'a1', name: 'New' } };
  const screen = openScreen([[key, { rows: [row] }]], [now]);
  screen.live.changed([{ table: 'accounts', ids: ['a2'] }]);
  await pass(ANSWER_MS);
  assert.deepEqual(screen.reads, []);
  screen.live.changed([{ table: 'accounts', ids: ['a1'] }]);
  await pass(ANSWER_MS);
  assert.deepEqual(screen.reads, [['events', 'ids', ['e1']]]);
  assert.deepEqual(screen.client.getQueryData(key), { rows: [now] });
});

test('figures are read once in so many seconds, and not while the page is hidden', async () => {
  const report = ['records', 'answer', 'revenue_report', {}];
  const screen = openScreen([[report, {}]]);
  for (let count = 0; count < 100; count += 1) {
    screen.live.changed([{ table: 'invoices', ids: [`i${count}`] }]);
    await pass(300);
  }
  assert.ok(screen.reads.length >= 2 && screen.reads.length <= 4, `${screen.reads.length} reads in 30 s`);
  const before = screen.reads.length;
  await pass(ANSWER_MS * 2);
  screen.isVisible = false;
  const known = screen.reads.length;
  screen.live.changed([{ table: 'invoices', ids: null }]);
  await pass(ANSWER_MS * 2);
  assert.ok(screen.reads.length === known && known <= before + 1);
  assert.equal(screen.client.getQueryState(report)?.isInvalidated, true);
});

test('a record’s page is read for its own changes; tables without ids, or many rows, make the list be read as a whole', async () => {
  const one = keys.one('events', 'e1', '*');
  const screen = openScreen([
    [one, { id: 'e1' }],
    [eventList, events()],
  ]);
  screen.live.changed([{ table: 'events', ids: ['e2', 'e9'] }]);
  await pass(SPREAD_MS * 2);
  assert.ok(!screen.reads.includes(one));
  screen.reads.length = 0;
  screen.live.changed([{ table: 'events', ids: null }]);
  await pass(LIST_MS + SPREAD_MS * 2);
  assert.deepEqual(new Set(screen.reads), new Set([one, eventList]));
});

test('nothing is read while an own change is under way, and what was read meanwhile is not shown', async () => {
  const screen = openScreen(
    [[eventList, events()]],
    [{ id: 'e1', title: 'Read before', start_date: '2027-05-01' }],
  );
  let end = () => {};
  const saving = screen.client.getMutationCache().build(screen.client, {
    mutationFn: () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
  });
  const saved = saving.execute(undefined);
  await pass(50);
  screen.live.changed([{ table: 'events', ids: ['e1'] }]);
  await pass(SPREAD_MS * 4);
  assert.deepEqual(screen.reads, []);
  end();
  await saved;
  await pass(SPREAD_MS * 2);
  assert.deepEqual(screen.reads, [['events', 'ids', ['e1']]]);
});
