// Real ends of real processes: Marquee by SIGKILL, PostgreSQL servers by SIGQUIT, in the middle of a move.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import type { MovePoint } from '@/lib/movement';
import { startTestServer } from '../../support/postgres';
import { createWorld, leftovers, NOTHING, Writer } from './world';

// With the tests' usual synchronous_commit = off a killed server forgets writes that it has acknowledged, move or no move.
const settings = { synchronous_commit: 'on' };
const [oldServer, nextServer] = [await startTestServer({ settings }), await startTestServer({ settings })];
const world = await createWorld({ homes: [oldServer.url(), nextServer.url()] });
const [old, next] = world.homes;
after(() => world.onPoint(() => {}));

const program = path.join(import.meta.dirname, 'mover.program.ts');

/** Runs a move in a process of its own that dies at a point. */
async function dieAt(moveId: string, point: MovePoint): Promise<NodeJS.Signals | null> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', program, JSON.stringify({ ...world.keys, moveId, point })],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return signal;
}

async function insist(
  move: { id: string },
  wanted: 'run' | 'cut_over' | 'complete',
  end: string,
): Promise<void> {
  let last: unknown;
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const reached = await world.want(move, wanted).catch((error: unknown) => {
      last = error;
    });
    if (reached === end) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw last;
}

async function finish(move: { id: string }, tenant: string, writer: Writer): Promise<void> {
  await insist(move, 'cut_over', 'moved');
  await insist(move, 'complete', 'completed');
  await writer.stop();
  assert.deepEqual(await writer.check(next), { lost: 0, doubled: 0 });
  assert.deepEqual(await leftovers(old, move.id, tenant), NOTHING);
}

describe('killed in the middle of a move', { concurrency: false }, () => {
  for (const point of [
    'copied_range',
    'applied',
    'fence_closed',
    'decide',
    'decided',
    'remove_rows',
  ] as MovePoint[]) {
    test(`Marquee at ${point}: another process goes on`, async (t) => {
      const tenant = await world.tenant(old, 40);
      const writer = new Writer(world.manager, tenant, { writers: 2 });
      t.after(() => writer.stop());
      const move = await world.start(tenant, next, {
        options: { rangeRows: 10, autoCutOver: true, autoComplete: true },
      });
      assert.equal(await dieAt(move.id, point), 'SIGKILL');
      await insist(move, 'run', 'completed');
      await writer.stop();
      assert.deepEqual(writer.errors, []);
      assert.deepEqual(await writer.check(next), { lost: 0, doubled: 0 });
      assert.deepEqual(await leftovers(old, move.id, tenant), NOTHING);
    });
  }

  for (const [name, server] of [
    ['old home', oldServer],
    ['new home', nextServer],
  ] as const) {
    for (const point of ['copied_range', 'applied', 'fence_closed', 'decided'] as MovePoint[]) {
      test(`the ${name} at ${point}: it comes back and the move goes on`, async (t) => {
        const tenant = await world.tenant(old, 40);
        const writer = new Writer(world.manager, tenant, { writers: 2 });
        t.after(() => writer.stop());
        const move = await world.start(tenant, next, { options: { rangeRows: 10 } });
        let killed = false;
        world.onPoint(async (reached) => {
          if (reached !== point || killed) return;
          killed = true;
          await server.kill('SIGQUIT');
          await server.start();
        });
        await world.want(move, 'cut_over').catch(() => undefined);
        world.onPoint(() => {});
        assert.ok(killed);
        await finish(move, tenant, writer);
      });
    }
  }
});

describe('what must not be', { concurrency: false }, () => {
  test('a second move of the same tenant is refused', async () => {
    const tenant = await world.tenant(old, 5);
    const move = await world.start(tenant, next);
    await assert.rejects(world.start(tenant, next), { code: 'move_already_under_way' });
    assert.equal(await world.want(move, 'abort'), 'aborted');
  });

  test('a rogue write to the new home gives the cut-over up', async () => {
    const tenant = await world.tenant(old, 5);
    const move = await world.start(tenant, next);
    await world.run(move);
    world.onPoint(async (point) => {
      if (point === 'close_fence')
        await next.sql(`insert into locations (tenant_id, name) values ($1, 'rogue')`, [tenant]);
    });
    await assert.rejects(world.want(move, 'cut_over'), { code: 'move_rogue_write' });
    world.onPoint(() => {});
    await world.manager.execute(tenant, {
      text: `insert into locations (name) values ('after')`,
      values: [],
    });
    assert.equal(await world.want(move, 'abort'), 'aborted');
    assert.deepEqual(await leftovers(next, move.id, tenant), NOTHING);
  });

  test('a long transaction makes the cut-over give up within its limit, and the tenant goes on', async () => {
    const tenant = await world.tenant(old, 5);
    const move = await world.start(tenant, next, { options: { pauseLimitMs: 300 } });
    await world.run(move);
    let end = () => {};
    const held = new Promise<void>((resolve) => {
      end = resolve;
    });
    const long = world.manager.withTenantTransaction(tenant, async (transaction) => {
      await transaction.query('select 1');
      await held;
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await assert.rejects(world.want(move, 'cut_over'), { code: 'move_pause_limit' });
    end();
    await long;
    assert.equal(await world.want(move, 'cut_over'), 'moved');
    assert.equal(await world.want(move, 'complete'), 'completed');
  });

  test('a table changed in the middle stops the move', async () => {
    const tenant = await world.tenant(old, 5);
    const move = await world.start(tenant, next);
    await world.run(move);
    const column = `added_${randomUUID().slice(0, 8)}`;
    await old.sql(`alter table accounts add column ${column} text default 'x'`);
    try {
      await world.manager.execute(tenant, { text: `insert into accounts (name) values ('new')`, values: [] });
      await assert.rejects(world.want(move, 'cut_over'), { code: 'move_schema_changed' });
      assert.equal(await world.want(move, 'abort'), 'aborted');
    } finally {
      await old.sql(`alter table accounts drop column ${column}`);
    }
  });

  test('a lost slot stops the move, and aborting leaves nothing', async () => {
    const tenant = await world.tenant(old, 5);
    const move = await world.start(tenant, next);
    await world.run(move);
    await old.sql(
      `select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name like 'marquee_move_%'`,
    );
    await assert.rejects(world.want(move, 'cut_over'), { code: 'move_slot_lost' });
    assert.equal(await world.want(move, 'abort'), 'aborted');
    assert.deepEqual(await leftovers(next, move.id, tenant), NOTHING);
  });

  test('a router that hears nothing of the cut-over is turned away by the database, and finds the new home', async () => {
    const tenant = await world.tenant(old, 5);
    const deaf = world.deafManager();
    await deaf.execute(tenant, { text: `insert into locations (name) values ('before')`, values: [] });
    const move = await world.start(tenant, next, { options: { autoCutOver: true } });
    await world.run(move);
    await deaf.execute(tenant, { text: `insert into locations (name) values ('after')`, values: [] });
    const { rows } = await next.sql(
      `select count(*)::int as n from locations where tenant_id = $1 and name in ('before', 'after')`,
      [tenant],
    );
    assert.equal(rows[0]?.n, 2);
    assert.equal(await world.want(move, 'complete'), 'completed');
  });
});
