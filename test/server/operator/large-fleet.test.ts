// With many tenants and data sources the console's answers stay small: parts of lists, groups of the map, one word for many changes.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import pg from 'pg';
import { createLocalKeyProvider, createSecretBox } from '@/lib/secrets';
import { fillFleet } from '../../support/fleet';
import { administer } from '../../support/postgres';
import { until } from '../../support/until';
import { PASSWORD, startServing } from '../serving';

const SIZE = { tenants: 1_200, sources: 160 };
/** Bytes of a part of a list, and of the map without an open group: neither grows with the fleet. */
const MOST = { list: 40_000, map: 3_000, openGroup: 12_000 };

const serving = await startServing();
const { operations, url, key } = serving;
let cookie = '';

before(async () => {
  const secretBox = createSecretBox({ provider: createLocalKeyProvider(key), fingerprintKey: key });
  const application = new pg.Client({ connectionString: serving.applicationUrl });
  await application.connect();
  await fillFleet({ operations, secretBox }, application, { like: 'shared', ...SIZE, serverOf: () => null });
  await application.end();
  const { code } = await serving.addOperator('ada@marquee.example', 'engineer');
  const response = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ email: 'ada@marquee.example', password: PASSWORD, code: code() }),
  });
  cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
});
async function read(path: string) {
  const answer = await fetch(`${url}/api/operator${path}`, { headers: { cookie } });
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  return { bytes: text.length, ...JSON.parse(text) };
}

for (const [path, total] of [
  ['/tenants', SIZE.tenants + 2],
  ['/data-sources', SIZE.sources + 1],
] as const) {
  test(`${path} answers with a part of the list, at its end too, and with its whole length`, async () => {
    for (const offset of [0, total - 50]) {
      const part = await read(`${path}?offset=${offset}&sort=name&descending=true`);
      assert.deepEqual([part.total, part.rows.length], [total, Math.min(100, total - offset)]);
      assert.ok(part.bytes < MOST.list, `${part.bytes} bytes`);
    }
  });
}

test('tenants are found by their source, and sources by what their health is', async () => {
  const { total, rows } = await read('/tenants?source=fleet-0007&sort=createdAt');
  assert.ok(rows.every(({ source }: { source: string }) => source === 'fleet-0007'));
  assert.equal(total, Math.ceil((SIZE.tenants - 7) / SIZE.sources));
  assert.equal((await read('/data-sources?health=unknown&limit=1')).total, SIZE.sources + 1);
});

interface Group {
  name: string;
  isOpen: boolean;
  tenants: number;
  states: Record<string, number>;
  sources: { name: string; isFound: boolean }[];
}

test('the map answers with groups, and with the sources only of those that are open', async () => {
  const closed = await read('/map');
  const sourcesIn = (groups: Group[]) => groups.flatMap(({ sources }) => sources);
  assert.equal(sourcesIn(closed.groups).length, 0);
  const sum = (of: (group: Group) => number) =>
    closed.groups.reduce((all: number, group: Group) => all + of(group), 0);
  assert.deepEqual(
    [sum(({ tenants }) => tenants), sum(({ states }) => states.unknown ?? 0)],
    [SIZE.tenants + 2, SIZE.sources + 1],
  );
  assert.ok(closed.bytes < MOST.map, `${closed.bytes} bytes`);
  const opened = await read('/map?toggled=eu-west&limit=12');
  assert.deepEqual(
    opened.groups
      .filter(({ isOpen }: Group) => isOpen)
      .map(({ name, sources }: Group) => [name, sources.length]),
    [['eu-west', 12]],
  );
  assert.ok(opened.bytes < MOST.openGroup, `${opened.bytes} bytes`);
  assert.deepEqual(
    new Set((await read('/map?by=kind')).groups.map(({ name }: Group) => name)),
    new Set(['shared', 'dedicated', 'byod']),
  );
  const two = await read('/map?toggled=eu-west&toggled=us-east&limit=1');
  assert.equal(sourcesIn(two.groups).length, 2);
});

test('a search opens the group in which something is found, by the name of a source or of a tenant', async () => {
  for (const search of ['fleet-0009', 'tenant-00009']) {
    const { groups, found } = await read(`/map?search=${search}`);
    assert.equal(found, 1);
    const open = groups.filter(({ isOpen }: Group) => isOpen);
    assert.deepEqual(
      open.map(({ sources }: Group) => sources.map(({ name, isFound }) => [name, isFound])),
      [[['fleet-0009', true]]],
    );
  }
  const many = await read('/map?search=fleet');
  assert.equal(many.found, SIZE.sources);
  assert.equal(many.groups.flatMap(({ sources }: Group) => sources).length, 50);
});

test('what needs attention is at most a hundred of each level, with the whole number', async () => {
  const { items, counts } = await read('/attention?part=sources');
  const warnings = items.filter(({ level }: { level: string }) => level === 'warning');
  assert.ok(warnings.length <= 100 && counts.warning >= warnings.length);
  assert.ok(items.every(({ part }: { part: string }) => part === 'sources'));
});

test('many changed tenants are announced by one word, a few times', async () => {
  const abort = new AbortController();
  const stream = await fetch(`${url}/api/operator/events`, { headers: { cookie }, signal: abort.signal });
  let text = '';
  void (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of stream.body ?? []) text += decoder.decode(chunk, { stream: true });
  })().catch(() => {});
  await until(() => text.includes('event: ready'), 'the stream to be ready');
  await administer(
    serving.applicationUrl,
    `update tenants set status = 'suspended' where subdomain like 'tenant-%'`,
  );
  const changes = () => text.split('event: change').length - 1;
  await until(() => changes() > 0, 'the change to be announced');
  await until(() => text.includes('event: beat'), 'the stream to go on');
  abort.abort();
  assert.ok(changes() <= 12, `${changes()} events of ${SIZE.tenants} changes`);
  assert.ok(!text.includes('tenant-0'), 'no row is sent');
});
