import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { commandMove, type MovePoint } from '@/lib/movement';
import type { MoveCommand, MoveMode, MoveOptions, MoveStep } from '@/lib/movement/control/move';
import { runMove } from '@/lib/movement/control/state-machine';
import { until } from '../../../support/until';
import { createWorld, leftovers, NOTHING, Writer } from '../world';

const world = await createWorld();

describe('moving a tenant', () => {
  for (const mode of ['logical', 'change_log'] as MoveMode[]) {
    test(`online (${mode}): copy, catch up, cut over, complete; nothing lost, nothing left`, async (t) => {
      const [source, target] = world.databases;
      const tenant = await world.tenant(source);
      const writer = new Writer(world.manager, tenant);
      t.after(() => writer.stop());
      const move = await world.start(tenant, target, { mode });
      assert.equal(await world.run(move), 'ready');
      assert.equal(await world.want(move, 'cut_over'), 'moved');
      const before = writer.acknowledged.length;
      await until(() => writer.acknowledged.length > before + 20, 'writes at the target');
      await writer.stop();
      assert.deepEqual(writer.errors, []);
      assert.deepEqual(await writer.check(target), { lost: 0, doubled: 0 });
      assert.equal(await world.want(move, 'complete'), 'completed');
      const { fences, rows, ...things } = await leftovers(target, move.id, tenant);
      assert.deepEqual({ ...things, fences, rows: rows! > 50 }, { ...NOTHING, fences: 1, rows: true });
      assert.deepEqual(await leftovers(source, move.id, tenant), NOTHING);
      assert.equal((await world.application.tenants.get(tenant)).routeEpoch, '2');
    });

    test(`rolled back (${mode}): what was written at the target is at the source`, async (t) => {
      const [source, target] = world.databases;
      const tenant = await world.tenant(source);
      const writer = new Writer(world.manager, tenant);
      t.after(() => writer.stop());
      const move = await world.start(tenant, target, { mode });
      await world.run(move);
      assert.equal(await world.want(move, 'cut_over'), 'moved');
      const atTarget = writer.acknowledged.length;
      await until(() => writer.acknowledged.length > atTarget + 20, 'writes at the target');
      assert.equal(await world.want(move, 'rollback'), 'rolled_back');
      const atSource = writer.acknowledged.length;
      await until(() => writer.acknowledged.length > atSource + 5, 'writes at the source');
      await writer.stop();
      assert.deepEqual(writer.errors, []);
      assert.deepEqual(await writer.check(source), { lost: 0, doubled: 0 });
      assert.deepEqual(await leftovers(target, move.id, tenant), NOTHING);
      assert.equal((await world.application.tenants.get(tenant)).dataSourceId, source.id);
    });
  }

  test('offline, to another id at the target', async () => {
    const [source, target] = world.databases;
    const tenant = await world.tenant(source);
    const there = randomUUID();
    await source.sql(
      "insert into tenancy.outbox (tenant_id, id, type, rows) values ($1, $1, 'lead.created', '{}')",
      [tenant],
    );
    const move = await world.start(tenant, target, { mode: 'offline', toTenantId: there });
    assert.equal(await world.run(move), 'moved');
    const { rows } = await world.manager
      .execute(tenant, { text: 'select count(*) as n from accounts', values: [] })
      .then((found) => ({ rows: found }));
    assert.equal(Number(Object.values(rows[0] as object)[0]), 50);
    const pending = await target.sql('select id from tenancy.outbox where tenant_id = $1', [there]);
    assert.deepEqual(pending.rows, [{ id: tenant }], 'pending outbox events move too');
    assert.equal(await world.want(move, 'complete'), 'completed');
    assert.deepEqual(await leftovers(source, move.id, tenant), NOTHING);
    const done = await world.store.get(move.id);
    assert.equal((done.certificate as { certificate: { rows: number } }).certificate.rows > 50, true);
  });
});

