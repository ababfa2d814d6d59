// A data source whose requests go through PgBouncer: its moves go to the server itself, or are refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { provisionDataSource, setDirectUrl, testConnection } from '@/lib/data-sources';
import { startMove } from '@/lib/movement';
import { createTestDatabase } from '../../../support/postgres';
import { reason, startPooler } from '../../data-sources/pool/pooler';
import { createWorld, Writer } from '../world';

test('a tenant behind a pooler is moved away and back once the server’s own address is known', {
  skip: reason,
}, async () => {
  const world = await createWorld();
  const { operations, dependencies, databases } = world;
  const [pooled, plain] = databases;
  const { moverUrl } = await operations.dataSources.credentials(pooled.id);
  const router = await startPooler(pooled.routerUrl, 'transaction', '', [moverUrl ?? '']);
  const through = (url: string) => Object.assign(new URL(url), { port: new URL(router).port }).toString();
  pooled.routerUrl = router;
  await operations.dataSources.setCredentials(pooled.id, {
    routerUrl: router,
    moverUrl: through(moverUrl ?? ''),
  });
  const tenant = await world.tenant(pooled, 20);
  const request = { tenantId: tenant, toSource: plain.id, requestedBy: 'test' };
  const refused = { code: 'move_not_possible', message: /pooler/, hint: /set-direct-url database-/ };
  await assert.rejects(startMove(dependencies, request), refused);
  assert.deepEqual(await world.store.list(), []);
  // Also one that is recorded already, and one whose target is behind it.
  await assert.rejects(world.run(await world.start(tenant, plain)), refused);
  const other = await world.tenant(plain, 5);
  await assert.rejects(
    startMove(dependencies, { ...request, tenantId: other, toSource: pooled.id }),
    refused,
  );

  await assert.rejects(setDirectUrl(operations, pooled.id, through(pooled.ownerUrl)), {
    code: 'data_source_pooled',
  });
  await assert.rejects(setDirectUrl(operations, pooled.id, plain.ownerUrl.replace(/[^/]+$/, 'elsewhere')));
  await setDirectUrl(operations, pooled.id, pooled.ownerUrl);
  const credentials = await operations.dataSources.credentials(pooled.id);
  assert.equal(credentials.routerUrl, router);
  assert.equal(credentials.moverUrl, moverUrl);
  const tested = await testConnection({ kind: 'postgres', url: moverUrl ?? '', purpose: 'mover' });
  assert.ok(tested.ok, JSON.stringify(tested.checks));

  const [open] = await world.store.list();
  const writer = new Writer(world.manager, tenant);
  assert.equal(await world.want(open ?? { id: '' }, 'cut_over'), 'moved');
  assert.equal(await world.want(open ?? { id: '' }, 'complete'), 'completed');
  const back = await world.start(tenant, pooled, {
    from: plain,
    options: { autoCutOver: true, autoComplete: true, pauseLimitMs: 20_000 },
  });
  assert.equal(await world.run(back), 'completed');
  await writer.stop();
  assert.ok(writer.acknowledged.length > 0);
  assert.deepEqual(await writer.check(pooled), { lost: 0, doubled: 0 });
});

test('a data source is added with both addresses: the pooler’s for requests, the server’s for the rest', {
  skip: reason,
}, async () => {
  const { operations } = await createWorld();
  const adminUrl = await createTestDatabase('pooled');
  const pooledUrl = await startPooler(adminUrl);
  const { dataSource, steps } = await provisionDataSource(operations, {
    name: 'both',
    kind: 'shared',
    adminUrl,
    pooledUrl,
  });
  const credentials = await operations.dataSources.credentials(dataSource.id);
  const host = (url: string | null) => new URL(url ?? '').host;
  assert.equal(host(credentials.routerUrl), host(pooledUrl));
  assert.deepEqual(
    [host(credentials.moverUrl), host(credentials.adminUrl)],
    [host(adminUrl), host(adminUrl)],
  );
  assert.ok(steps.some((step) => step.includes(host(pooledUrl))));
  await assert.rejects(
    provisionDataSource(operations, { name: 'wrong', kind: 'shared', adminUrl: pooledUrl, pooledUrl }),
    { code: 'data_source_pooled' },
  );
});
