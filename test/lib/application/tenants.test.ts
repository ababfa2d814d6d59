import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { openApplicationDatabase, type TenantPlace } from '@/lib/application';
import { administer } from '../../support/postgres';
import { openTestApplicationDatabase, testSecretBox } from './application-database';

const { application, url } = await openTestApplicationDatabase();

function place(overrides: Partial<TenantPlace> = {}): TenantPlace {
  return {
    dataSourceId: randomUUID(),
    engine: 'postgresql',
    url: 'postgresql://router:pa55word@db.example.com/one',
    anonKey: null,
    serviceKey: null,
    ...overrides,
  };
}

test('a tenant is created, found by id and subdomain, placed and made active', async () => {
  const { tenants } = application;
  const tenant = await tenants.create({ name: ' Flash & Co ', subdomain: 'Flash' });
  assert.equal(tenant.name, 'Flash & Co');
  assert.equal(tenant.subdomain, 'flash');
  assert.equal(tenant.status, 'provisioning');
  assert.equal(tenant.tenantIdInDataSource, tenant.id);
  assert.equal(await tenants.credentials(tenant.id), undefined);

  const there = place({ region: 'eu', serviceKey: 'service-key', tenantIdInDataSource: randomUUID() });
  const placed = await tenants.setDataSource(tenant.id, { ...there, expectedEpoch: tenant.routeEpoch });
  assert.equal(placed.routeEpoch, '2');
  await tenants.setStatus(tenant.id, 'active');
  const { urlFingerprint, ...placement } = (await tenants.placement(tenant.id)) ?? {};
  assert.deepEqual(placement, {
    tenantId: tenant.id,
    status: 'active',
    dataSourceId: there.dataSourceId,
    engine: 'postgresql',
    epoch: '2',
    tenantIdInDataSource: there.tenantIdInDataSource,
    connectionPoolConfig: {},
  });
  assert.deepEqual(await tenants.credentials(tenant.id), {
    dataSourceId: there.dataSourceId,
    engine: 'postgresql',
    url: there.url,
    anonKey: null,
    serviceKey: 'service-key',
  });
  assert.equal((await tenants.findBySubdomain('FLASH'))?.id, tenant.id);
  const fingerprintOf = async () => (await tenants.placement(tenant.id))?.urlFingerprint;
  const keys = { anonKey: null, serviceKey: null };
  await tenants.setCredentials(tenant.id, { ...keys, url: 'postgresql://u:other@db.example/one' });
  assert.notEqual(await fingerprintOf(), urlFingerprint);
  await tenants.setCredentials(tenant.id, { ...keys, url: there.url });
  assert.equal(await fingerprintOf(), urlFingerprint);
});

test('of two who move a tenant at once, one is refused', async () => {
  const { tenants } = application;
  const tenant = await tenants.create({
    name: 'Twice',
    subdomain: 'twice',
    place: place(),
    status: 'active',
  });
  const moves = await Promise.allSettled(
    [place(), place()].map((there) =>
      tenants.setDataSource(tenant.id, { ...there, expectedEpoch: tenant.routeEpoch }),
    ),
  );
  assert.deepEqual(moves.map((move) => move.status).sort(), ['fulfilled', 'rejected']);
  const refused = moves.find((move) => move.status === 'rejected');
  assert.equal(refused?.reason.code, 'route_changed');
  assert.equal((await tenants.get(tenant.id)).routeEpoch, '2');
});

test('two tenants have neither one subdomain nor one place', async () => {
  const { tenants } = application;
  const here = place({ tenantIdInDataSource: randomUUID() });
  await tenants.create({ name: 'First', subdomain: 'first', place: here });
  await assert.rejects(tenants.create({ name: 'Other', subdomain: 'FIRST' }), { code: 'subdomain_taken' });
  await assert.rejects(tenants.create({ name: 'Other', subdomain: 'other', place: here }), {
    code: 'place_taken',
  });
});

