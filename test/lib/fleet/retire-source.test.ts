// A data source is removed when nothing needs it, and every reason that it is needed is named. What was before still names it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBackup, eraseTenant, removedTenants, restoreAsNewTenant } from '@/lib/backups';
import { placeTenant, removeTenant } from '@/lib/data-sources';
import { type ConfiguredSources, type RetireOptions, retireSource } from '@/lib/fleet/retire-source';
import { SchemaRolloutStore } from '@/lib/fleet/schema-rollout';
import { pause } from '@/lib/time';
import { createBackupWorld } from '../backups/world';

const world = await createBackupWorld();
const { application, operations, dependencies, store, databases } = world;
const [, target] = databases;
const by = { store, reason: 'manual' as const, requestedBy: 'test' };

const retire = (source: { id: string }, configured: ConfiguredSources = {}, options?: RetireOptions) =>
  retireSource({ application, operations }, source.id, configured, options);
const rollouts = new SchemaRolloutStore(operations.pool);
const startRollout = (source: string) =>
  rollouts.create({
    ...{ toVersion: 2, files: 'x', waves: [{ name: 'first', sources: [source] }], options: {} as never },
    ...{ requestedBy: 'test', versions: new Map() },
  });
const refused = (reason: RegExp) => ({ code: 'data_source_in_use', message: reason });

test('it is kept while a tenant, a move, a rollout, a replica or a newest backup needs it, and then removed', async () => {
  const source = await world.addDatabase();
  const { name } = await operations.dataSources.get(source.id);
  const tenantId = await world.tenant(source, 3);
  const { subdomain } = await application.tenants.get(tenantId);
  await assert.rejects(retire(source), refused(new RegExp(`tenants have their data there: ${subdomain}`)));
  const backup = await createBackup(dependencies, { tenantId, ...by });
  const move = await world.start(tenantId, target, { from: source, options: { autoCutOver: true } });
  assert.equal(await world.run(move), 'moved');
  await assert.rejects(retire(source), refused(/1 moves are open/));
  assert.equal(await world.want(move, 'complete'), 'completed');

  await assert.rejects(retire(source), refused(new RegExp(`newest backup was made there of ${subdomain}`)));
  await operations.pool.query('insert into data_source_replicas (data_source_id, host) values ($1, $2)', [
    source.id,
    'standby:5432',
  ]);
  const why = await retire(source, { drillSource: 'another' }).catch(({ message }: Error) => message);
  assert.match(String(why), /: 1 read replicas are registered [^;]*$/, 'drills restore into another one');
  await createBackup(dependencies, { tenantId, ...by });
  await operations.pool.query(
    `insert into rollouts (from_sources, to_source, waves, requested_by) values (array[$1], 'x', '{first}', 'test')`,
    [source.id],
  );
  const rollout = await startRollout(name);
  await assert.rejects(retire(source), refused(/rollouts are open.*schema rollouts.*read replicas/));
  await operations.pool.query(
    `delete from data_source_replicas; update rollouts set finished_at = now();
     update schema_rollouts set finished_at = now(), step = 'cancelled'`,
  );
  await assert.rejects(retire(source, { drillSource: name }), refused(/BACKUP_DRILL_SOURCE/));
  await assert.rejects(retire(source, { defaultUrl: source.ownerUrl }), refused(/DEFAULT_TENANT_DATA_URL/));

  await retire(source, { drillSource: 'another', defaultUrl: target.ownerUrl });
  assert.equal(await operations.dataSources.find(name), undefined);
  await assert.rejects(operations.dataSources.credentials(source.id), { code: 'data_source_unknown' });
  const { rows } = await operations.pool.query('select r::text as line from retired_data_sources r');
  assert.ok(!rows.some(({ line }) => line.includes('mq1.')), 'no credential stays');
  assert.equal((await operations.dataSources.names([source.id])).get(source.id), name);
  const [migrated] = await rollouts.sources(rollout.id);
  assert.equal(migrated?.name, name);
  await assert.rejects(retire(source), { code: 'data_source_unknown' });
  await assert.rejects(world.start(tenantId, source, { from: target }), { code: 'data_source_unknown' });
  // A backup of there can be restored elsewhere.
  const restored = {
    ...{ backup, requestedBy: 'test', name: 'Before' },
    subdomain: 'before',
    dataSource: target.id,
  };
  assert.ok((await restoreAsNewTenant(dependencies, restored)).rows > 3);

  const { adminUrl, routerUrl, moverUrl } = await operations.dataSources.credentials(target.id);
  const again = {
    name,
    kind: 'shared',
    adminUrl: source.ownerUrl,
    routerUrl: source.routerUrl,
    moverUrl,
  } as const;
  assert.ok(adminUrl && routerUrl);
  const added = await operations.dataSources.create(again);
  assert.notEqual(added.id, source.id, 'the name and the database are free again');
});

