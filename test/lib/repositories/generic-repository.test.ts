import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { DataSourceManager } from '@/lib/data-sources/manager';
import {
  type Filter,
  GenericRepository,
  RepositoryError,
  type RowOf,
  SoftDeleteRepository,
} from '@/lib/repositories';
import { createTenantDatabase, TestDirectory } from '../data-sources/tenant-database';

const directory = new TestDirectory();
const database = await createTenantDatabase();
const tenant = await directory.place(database);
const neighbour = await directory.place(database, { idInDataSource: randomUUID() });
const manager = new DataSourceManager(async () => ({
  directory,
  verifyAccessToken: async (token) => ({ tenantId: tenant, userId: randomUUID(), userRole: token }),
}));
after(() => manager.close());

const client = await manager.getClientForTenant(tenant, true);
const locations = new GenericRepository(client, 'locations');
const accounts = new SoftDeleteRepository(client, 'accounts');

const refuses = (promise: Promise<unknown>, code: string) =>
  assert.rejects(promise, (error) => error instanceof RepositoryError && error.code === code);

test('a row is created, found, changed, and removed', async () => {
  const created = await locations.create({ name: 'Hall', timezone: 'Europe/Vienna' });
  assert.equal(created.version, 1);
  assert.deepEqual(await locations.find(created.id), created);
  const updated = await locations.update(created.id, { name: 'Great Hall' }, { version: created.version });
  assert.deepEqual([updated.name, updated.version], ['Great Hall', 2]);
  await locations.delete(created.id, { version: 2 });
  assert.equal(await locations.find(created.id), undefined);
  await refuses(locations.get(created.id), 'record_not_found');
  await refuses(locations.update(created.id, { name: 'Gone' }), 'record_not_found');
  await refuses(locations.delete(created.id), 'record_not_found');
});

test('of two who change one version, one is told so', async () => {
  const row = await locations.create({ name: 'Once' });
  const results = await Promise.allSettled(
    ['first', 'second'].map((name) => locations.update(row.id, { name }, { version: row.version })),
  );
  const refused = results.filter((result) => result.status === 'rejected');
  assert.equal(refused.length, 1);
  assert.equal(refused[0]?.reason.code, 'record_stale');
  await refuses(locations.delete(row.id, { version: row.version }), 'record_stale');
  await locations.delete(row.id);
});

test('many rows are created together or not at all', async () => {
  const city = randomUUID();
  const rows = await locations.createMany(['A', 'B', 'C'].map((name) => ({ name, address: city })));
  assert.deepEqual(rows.map((row) => row.name).sort(), ['A', 'B', 'C']);
  assert.deepEqual(await locations.createMany([]), []);
  const [taken] = rows;
  assert.ok(taken);
  await refuses(
    locations.createMany([
      { name: 'D', address: city },
      { id: taken.id, name: 'E', address: city },
    ]),
    'record_conflict',
  );
  assert.equal(await locations.count({ address: city }), 3);
});

test('every comparison finds what it says', async () => {
  const address = `filters ${randomUUID()}`;
  const made = await locations.createMany([
    { name: 'alpha, (beta)', address, lat: 10 },
    { name: 'Gamma "quoted"', address, lat: 20 },
    { name: 'delta', address, lat: null },
  ]);
  const names = async (filter: Filter<RowOf<'locations'>>) =>
    (await locations.list({ filter: { ...filter, address }, sort: [{ column: 'lat' }] })).rows.map(
      (row) => row.name,
    );
  assert.deepEqual(await names({ name: 'alpha, (beta)' }), ['alpha, (beta)']);
  assert.deepEqual(await names({ name: ['alpha, (beta)', 'Gamma "quoted"'] }), [
    'alpha, (beta)',
    'Gamma "quoted"',
  ]);
  assert.deepEqual(await names({ lat: null }), ['delta']);
  assert.deepEqual(await names({ lat: { isNull: false } }), ['alpha, (beta)', 'Gamma "quoted"']);
  assert.deepEqual(await names({ lat: { gt: 10, lte: 20 } }), ['Gamma "quoted"']);
  assert.deepEqual(await names({ name: { ilike: 'GAMMA%' } }), ['Gamma "quoted"']);
  assert.deepEqual(await names({ name: { neq: 'delta', like: '%a%' } }), ['alpha, (beta)', 'Gamma "quoted"']);
  assert.deepEqual(await names({ id: { in: [made[2]?.id ?? ''] } }), ['delta']);
  assert.deepEqual(await names({ name: "'; drop table locations; --" }), []);
  assert.equal(await locations.exists({ address, lat: 20 }), true);
  assert.equal(await locations.exists({ address, lat: 30 }), false);
});