test('bad input is refused by code and leaves nothing', async () => {
  const { tenants } = application;
  const count = (await tenants.list()).length;
  for (const subdomain of [
    '',
    '-a',
    'a-',
    'a.b',
    'a b',
    'ä',
    'x'.repeat(64),
    "a'; drop table tenants; --",
    'xn--a',
  ]) {
    await assert.rejects(tenants.create({ name: 'N', subdomain }), { code: 'subdomain_invalid' });
  }
  await assert.rejects(tenants.create({ name: 'N', subdomain: 'www' }), { code: 'subdomain_reserved' });
  await assert.rejects(tenants.create({ name: '  ', subdomain: 'blank' }), { code: 'tenant_invalid' });
  for (const id of [randomUUID(), 'no-uuid', "'; drop table tenants; --"]) {
    assert.equal(await tenants.find(id), undefined);
    assert.equal(await tenants.placement(id), undefined);
    await assert.rejects(tenants.get(id), { code: 'tenant_unknown' });
    await assert.rejects(tenants.setStatus(id, 'suspended'), { code: 'tenant_unknown' });
  }
  assert.equal((await tenants.list()).length, count);
});

test('tenants are listed by filter, page by page', async () => {
  const { tenants } = application;
  const shared = randomUUID();
  for (const name of ['page-a', 'page-b', 'page-c']) {
    await tenants.create({ name, subdomain: name, place: place({ dataSourceId: shared }) });
  }
  const all = await tenants.list({ dataSourceId: shared });
  assert.deepEqual(
    all.map((tenant) => tenant.name),
    ['page-a', 'page-b', 'page-c'],
  );
  const first = await tenants.list({ dataSourceId: shared, limit: 2 });
  const second = await tenants.list({ dataSourceId: shared, limit: 2, after: first[1] });
  assert.deepEqual(
    [...first, ...second].map((tenant) => tenant.id),
    all.map((tenant) => tenant.id),
  );
  assert.deepEqual(
    (await tenants.list({ search: 'GE-B' })).map((tenant) => tenant.name),
    ['page-b'],
  );
});

test('an update changes what it names and nothing else', async () => {
  const { tenants } = application;
  const tenant = await tenants.create({ name: 'Before', subdomain: 'before', notes: 'kept' });
  const updated = await tenants.update(tenant.id, { name: 'After', connectionPoolConfig: { max: 3 } });
  assert.deepEqual(
    [updated.name, updated.subdomain, updated.dataSourceNotes, updated.connectionPoolConfig],
    ['After', 'before', 'kept', { max: 3 }],
  );
});

test('a wrong key and a ciphertext moved to another tenant are refused', async () => {
  const { tenants } = application;
  const [one, two] = [
    await tenants.create({ name: 'One', subdomain: 'one', place: place() }),
    await tenants.create({ name: 'Two', subdomain: 'two', place: place() }),
  ];
  const stranger = openApplicationDatabase({ url, secretBox: testSecretBox() });
  try {
    await assert.rejects(stranger.tenants.credentials(one.id), { code: 'envelope_unknown_key' });
  } finally {
    await stranger.close();
  }
  await administer(
    url,
    'update tenants set data_source_url = (select data_source_url from tenants where id = $1) where id = $2',
    [one.id, two.id],
  );
  await assert.rejects(tenants.credentials(two.id), { code: 'envelope_tampered' });
});

test('replicas are stored encrypted, each bound to its id', async () => {
  const { tenants } = application;
  const tenant = await tenants.create({ name: 'Copies', subdomain: 'copies', place: place() });
  const replicas = ['a', 'b'].map((id) => ({
    id,
    region: 'eu',
    url: `postgresql://r:secret-${id}@${id}.example/x`,
  }));
  await tenants.setReplicas(tenant.id, replicas);
  assert.deepEqual(await tenants.replicas(tenant.id), replicas);
  await administer(
    url,
    `update tenants set data_source_replicas = jsonb_set(data_source_replicas, '{1,url}', data_source_replicas #> '{0,url}')
     where id = $1`,
    [tenant.id],
  );
  await assert.rejects(tenants.replicas(tenant.id), { code: 'envelope_tampered' });
});

test('an unreachable database is a typed error that names no credential', async () => {
  const nowhere = openApplicationDatabase({
    url: 'postgresql://user:pa55word@127.0.0.1:1/x',
    secretBox: testSecretBox(),
  });
  await assert.rejects(nowhere.ping(), (error: Error & { code: string }) => {
    assert.equal(error.code, 'application_database_unreachable');
    assert.doesNotMatch(error.message, /pa55word/);
    return true;
  });
  await nowhere.close();
  await assert.rejects(nowhere.tenants.list(), { code: 'application_database_closed' });
});