test('rows that moves have given up there keep it, unless it is told to leave them; an erasure names them', async () => {
  const source = await world.addDatabase();
  const tenantId = await world.tenant(source, 3);
  const move = await world.start(tenantId, target, {
    from: source,
    options: { autoCutOver: true, autoComplete: true },
  });
  assert.equal(await world.run(move), 'completed');
  await operations.pool.query(
    `update moves set progress = progress || jsonb_build_object('left', $2::jsonb) where id = $1`,
    [move.id, JSON.stringify([{ dataSource: source.id, kind: 'rows', name: tenantId }])],
  );
  await assert.rejects(retire(source), refused(/rows may be left there of t-/));
  await retire(source, {}, { leaveCopies: true });
  const key = Buffer.alloc(32, 1);
  await assert.rejects(eraseTenant(dependencies, tenantId, key, 'test'), { code: 'backup_not_possible' });
  const { certificate } = await eraseTenant(dependencies, tenantId, key, 'test', { leaveUnreachable: true });
  assert.match(String(certificate.mayRemain), new RegExp(source.id));
});

test('rows of a tenant that was removed without them keep it until they are erased', async () => {
  const source = await world.addDatabase();
  const tenantId = await world.tenant(source, 3);
  const { subdomain } = await application.tenants.get(tenantId);
  await removeTenant({ application, operations }, tenantId, { leaveData: true });
  await assert.rejects(retire(source), refused(/rows may be left there of [0-9a-f-]{36}/));
  assert.deepEqual(
    (await removedTenants(dependencies)).flatMap(({ id, subdomain: name }) =>
      id === tenantId ? [name] : [],
    ),
    [subdomain],
  );
  const { certificate } = await eraseTenant(dependencies, tenantId, Buffer.alloc(32, 1), 'test');
  assert.deepEqual([certificate.mayRemain, certificate.copiesRemoved.length], [[], 1]);
  await retire(source);
});

test('of two operators who remove it, one does', async () => {
  const source = await world.addDatabase();
  const ended = await Promise.allSettled([retire(source), retire(source)]);
  assert.deepEqual(ended.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
});

test('a schema rollout that begins while it is removed is without it', async () => {
  const source = await world.addDatabase();
  const { name } = await operations.dataSources.get(source.id);
  let beginning: ReturnType<typeof startRollout> | undefined;
  await operations.dataSources.remove(source.id, async () => {
    beginning = startRollout(name);
    await Promise.race([beginning, pause(500)]);
  });
  const rollout = await beginning;
  assert.deepEqual(await rollouts.sources(rollout?.id ?? ''), []);
});

test('no tenant is placed on a data source that is removed meanwhile', async () => {
  const source = await world.addDatabase();
  const { id } = await application.tenants.create({ name: 'Late', subdomain: 'late' });
  let reads = 0;
  const dataSources = new Proxy(operations.dataSources, {
    get(registry, name) {
      const value: unknown = Reflect.get(registry, name, registry);
      if (typeof value !== 'function') return value;
      return async (...values: unknown[]) => {
        const answer: unknown = await value.apply(registry, values);
        if (name === 'credentials') reads += 1;
        // The third time is for the login that writes the tenant's first rows.
        if (name === 'credentials' && reads === 3) await retire(source);
        return answer;
      };
    },
  });
  const databasesThen = { application, operations: { ...operations, dataSources } };
  await assert.rejects(placeTenant(databasesThen, id, source.id), { code: 'data_source_unknown' });
  assert.equal((await application.tenants.get(id)).dataSourceId, null);
});

test('a removal waits for a tenant that is about to be placed there, and then sees it', async () => {
  const source = await world.addDatabase();
  const { id } = await application.tenants.create({ name: 'Soon', subdomain: 'soon' });
  let removing: Promise<unknown> | undefined;
  let isRemoved = false;
  const dataSources = new Proxy(operations.dataSources, {
    get(registry, name) {
      const value: unknown = Reflect.get(registry, name, registry);
      if (typeof value !== 'function') return value;
      return async (...values: unknown[]) => {
        const answer: unknown = await value.apply(registry, values);
        if (name !== 'hold') return answer;
        removing = retire(source).finally(() => {
          isRemoved = true;
        });
        removing.catch(() => {});
        await pause(500);
        assert.equal(isRemoved, false, 'it waits');
        return answer;
      };
    },
  });
  await placeTenant({ application, operations: { ...operations, dataSources } }, id, source.id);
  await assert.rejects(removing ?? Promise.resolve(), refused(/tenants have their data there: soon/));
  assert.equal((await application.tenants.get(id)).dataSourceId, source.id);
});
