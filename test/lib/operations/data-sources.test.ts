import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { openOperationsDatabase } from '@/lib/operations';
import { createLocalKeyProvider, createSecretBox } from '@/lib/secrets';
import { administer, createTestDatabase } from '../../support/postgres';
import { openTestOperationsDatabase } from './operations-database';

const { operations, url } = await openTestOperationsDatabase();
const { dataSources } = operations;

const adminUrl = (database: string) => `postgresql://owner:admin-password@DB.example.com/${database}`;

test('a data source is registered, found by id and name, and its credentials come back', async () => {
  const source = await dataSources.create({
    name: 'Shared-1',
    kind: 'shared',
    region: 'eu',
    capacity: 100,
    adminUrl: adminUrl('one'),
    routerUrl: 'postgresql://router:router-password@db.example.com/one',
  });
  assert.equal(source.name, 'shared-1');
  assert.equal(source.engine, 'postgresql');
  assert.equal(source.serverKey, 'db.example.com:5432');
  assert.equal(source.databaseName, 'one');
  assert.equal(source.status, 'active');
  assert.deepEqual(await dataSources.get(source.id), source);
  assert.deepEqual(await dataSources.get('shared-1'), source);
  await dataSources.setCredentials(source.id, { moverUrl: 'postgresql://mover:mover-password@db/one' });
  assert.deepEqual(await dataSources.credentials(source.id), {
    adminUrl: adminUrl('one'),
    routerUrl: 'postgresql://router:router-password@db.example.com/one',
    moverUrl: 'postgresql://mover:mover-password@db/one',
    anonKey: null,
    serviceKey: null,
  });
});

test('a Supabase project is known by its URL', async () => {
  const source = await dataSources.create({
    name: 'project',
    kind: 'supabase',
    routerUrl: 'https://abc.supabase.co',
    serviceKey: 'service-key',
  });
  assert.deepEqual(
    [source.engine, source.serverKey, source.databaseName],
    ['supabase', 'abc.supabase.co:443', null],
  );
  assert.equal((await dataSources.credentials(source.id)).serviceKey, 'service-key');
});

test('the server and the database follow from the URLs also when these change', async () => {
  const source = await dataSources.create({
    name: 'moving',
    kind: 'dedicated',
    adminUrl: adminUrl('moving'),
  });
  const routerUrl = 'postgresql://router:p@elsewhere.example.com:6432/moving';
  const placeOf = ({ serverKey, databaseName }: typeof source) => [serverKey, databaseName];
  // Migrations and moves count: requests may go through a pooler.
  const pooled = await dataSources.setCredentials(source.id, { routerUrl });
  assert.deepEqual(placeOf(pooled), ['db.example.com:5432', 'moving']);
  const moved = await dataSources.setCredentials(source.id, {
    adminUrl: 'postgresql://owner:p@new.example.com:5433/renamed',
  });
  assert.deepEqual(placeOf(moved), ['new.example.com:5433', 'renamed']);
  const withoutOwner = await dataSources.setCredentials(source.id, { adminUrl: null });
  assert.deepEqual(placeOf(withoutOwner), ['elsewhere.example.com:6432', 'moving']);
  const taken = adminUrl('taken');
  await dataSources.create({ name: 'taken', kind: 'shared', adminUrl: taken });
  await assert.rejects(dataSources.setCredentials(source.id, { adminUrl: taken }), {
    code: 'data_source_registered',
  });
});

test('one name and one database are registered once', async () => {
  await dataSources.create({ name: 'twice', kind: 'shared', adminUrl: adminUrl('twice') });
  await assert.rejects(dataSources.create({ name: 'twice', kind: 'shared', adminUrl: adminUrl('other') }), {
    code: 'data_source_name_taken',
  });
  await assert.rejects(dataSources.create({ name: 'thrice', kind: 'shared', adminUrl: adminUrl('twice') }), {
    code: 'data_source_registered',
  });
});

test('an update by an old version is refused', async () => {
  const source = await dataSources.create({
    name: 'versioned',
    kind: 'byod',
    adminUrl: adminUrl('versioned'),
  });
  const updated = await dataSources.update(
    source.id,
    { status: 'draining', notes: 'leaving' },
    source.version,
  );
  assert.deepEqual([updated.status, updated.notes, updated.version], ['draining', 'leaving', 2]);
  await assert.rejects(dataSources.update(source.id, { status: 'active' }, source.version), {
    code: 'data_source_changed',
  });
  assert.deepEqual(
    (await dataSources.list({ status: 'draining' })).map((each) => each.name),
    ['versioned'],
  );
  await dataSources.remove(source.id);
  await assert.rejects(dataSources.remove(source.id), { code: 'data_source_unknown' });
});

test('bad input is refused by code, without repeating a URL', async () => {
  for (const wrong of ['', 'nonsense', 'mysql://user:pa55word@host/x', 'postgresql://user:pa55word@/x']) {
    await assert.rejects(
      dataSources.create({ name: 'wrong', kind: 'shared', adminUrl: wrong }),
      (error: Error & { code: string }) =>
        error.code === 'data_source_invalid' && !error.message.includes('pa55word'),
    );
  }
  await assert.rejects(dataSources.create({ name: 'Has space', kind: 'shared', adminUrl: adminUrl('x') }), {
    code: 'data_source_invalid',
  });
  for (const id of [randomUUID(), 'nowhere', "'; drop table data_sources; --"]) {
    assert.equal(await dataSources.find(id), undefined);
    await assert.rejects(dataSources.get(id), { code: 'data_source_unknown' });
  }
  const clear = "'postgresql://user:password@host/db'";
  for (const column of ['admin_url', 'router_url', 'mover_url', 'anon_key', 'service_key']) {
    await assert.rejects(
      administer(
        url,
        `insert into data_sources (name, kind, engine, server_key, ${column}) values ('c', 'shared', 'postgresql', 'c:1', ${clear})`,
      ),
      { code: '23514' },
    );
  }
});

test('a database that is not there is a typed error', async () => {
  const gone = new URL(await createTestDatabase('gone'));
  gone.pathname = '/no_such_database';
  const key = randomBytes(32).toString('hex');
  const secretBox = createSecretBox({ provider: createLocalKeyProvider(key), fingerprintKey: key });
  const nowhere = openOperationsDatabase({ url: gone.toString(), secretBox });
  await assert.rejects(nowhere.ping(), { code: 'operations_database_unreachable' });
  await nowhere.close();
});