for (const mode of ['logical', 'change_log'] as MoveMode[]) {
  test(`completed (${mode}) only when the target has what the source has, or the operator decides so`, async () => {
    const [source, target] = world.databases;
    const tenant = await world.tenant(source, 5);
    const move = await world.start(tenant, target, { mode });
    assert.equal(await world.run(move), 'ready');
    assert.equal(await world.want(move, 'cut_over'), 'moved');
    // As after a failover to a standby of the target that was behind.
    await source.sql("insert into accounts (tenant_id, id, name) values ($1, $1, 'lost at the target')", [
      tenant,
    ]);
    await assert.rejects(world.want(move, 'complete'), {
      code: 'move_verification_failed',
      message: /^1 rows? differ/,
      hint: /complete --despite-differences/,
    });
    const { step, wanted, error } = await world.store.get(move.id);
    assert.deepEqual([step, wanted, error?.code], ['reverse_replication', 'run', 'move_verification_failed']);
    const kept = await source.sql('select from accounts where tenant_id = $1', [tenant]);
    assert.equal(kept.rowCount, 6);
    await commandMove(world.dependencies, move.id, 'complete', { despiteDifferences: true });
    assert.equal(await world.run(move), 'completed');
    assert.deepEqual(await leftovers(source, move.id, tenant), NOTHING);
  });
}

test('moves in reverse replication hold no place on their servers, so others can begin', async (t) => {
  const [source, target] = world.databases;
  const tenants = [
    await world.tenant(source, 5),
    await world.tenant(source, 5),
    await world.tenant(source, 5),
  ];
  const moves = await Promise.all(
    tenants.map((tenant) => world.start(tenant, target, { options: { autoCutOver: true } })),
  );
  const running = moves.map((move) => runMove(world.dependencies, move.id));
  t.after(() => Promise.allSettled(running));
  for (const { id } of moves) {
    const isThere = async () => (await world.store.get(id)).step === 'reverse_replication';
    await until(isThere, 'reverse replication');
  }
  for (const { id } of moves) await world.store.want(id, 'complete');
  assert.deepEqual(await Promise.all(running), ['completed', 'completed', 'completed']);
});

test('a command that the operator gives between any two statements after the cut-over is carried out', async (t) => {
  const [source, target] = world.databases;
  const { operations } = world.dependencies;
  const commanded = async (after: number) => {
    const move = await world.start(await world.tenant(source, 5), target);
    assert.equal(await world.run(move), 'ready');
    await world.store.want(move.id, 'cut_over');
    let statements = 0;
    const query = async (...given: [text: string, values?: unknown[]]) => {
      const answer = await operations.query(...given);
      if (statements > 0 || (await world.store.get(move.id)).step === 'reverse_replication') statements += 1;
      if (statements === after) await world.store.want(move.id, 'complete');
      return answer;
    };
    const observed = new Proxy(operations, {
      get: (pool, name) => (name === 'query' ? query : Reflect.get(pool, name)),
    });
    const ending = new AbortController();
    t.after(() => ending.abort());
    const running = runMove({ ...world.dependencies, operations: observed }, move.id, {
      signal: AbortSignal.any([ending.signal, AbortSignal.timeout(30_000)]),
    });
    assert.equal(await running, 'completed', `after statement ${after}`);
  };
  for (const after of [1, 2, 3, 4]) await commanded(after);
});

/** Does something before the first statement that records a step. */
function beforeRecording(step: MoveStep, meanwhile: () => Promise<unknown>): typeof world.dependencies {
  const { operations } = world.dependencies;
  let done = false;
  const query = async (text: string, values: unknown[] = []) => {
    if (!done && values.includes(step)) {
      done = true;
      await meanwhile();
    }
    return operations.query(text, values);
  };
  return {
    ...world.dependencies,
    operations: new Proxy(operations, {
      get: (pool, name) => (name === 'query' ? query : Reflect.get(pool, name)),
    }),
  };
}

