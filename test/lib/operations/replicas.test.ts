import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort } from '@/lib/embedded';
import { expectRegion, refusalOfRegion } from '@/lib/operations';
import { Cluster } from '@/lib/postgres';
import { testServerUrl } from '../../support/postgres';
import { createInstallation } from '../data-sources/installation';

test('a tenant’s data may be anywhere, or in its region only; a place without a region is in none', () => {
  const [eu, us, none] = [
    { name: 'main', region: 'eu' },
    { name: 'its replica db2:5432', region: 'us' },
    { name: 'old', region: null },
  ];
  assert.equal(refusalOfRegion(null, [eu, us, none]), undefined);
  assert.equal(refusalOfRegion('eu', [eu]), undefined);
  assert.throws(() => expectRegion('eu', [eu, us, none]), {
    code: 'region_refused',
    message: 'The tenant’s data must stay in eu; its replica db2:5432 is in us, old is in no region.',
  });
});

test('of a cluster’s timelines the latest is kept; a cluster made anew begins again', async () => {
  const { operations } = await createInstallation();
  const { id } = await operations.dataSources.create({
    ...{ name: 'main', kind: 'shared', adminUrl: 'postgresql://owner@a:1,b:2/db' },
  });
  const { timelines } = operations;
  assert.equal(await timelines.find(id), undefined);
  await timelines.keep(id, { timeline: 3, system: 's' });
  await timelines.keep(id, { timeline: 2, system: 's' });
  assert.deepEqual(await timelines.find(id), { timeline: 3, system: 's' });
  // A login that may not read the cluster's identifier says nothing about it.
  await timelines.keep(id, { timeline: 2, system: undefined });
  assert.deepEqual(await timelines.keep(id, { timeline: 4, system: undefined }), {
    timeline: 4,
    system: 's',
  });
  await timelines.keep(id, { timeline: 1, system: 'new' });
  assert.deepEqual(await timelines.find(id), { timeline: 1, system: 'new' });
  await timelines.forget(id);
  assert.equal(await timelines.find(id), undefined);
});

test('a process that reads a source’s URLs refuses a primary that another process has seen replaced', async () => {
  const { operations } = await createInstallation();
  const server = new URL(await testServerUrl());
  const { username, password, host } = server;
  const adminUrl = `postgresql://${username}:${password}@${host},127.0.0.1:${await freePort()}/postgres`;
  const { id } = await operations.dataSources.create({ name: 'main', kind: 'shared', adminUrl });
  await operations.timelines.keep(id, { timeline: 99, system: undefined });
  await operations.dataSources.credentials(id);
  await assert.rejects(Cluster.of(adminUrl, true)?.find(1_500) ?? Promise.resolve(), {
    code: 'primary_unknown',
    message: /earlier timeline 1; the cluster is on 99/,
  });
});
