// What a move must refuse, give up, or get through without a fault of its own.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { commandMove } from '@/lib/movement';
import { until } from '../../../support/until';
import { createWorld, leftovers, NOTHING } from '../world';

const world = await createWorld();
const [source, target] = world.databases;
after(() => world.onPoint(() => {}));

describe('a move refuses or fails', { concurrency: false }, () => {
  test('a second move of the same tenant is refused', async () => {
    const tenant = await world.tenant(source, 5);
    const move = await world.start(tenant, target);
    await assert.rejects(world.start(tenant, target), { code: 'move_already_under_way' });
    assert.equal(await world.want(move, 'abort'), 'aborted');
  });

  test('a rogue write at the target fails the cut-over', async () => {
    const tenant = await world.tenant(source, 5);
    const move = await world.start(tenant, target);
    await world.run(move);
    world.onPoint(async (point) => {
      if (point === 'close_fence')
        await target.sql(`insert into locations (tenant_id, name) values ($1, 'rogue')`, [tenant]);
    });
    await assert.rejects(world.want(move, 'cut_over'), { code: 'move_rogue_write' });
    world.onPoint(() => {});
    await world.manager.execute(tenant, {
      text: `insert into locations (name) values ('after')`,
      values: [],
    });
    assert.equal(await world.want(move, 'abort'), 'aborted');
    assert.deepEqual(await leftovers(target, move.id, tenant), NOTHING);
  });

  for (const mode of ['logical', 'change_log'] as const) {
    test(`a rogue write at the source after the cut-over is not replicated (${mode})`, async () => {
      const tenant = await world.tenant(source, 5);
      const move = await world.start(tenant, target, { mode });
      await world.run(move);
      const rogue = () =>
        source.sql(`insert into locations (tenant_id, name) values ($1, 'rogue')`, [tenant]);
      world.onPoint(async (point) => {
        // The decision is about to be taken, and then the move looks at both databases with the stream still open.
        if (point === 'record_decision') await rogue();
        if (point === 'certificate') {
          await rogue();
          await new Promise((resolve) => setTimeout(resolve, 500));
        }
      });
      assert.equal(await world.want(move, 'cut_over'), 'moved');
      world.onPoint(() => {});
      const { rows } = await target.sql(
        `select count(*)::int as n from locations where tenant_id = $1 and name = 'rogue'`,
        [tenant],
      );
      assert.deepEqual(rows, [{ n: 0 }]);
      // They would be lost with the source's rows.
      await assert.rejects(world.want(move, 'complete'), { code: 'move_verification_failed' });
      await commandMove(world.dependencies, move.id, 'complete', { despiteDifferences: true });
      assert.equal(await world.run(move), 'completed');
    });
  }

  test('a cut-over behind a long transaction fails within its limit, and the tenant goes on', async () => {
    const tenant = await world.tenant(source, 5);
    const move = await world.start(tenant, target, { options: { pauseLimitMs: 300 } });
    await world.run(move);
    let over = false;
    const end = () => {
      over = true;
    };
    const begun = Promise.withResolvers<void>();
    const long = world.manager.withTenantTransaction(tenant, async (transaction) => {
      begun.resolve();
      while (!over) await transaction.query('select pg_sleep(0.05)');
    });
    await begun.promise;
    await assert.rejects(world.want(move, 'cut_over'), { code: 'move_pause_limit' });
    end();
    await long;
    // The limit of the pause is short for a busy machine, so a cut-over may need several attempts.
    const isMoved = async () => (await world.want(move, 'cut_over')) === 'moved';
    await until(isMoved, 'the cut-over', { retry: true });
    assert.equal(await world.want(move, 'complete'), 'completed');
  });

  test('a table changed during the move fails it', async () => {
    const tenant = await world.tenant(source, 5);
    const move = await world.start(tenant, target);
    await world.run(move);
    const column = `added_${randomUUID().slice(0, 8)}`;
    await source.sql(`alter table accounts add column ${column} text default 'x'`);
    try {
      await world.manager.execute(tenant, { text: `insert into accounts (name) values ('new')`, values: [] });
      await assert.rejects(world.want(move, 'cut_over'), { code: 'move_schema_changed' });
      assert.equal(await world.want(move, 'abort'), 'aborted');
    } finally {
      await source.sql(`alter table accounts drop column ${column}`);
    }
  });

  test('a lost slot fails the move, and aborting it leaves nothing', async () => {
    const tenant = await world.tenant(source, 5);
    const move = await world.start(tenant, target);
    await world.run(move);
    await source.sql(
      'select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name like $1',
      [`marquee_move_${move.id.replaceAll('-', '')}%`],
    );
    await assert.rejects(world.want(move, 'cut_over'), { code: 'move_slot_lost' });
    assert.equal(await world.want(move, 'abort'), 'aborted');
    assert.deepEqual(await leftovers(target, move.id, tenant), NOTHING);
  });

  test('a router without notifications is refused by the source’s fence and finds the target', async () => {
    const tenant = await world.tenant(source, 5);
    const deaf = world.deafManager();
    await deaf.execute(tenant, { text: `insert into locations (name) values ('before')`, values: [] });
    const move = await world.start(tenant, target, { options: { autoCutOver: true } });
    await world.run(move);
    await deaf.execute(tenant, { text: `insert into locations (name) values ('after')`, values: [] });
    const { rows } = await target.sql(
      `select count(*)::int as n from locations where tenant_id = $1 and name in ('before', 'after')`,
      [tenant],
    );
    assert.equal(rows[0]?.n, 2);
    assert.equal(await world.want(move, 'complete'), 'completed');
  });
});