describe('of a command and the step that another one leads to, one sees the other', () => {
  const cases: {
    first: MoveCommand;
    step: MoveStep;
    other: MoveCommand;
    afterCutOver?: boolean;
    end: string;
    options?: MoveOptions;
  }[] = [
    { first: 'complete', step: 'completing', other: 'rollback', afterCutOver: true, end: 'rolled_back' },
    { first: 'rollback', step: 'rolling_back', other: 'complete', afterCutOver: true, end: 'completed' },
    { first: 'abort', step: 'aborting', other: 'run', end: 'ready' },
    { first: 'cut_over', step: 'cutting_over', other: 'run', end: 'ready' },
    {
      ...{ first: 'cut_over', step: 'completing', other: 'pause', end: 'paused' },
      options: { autoComplete: true },
    },
  ];
  for (const { first, step, other, afterCutOver, end, options } of cases) {
    test(`${other}, given just before the step ${step} is recorded, is carried out`, async () => {
      const [source, target] = world.databases;
      const move = await world.start(await world.tenant(source, 5), target, { options });
      assert.equal(await world.run(move), 'ready');
      if (afterCutOver) assert.equal(await world.want(move, 'cut_over'), 'moved');
      await world.store.want(move.id, first);
      const dependencies = beforeRecording(step, () => commandMove(world.dependencies, move.id, other));
      const runs = await runMove(dependencies, move.id, { returnWhenWaiting: end !== 'paused' });
      assert.equal(runs, end);
    });
  }

  test('a command is refused where the step has begun meanwhile, and decides nothing', async () => {
    const [source, target] = world.databases;
    const tenant = await world.tenant(source, 5);
    const move = await world.start(tenant, target);
    assert.equal(await world.run(move), 'ready');
    assert.equal(await world.want(move, 'cut_over'), 'moved');
    await world.store.want(move.id, 'complete');
    const audit = async () => {
      const dies = (point: MovePoint) => {
        if (point === 'remove_rows') throw new Error('the process ended');
      };
      await assert.rejects(world.run(move, dies), /the process ended/);
    };
    await assert.rejects(commandMove({ ...world.dependencies, audit }, move.id, 'rollback'), {
      code: 'move_changed_meanwhile',
      message: 'The move has gone on or ended meanwhile.',
    });
    assert.equal((await world.store.get(move.id)).wanted, 'complete');
    assert.equal(await world.run(move), 'completed');
  });

  test('a command that is refused for another one leaves nothing of its options', async () => {
    const [source, target] = world.databases;
    const move = await world.start(await world.tenant(source, 5), target);
    assert.equal(await world.run(move), 'ready');
    assert.equal(await world.want(move, 'cut_over'), 'moved');
    const audit = () => world.store.want(move.id, 'pause');
    const refused = commandMove({ ...world.dependencies, audit }, move.id, 'complete', {
      ...{ seen: 'run', despiteDifferences: true, forget: 'source' },
    });
    await assert.rejects(refused, { code: 'move_changed_meanwhile' });
    const { despiteDifferences, forget } = (await world.store.get(move.id)).options;
    assert.deepEqual([despiteDifferences, forget], [undefined, undefined]);
    assert.equal(await world.want(move, 'complete'), 'completed');
  });

  test('a command that is given while one is carried out in vain stays', async () => {
    const [source, target] = world.databases;
    const tenant = await world.tenant(source, 5);
    const move = await world.start(tenant, target);
    assert.equal(await world.run(move), 'ready');
    assert.equal(await world.want(move, 'cut_over'), 'moved');
    await source.sql("insert into accounts (tenant_id, id, name) values ($1, $1, 'only here')", [tenant]);
    await world.store.want(move.id, 'rollback');
    const dependencies = beforeRecording('reverse_replication', () =>
      commandMove(world.dependencies, move.id, 'complete', { despiteDifferences: true }),
    );
    await assert.rejects(runMove(dependencies, move.id), { code: 'move_verification_failed' });
    assert.equal((await world.store.get(move.id)).wanted, 'complete');
    assert.equal(await world.run(move), 'completed');
  });
});
