import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Instance } from '@/cli/instance';
import { placeFor } from '@/cli/placement';
import { provisionDataSource, provisionTenant, requireRegion } from '@/lib/data-sources';
import { explainPlacement } from '@/lib/fleet/placement';
import { createTestDatabase } from '../../support/postgres';
import { createInstallation } from '../data-sources/installation';

const installation = await createInstallation();
for (const [name, region] of [
  ['near', 'eu'],
  ['far', 'us'],
] as const) {
  const adminUrl = await createTestDatabase('tenants', 'tenant_data');
  await provisionDataSource(installation.operations, { name, kind: 'shared', adminUrl, region, capacity: 2 });
}

async function explained(wish: Parameters<typeof explainPlacement>[1]) {
  const candidates = await explainPlacement(installation, wish);
  return candidates.map(({ source, refusal }) => [source.name, refusal]);
}

test('the nearest source with room comes first; others are explained', async () => {
  assert.deepEqual(await explained({ near: 'us' }), [
    ['far', undefined],
    ['near', undefined],
  ]);
  assert.deepEqual(await explained({ requiredRegion: 'eu' }), [
    ['near', undefined],
    ['far', 'The tenant’s data must stay in eu; far is in us.'],
  ]);
});

test('a region that no source serves: each source says why not, and no tenant is made', async () => {
  const wish = { requiredRegion: 'ap' };
  const { operations, application } = installation;
  await assert.rejects(
    placeFor({ application, operations } as Instance, wish),
    (error: { code?: string; message: string }) =>
      error.code === 'placement_refused' &&
      /near: The tenant’s data must stay in ap; near is in eu\./.test(error.message) &&
      /far: .* far is in us\./.test(error.message),
  );
  for (const dataSource of ['near', 'far'])
    await assert.rejects(provisionTenant(installation, { name: 'W', subdomain: 'w', dataSource, ...wish }), {
      code: 'region_refused',
    });
  assert.equal(await application.tenants.findBySubdomain('w'), undefined);
});

test('what is full, or takes no tenants, comes last', async () => {
  for (const subdomain of ['one', 'two'])
    await provisionTenant(installation, { name: subdomain, subdomain, dataSource: 'near' });
  assert.deepEqual(await explained({ near: 'eu' }), [
    ['far', undefined],
    ['near', 'It is full: it has 2 of 2 tenants.'],
  ]);
  const { id } = await installation.operations.dataSources.get('far');
  await installation.operations.dataSources.update(id, { status: 'draining' });
  const refused = await explained({ near: 'eu' });
  assert.deepEqual(
    refused.find(([name]) => name === 'far'),
    ['far', 'It takes no tenants: it is draining.'],
  );
  await installation.operations.dataSources.update(id, { status: 'active' });
});

test('a source whose disk is nearly full takes no tenants, as far as the health probes see it', async () => {
  const { operations } = installation;
  const { id } = await operations.dataSources.get('far');
  const diskUsed = (share: number) =>
    operations.pool.query(
      `insert into health_sources (data_source_id, measures) values ($1, jsonb_build_object('disk_used_share', $2::float8))
       on conflict (data_source_id) do update set measures = excluded.measures`,
      [id, share],
    );
  await diskUsed(0.5);
  const [first] = await explainPlacement(installation, { near: 'us' });
  assert.deepEqual([first?.source.name, first?.diskUsed, first?.used], ['far', 0.5, 0.5]);
  await diskUsed(0.934);
  const refused = await explained({ near: 'us' });
  assert.deepEqual(
    refused.find(([name]) => name === 'far'),
    ['far', 'Its disk is 93 % full.'],
  );
  await diskUsed(0.1);
});

test('a tenant with a required region is not placed where a replica is outside of it', async () => {
  const { operations } = installation;
  const { id } = await operations.dataSources.get('far');
  const replica = await operations.replicas.add(id, 'db2:5432', 'asia');
  await assert.rejects(
    provisionTenant(installation, { name: 'U', subdomain: 'u', dataSource: 'far', requiredRegion: 'us' }),
    { code: 'region_refused', message: /its replica db2:5432 is in asia/ },
  );
  await operations.replicas.remove(id, replica.host);
  await provisionTenant(installation, { name: 'U', subdomain: 'u', dataSource: 'far', requiredRegion: 'us' });
});

test('a required region is set where the data are in it already', async () => {
  const { id } = await provisionTenant(installation, { name: 'V', subdomain: 'v', dataSource: 'far' });
  await assert.rejects(requireRegion(installation, id, 'eu'), {
    code: 'region_refused',
    message: /stay in eu; far is in us/,
  });
  assert.equal((await requireRegion(installation, id, 'us')).requiredRegion, 'us');
  assert.equal((await requireRegion(installation, id, null)).requiredRegion, null);
});
