// A move reports what it waits for, and ends within seconds when the operator or the process wants it to.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import pg from 'pg';
import type { Move, MoveMode, MoveOptions } from '@/lib/movement';
import { runMove, verifyMove } from '@/lib/movement';
import { createWorld, leftovers, NOTHING } from '../lib/movement/world';
import { until } from '../support/until';

const world = await createWorld();
const [source, target] = world.databases;

/** Far less than the wait itself would take. */
const SOON = { timeout: 40_000 };

/** A tenant with more rows of templates than sockets and buffers hold. */
async function largeTenant(): Promise<string> {
  const tenant = await world.tenant(source, 5);
  await source.sql(
    `insert into templates (tenant_id, type, name, content)
     select $1, 'email', 'Large ' || n, (select string_agg(md5(n::text || m::text), '') from generate_series(1, 1000) m)
     from generate_series(1, 300) n`,
    [tenant],
  );
  return tenant;
}

function untilMove(move: Pick<Move, 'id'>, there: (move: Move) => boolean): Promise<Move> {
  const look = async () => {
    const now = await world.store.get(move.id);
    return there(now) && now;
  };
  return until(look, `the move: ${there}`, { everyMs: 50 });
}

/** A session that holds locks until the returned function is called. */
async function holding(
  database: { adminUrl: string },
  ...statements: string[]
): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: database.adminUrl });
  await client.connect();
  for (const statement of ['begin', ...statements]) await client.query(statement);
  return () => client.end();
}

/** How a run ends, or the code it fails with; never an unhandled rejection. */
const endOf = (run: Promise<string>) => run.catch((error: unknown) => error as Error & { code?: string });

describe('a move that has to wait', { concurrency: false }, () => {
  test(
    'whose copy the target refuses says why, gives both databases back and goes on when the cause is gone',
    SOON,
    async () => {
      const tenant = await largeTenant();
      const move = await world.start(tenant, target);
      // After the preflight, which would refuse it.
      const run = world.run(move, async (at) => {
        if (at !== 'create_slot') return;
        await target.sql(`alter table templates add constraint no_large check (name not like 'Large %')`);
      });
      await assert.rejects(run, { code: '23514' });
      const { step, error } = await world.store.get(move.id);
      assert.deepEqual([step, error?.code], ['copying', '23514']);
      assert.match(error?.hint ?? '', /marquee move/);
      const busy = await source.sql(
        `select query from pg_stat_activity where application_name = $1 and state <> 'idle' and query like 'copy%'`,
        [`marquee move ${move.id}`],
      );
      assert.deepEqual(busy.rows, []);
      await target.sql('alter table templates drop constraint no_large');
      assert.equal(await world.run(move), 'ready');
      assert.equal(await world.want(move, 'abort'), 'aborted');
      assert.deepEqual(await leftovers(target, move.id, tenant), NOTHING);
    },
  );

  for (const [mode, wanted] of [
    ['logical', 'abort'],
    ['logical', 'pause'],
    ['offline', 'abort'],
  ] as [MoveMode, 'abort' | 'pause'][]) {
    test(`within a slow range ends within seconds on ${wanted} (${mode})`, SOON, async () => {
      const tenant = await largeTenant();
      const options: MoveOptions = { bytesPerSecond: 100_000 };
      const move = await world.start(tenant, target, { mode, options });
      const run = endOf(world.run(move));
      await untilMove(move, ({ progress }) => (progress.bytes ?? 0) > 100_000);
      await world.store.want(move.id, wanted);
      assert.equal(await run, wanted === 'abort' ? 'aborted' : 'paused');
      if (wanted === 'pause') assert.equal(await world.want(move, 'abort'), 'aborted');
      assert.deepEqual(await leftovers(target, move.id, tenant), NOTHING);
      await world.manager.execute(tenant, { text: `insert into accounts (name) values ('on')`, values: [] });
    });
  }

  test('behind a long transaction reports which one, and can be aborted', SOON, async () => {
    const tenant = await world.tenant(source, 5);
    const release = await holding(source, 'select pg_current_xact_id()');
    const move = await world.start(tenant, target);
    const run = endOf(world.run(move));
    const { progress } = await untilMove(move, (now) => Boolean(now.progress.waitsFor));
    assert.match(progress.waitsFor ?? '', /transaction .* has run for \d+ s \(process \d+/);
    await world.store.want(move.id, 'abort');
    assert.equal(await run, 'aborted');
    assert.deepEqual(await leftovers(target, move.id, tenant), NOTHING);
    const { slots, publications } = await leftovers(source, move.id, tenant);
    assert.deepEqual([slots, publications], [0, 0]);
    await release();
  });

  for (const [what, point] of [
    ['a copy', 'copied_range'],
    ['a comparison', 'verify'],
    ['a clean-up', 'remove_rows'],
  ] as const) {
    test(`${what} that waits for a lock ends with the process`, SOON, async () => {
      const tenant = await world.tenant(source, 5);
      const move = await world.start(tenant, target);
      if (point === 'remove_rows') {
        await world.run(move);
        await world.store.want(move.id, 'abort');
      }
      const ending = new AbortController();
      let release = async () => {};
      let reached = false;
      const hooks = async (at: string) => {
        if (at !== point || reached) return;
        reached = true;
        release = await holding(target, 'lock table accounts, templates');
        setTimeout(() => ending.abort(new Error('the process ends')), 500);
      };
      const run = runMove({ ...world.dependencies, hooks }, move.id, { signal: ending.signal });
      await assert.rejects(run, /the process ends/);
      await release();
      assert.equal(await world.want(move, 'abort'), 'aborted');
      assert.deepEqual(await leftovers(target, move.id, tenant), NOTHING);
    });
  }

  test('a rollout’s comparison of rows ends with the process', SOON, async () => {
    const tenant = await world.tenant(source, 5);
    const move = await world.start(tenant, target);
    await world.run(move);
    const release = await holding(target, 'lock table accounts');
    const ending = new AbortController();
    setTimeout(() => ending.abort(new Error('the process ends')), 300);
    await assert.rejects(verifyMove(world.dependencies, move.id, 0, ending.signal), /the process ends/);
    await release();
    assert.equal(await world.want(move, 'abort'), 'aborted');
  });
});