test('pages by keyset and by position hold every row once, in order, nulls and equals included', async () => {
  const address = `pages ${randomUUID()}`;
  await locations.createMany(
    Array.from({ length: 23 }, (_, index) => ({
      name: `p, "${index % 4}"`,
      address,
      lat: index % 3 === 0 ? null : index % 5,
    })),
  );
  for (const lat of [
    {},
    { direction: 'desc' },
    { nulls: 'first' },
    { direction: 'desc', nulls: 'last' },
  ] as const) {
    const list = {
      filter: { address },
      sort: [
        { column: 'lat', ...lat },
        { column: 'name', direction: 'desc' },
      ],
    } as const;
    const whole = await locations.list({ ...list, limit: 100, withTotal: true });
    assert.deepEqual([whole.rows.length, whole.total, whole.next], [23, 23, null]);
    const ids = whole.rows.map((row) => row.id);
    const byKeyset: string[] = [];
    for await (const row of locations.each({ ...list, limit: 4 })) byKeyset.push(row.id);
    assert.deepEqual(byKeyset, ids, JSON.stringify(lat));
    const byOffset = await locations.list({ ...list, limit: 5, offset: 20 });
    assert.deepEqual(
      byOffset.rows.map((row) => row.id),
      ids.slice(20),
    );
    assert.equal(byOffset.next, null);
  }
});

test('a keyset page keeps its place while rows come and go, and counts the whole list', async () => {
  const address = `moving ${randomUUID()}`;
  const make = (names: string[]) => locations.createMany(names.map((name) => ({ name, address })));
  const [b] = await make(['b', 'd', 'f', 'h']);
  const list = { filter: { address }, sort: [{ column: 'name' }], limit: 2 } as const;
  const first = await locations.list(list);
  await locations.delete(b?.id ?? '');
  await make(['a', 'e']);
  const second = await locations.list({ ...list, after: first.next ?? '', withTotal: true });
  assert.deepEqual(
    second.rows.map((row) => row.name),
    ['e', 'f'],
  );
  assert.equal(second.total, 5);
  for (const after of ['', 'nonsense', Buffer.from('["lat+l,id+l",1,2]').toString('base64url')]) {
    await refuses(locations.list({ ...list, after }), 'cursor_invalid');
  }
});

test('what the database refuses is a typed error', async () => {
  await refuses(locations.create({ name: null as unknown as string }), 'record_invalid');
  await refuses(accounts.create({ name: 'X', status: 'no such status' }), 'record_invalid');
  await refuses(locations.list({ filter: { no_such_column: 1 } as object }), 'record_invalid');
  await refuses(locations.find('no uuid'), 'record_invalid');
  const links = new GenericRepository(client, 'contact_accounts');
  await refuses(links.create({ contact_id: randomUUID(), account_id: randomUUID() }), 'record_referenced');
  const opportunities = new GenericRepository(client, 'opportunities');
  const account = await accounts.create({ name: 'A' });
  await refuses(
    opportunities.create({ name: 'O', account_id: account.id, stage: 'no such stage' }),
    'rule_violated',
  );
});

test('a repository of one tenant neither finds nor changes rows of another', async () => {
  const mine = await locations.create({ name: 'Mine' });
  const theirs = new GenericRepository(await manager.getClientForTenant(neighbour, true), 'locations');
  assert.equal(await theirs.find(mine.id), undefined);
  assert.equal(await theirs.count({ id: mine.id }), 0);
  await refuses(theirs.update(mine.id, { name: 'Stolen' }), 'record_not_found');
  await refuses(theirs.delete(mine.id), 'record_not_found');
  await refuses(theirs.create({ name: 'Planted', tenant_id: tenant }), 'permission_denied');
  assert.equal((await locations.get(mine.id)).name, 'Mine');
});

test('what is deleted softly is left out of lists, found by id, and restored', async () => {
  const account = await accounts.create({ name: 'Soft' });
  await accounts.delete(account.id);
  assert.equal(await accounts.exists({ id: account.id }), false);
  assert.equal(await accounts.count({ id: account.id }), 0);
  assert.ok((await accounts.get(account.id)).deleted_at);
  assert.equal(await accounts.count({ id: account.id, deleted_at: { isNull: false } }), 1);
  await accounts.restore(account.id);
  assert.equal(await accounts.exists({ id: account.id }), true);
});

test('a viewer reads and may not write', async () => {
  const viewer = await manager.getClientForTenant(tenant, false, { accessToken: 'viewer' });
  const seen = new GenericRepository(viewer, 'locations');
  const row = await locations.create({ name: 'Seen' });
  assert.equal((await seen.get(row.id)).name, 'Seen');
  await refuses(seen.create({ name: 'Written' }), 'permission_denied');
  await refuses(seen.update(row.id, { name: 'Written' }), 'permission_denied');
});
