// Networks that drop packets within a cut-over: connections stay open, and no answer comes.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { openApplicationDatabase } from '@/lib/application';
import { directoryOf } from '@/lib/data-sources';
import { DataSourceManager } from '@/lib/data-sources/manager';
import { type MovePoint, moveDependencies, runMove } from '@/lib/movement';
import { openOperationsDatabase } from '@/lib/operations';
import { createWorld, leftovers, NOTHING, Writer } from '../lib/movement/world';
import { testServerUrl } from '../support/postgres';
import { startProxy } from '../support/proxy';
import { inTime, until } from '../support/until';

const world = await createWorld();
const [source, target] = world.databases;
const server = await testServerUrl();

/** Cuts a network path when a run reaches a point. */
const cutAt = (point: MovePoint, cut: () => void) => {
  let done = false;
  return (reached: MovePoint) => {
    if (reached === point && !done) cut();
    done ||= reached === point;
  };
};

describe('a partition', { concurrency: true }, () => {
  test('between a router and the source: its statements end, and it goes on at the target', async (t) => {
    const way = await startProxy(server);
    const far = await world.addDatabase(undefined, { router: way.through });
    const tenant = await world.tenant(far, 5);
    await world.application.tenants.update(tenant, { connectionPoolConfig: { statementTimeoutMs: 1_000 } });
    const writer = new Writer(world.manager, tenant, { writers: 2 });
    t.after(() => writer.stop());
    const move = await world.start(tenant, target, { from: far });
    await world.run(move);
    await world.store.want(move.id, 'cut_over');
    assert.equal(await world.run(move, cutAt('close_fence', way.partition)), 'moved');
    const before = writer.acknowledged.length;
    await until(() => writer.acknowledged.length >= before + 20, '20 writes at the target');
    await inTime(writer.stop(), 'the last write');
    way.heal();
    assert.deepEqual(await writer.check(target), { lost: 0, doubled: 0 });
    assert.equal(await world.want(move, 'complete'), 'completed');
    assert.deepEqual(await leftovers(far, move.id, tenant), NOTHING);
  });

  test('between a router and the application database: the router writes nowhere until it learns the route', async () => {
    const way = await startProxy(server);
    const application = openApplicationDatabase({
      url: way.through(world.keys.applicationUrl),
      secretBox: world.secretBox,
    });
    const manager = new DataSourceManager(async () => ({
      directory: directoryOf(application),
      verifyAccessToken: () => Promise.reject(new Error('no users here')),
    }));
    after(() => Promise.all([manager.close(), application.close()]));
    const tenant = await world.tenant(source, 5);
    const write = (name: string) =>
      manager.execute(tenant, { text: 'insert into locations (name) values ($1)', values: [name] });
    await write('before');
    way.partition();
    const move = await world.start(tenant, target, { options: { autoCutOver: true } });
    assert.equal(await world.run(move), 'moved');
    await assert.rejects(write('meanwhile'));
    way.heal();
    await write('after');
    const names = async (database: typeof source) =>
      (
        await database.sql(`select name from locations where tenant_id = $1 and name !~ '^Hall' order by 1`, [
          tenant,
        ])
      ).rows.map(({ name }) => name);
    assert.deepEqual(await names(target), ['after', 'before']);
    assert.equal(await world.want(move, 'complete'), 'completed');
    assert.deepEqual(await names(source), []);
  });

  test('between the mover and the operations database: the cut-over is given up within its limit', async (t) => {
    const way = await startProxy(server);
    const operations = openOperationsDatabase({
      url: way.through(world.keys.operationsUrl),
      secretBox: world.secretBox,
    });
    t.after(() => operations.close());
    const tenant = await world.tenant(source, 5);
    const writer = new Writer(world.manager, tenant, { writers: 2, pauseMs: 20 });
    t.after(() => writer.stop());
    const move = await world.start(tenant, target, { options: { pauseLimitMs: 2_000 } });
    await world.run(move);
    await world.store.want(move.id, 'cut_over');
    const far = moveDependencies({
      application: world.application,
      operations,
      hooks: cutAt('record_decision', way.partition),
    });
    const run = runMove(far, move.id, { returnWhenWaiting: true }).catch((error: Error) => error.message);
    await inTime(run, 'the run that met the partition');
    // The tenant writes at the source while the operations database is still unreachable.
    const before = writer.acknowledged.length;
    await until(() => writer.acknowledged.length >= before + 5, '5 writes at the source');
    way.heal();
    await until(async () => (await world.want(move, 'cut_over')) === 'moved', 'the move to go on', {
      retry: true,
      everyMs: 500,
    });
    await inTime(writer.stop(), 'the last write');
    assert.deepEqual(writer.errors, []);
    assert.deepEqual(await writer.check(target), { lost: 0, doubled: 0 });
    assert.equal(await world.want(move, 'complete'), 'completed');
  });

  for (const [name, side] of [
    ['the target: the cut-over is given up within its limit', 'to'],
    ['the source: it is opened again as soon as it can be reached', 'from'],
  ] as const) {
    test(`between the mover and ${name}`, async (t) => {
      const way = await startProxy(server);
      const far = await world.addDatabase(undefined, { mover: way.through });
      const [from, to] = side === 'from' ? [far, target] : [source, far];
      const tenant = await world.tenant(from, 5);
      const writer = new Writer(world.manager, tenant, { writers: 2, pauseMs: 20 });
      t.after(() => writer.stop());
      const move = await world.start(tenant, to, { from, options: { pauseLimitMs: 2_000 } });
      await world.run(move);
      await world.store.want(move.id, 'cut_over');
      const cut = () => {
        way.partition();
        // The source has to be reachable for the run to end. Counted from the cut: how long the way there takes depends on the machine.
        if (side === 'from') setTimeout(way.heal, 4_000);
      };
      const run = world.run(move, cutAt('fence_closed', cut)).catch((error: Error) => error.message);
      await inTime(run, 'the run that met the partition');
      if (side === 'to') {
        // The cut-over has failed: the tenant writes at the source while the target is still unreachable.
        const before = writer.acknowledged.length;
        await until(() => writer.acknowledged.length >= before + 5, '5 writes at the source');
        way.heal();
      }
      assert.deepEqual(writer.errors, []);
      const goesOn = () => inTime(world.want(move, 'cut_over'), 'a run after the partition');
      await until(async () => (await goesOn()) === 'moved', 'the move to go on', {
        retry: true,
        everyMs: 500,
      });
      await inTime(writer.stop(), 'the last write');
      assert.deepEqual(writer.errors, []);
      assert.deepEqual(await writer.check(to), { lost: 0, doubled: 0 });
      assert.equal(await world.want(move, 'complete'), 'completed');
      assert.deepEqual(await leftovers(from, move.id, tenant), NOTHING);
    });
  }
});
