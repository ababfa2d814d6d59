// Transactions that are hard to repeat elsewhere: large ones, values that change places, values that are not sent.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MoveMode } from '@/lib/movement';
import { until } from '../../../support/until';
import { createWorld, leftovers, NOTHING } from '../world';

const world = await createWorld();
const [source, target] = world.databases;

describe('replication during a move', { concurrency: false }, () => {
  // A stream hands more than 10,000 changes on in parts; a log has no such limit, and triggers make the writes slow.
  for (const [mode, rows] of [
    ['logical', 12_000],
    ['change_log', 1_000],
  ] as [MoveMode, number][]) {
    test(`a large transaction, unchanged large values, deletes and re-inserts (${mode})`, async () => {
      const tenant = await world.tenant(source, 20);
      const move = await world.start(tenant, target, { mode, options: { pauseLimitMs: 60_000 } });
      await world.run(move);
      await world.manager.withTenantTransaction(tenant, async ({ query }) => {
        await query(`insert into locations (name) select 'Place ' || n from generate_series(1, ${rows}) n`);
        await query(`update templates set name = name || ' (changed)'`);
        await query(`delete from accounts where name = 'Account 3'`);
        await query(
          `with gone as (delete from accounts where name = 'Account 4' returning id)
           select count(*) from gone`,
        );
        await query(`insert into accounts (name) values ('Account 4')`);
      });
      assert.equal(await world.want(move, 'cut_over'), 'moved');
      const count = async (sql: string) =>
        (await target.sql(`select count(*)::int as n from ${sql} and tenant_id = $1`, [tenant])).rows[0]?.n;
      assert.equal(await count(`locations where name like 'Place %'`), rows);
      assert.equal(await count(`templates where name like '%(changed)' and length(content::text) > 6000`), 5);
      assert.equal(await count(`accounts where name in ('Account 3', 'Account 4')`), 1);
      assert.equal(await world.want(move, 'complete'), 'completed');
      assert.deepEqual(await leftovers(source, move.id, tenant), NOTHING);
    });
  }

  test('changes of a tenant that writes an origin message are replicated (logical)', async () => {
    const tenant = await world.tenant(source, 5);
    const move = await world.start(tenant, target, { options: { pauseLimitMs: 20_000 } });
    await world.run(move);
    for (const content of ['', move.id]) {
      await world.manager.withTenantTransaction(tenant, async ({ query }) => {
        await query("select pg_logical_emit_message(true, 'marquee-move', $1)", [content]);
        await query("insert into locations (name) values ('Forged')");
        await query("select pg_logical_emit_message(true, 'marquee-marker', repeat('x', 100000))");
      });
    }
    assert.equal(await world.want(move, 'cut_over'), 'moved');
    const { rows } = await target.sql(
      "select count(*)::int as n from locations where tenant_id = $1 and name = 'Forged'",
      [tenant],
    );
    assert.equal(rows[0]?.n, 2);
    assert.equal(await world.want(move, 'complete'), 'completed');
  });

  test('unique values that change places within a transaction (logical)', async () => {
    const tenant = await world.tenant(source, 5);
    const move = await world.start(tenant, target, { options: { pauseLimitMs: 20_000 } });
    await world.run(move);
    await world.manager.withTenantTransaction(tenant, async ({ query }) => {
      await query(`update templates set name = 'between' where name = 'Template 1'`);
      await query(`update templates set name = 'Template 1' where name = 'Template 2'`);
      await query(`update templates set name = 'Template 2' where name = 'between'`);
    });
    assert.equal(await world.want(move, 'cut_over'), 'moved');
    assert.equal(await world.want(move, 'complete'), 'completed');
  });

  test('the first writes at the target, before its mover knows that the fence is open, are replicated back', async () => {
    const tenant = await world.tenant(source, 5);
    const move = await world.start(tenant, target, { options: { pauseLimitMs: 20_000 } });
    await world.run(move);
    await world.store.want(move.id, 'cut_over');
    const end = await world.run(move, async (point) => {
      if (point !== 'fence_opened') return;
      for (const n of [1, 2, 3]) {
        await world.manager.execute(tenant, {
          text: `insert into locations (name) values ($1)`,
          values: [`first ${n}`],
        });
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    });
    assert.equal(end, 'moved');
    assert.equal(await world.want(move, 'rollback'), 'rolled_back');
    const { rows } = await source.sql(
      `select count(*)::int as n from locations where tenant_id = $1 and name like 'first %'`,
      [tenant],
    );
    assert.equal(rows[0]?.n, 3);
  });

  test('a rollback is refused when the source was written outside of the move', async () => {
    const tenant = await world.tenant(source, 5);
    const move = await world.start(tenant, target, { options: { autoCutOver: true, pauseLimitMs: 20_000 } });
    assert.equal(await world.run(move), 'moved');
    await source.sql(`insert into locations (tenant_id, name) values ($1, 'rogue')`, [tenant]);
    await assert.rejects(world.want(move, 'rollback'), { code: 'move_verification_failed' });
    await source.sql(`delete from locations where tenant_id = $1 and name = 'rogue'`, [tenant]);
    assert.equal(await world.want(move, 'rollback'), 'rolled_back');
  });

  test('a move whose reverse replication is lost can be completed', async () => {
    const tenant = await world.tenant(source, 5);
    const move = await world.start(tenant, target, { options: { autoCutOver: true, pauseLimitMs: 20_000 } });
    assert.equal(await world.run(move), 'moved');
    const slot = `marquee_move_${move.id.replaceAll('-', '')}_reverse`;
    // A server notices in its own time that a stream's connection has gone.
    const isActive = async () =>
      (await target.sql('select active from pg_replication_slots where slot_name = $1', [slot])).rows[0]
        .active;
    await until(async () => !(await isActive()), 'the end of the stream');
    await target.sql('select pg_drop_replication_slot($1)', [slot]);
    await assert.rejects(world.want(move, 'rollback'), { code: 'move_slot_lost' });
    assert.equal(await world.want(move, 'complete'), 'completed');
  });
});
