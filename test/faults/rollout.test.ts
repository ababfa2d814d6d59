// Many tenants move in waves, which halt and roll back by themselves, in whichever process is alive.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSourceError, type DataSourceErrorCode } from '@/lib/data-sources';
import { observeForMoves } from '@/lib/movement/control/observe-statements';
import { startMoveWorker } from '@/lib/movement/control/worker';
import { compareCounts } from '@/lib/movement/rollout/gates';
import { bucketOf, emptyCounts, isFault, p95 } from '@/lib/movement/rollout/health';
import { type Rollout, RolloutStore } from '@/lib/movement/rollout/rollout-store';
import { type StartRollout, startRollout } from '@/lib/movement/rollout/start-rollout';
import { advanceRollouts } from '@/lib/movement/rollout/step';
import { planWaves } from '@/lib/movement/rollout/waves';
import { createWorld, leftovers, NOTHING, Writer } from '../lib/movement/world';
import { createTestDatabase, OLDEST_POSTGRES, startTestServer } from '../support/postgres';

const world = await createWorld();
const fifteen = await startTestServer({
  ...OLDEST_POSTGRES,
  settings: { max_replication_slots: 30, max_wal_senders: 30 },
});
const databaseOnFifteen = async () =>
  world.addDatabase(await createTestDatabase('database', undefined, fifteen.url()));
const store = new RolloutStore(world.operations.pool);
const failures: unknown[] = [];

/** A source with tenants of this test only. */
async function sourceWithTenants(count: number) {
  const database = await world.addDatabase();
  const tenants: string[] = [];
  while (tenants.length < count) tenants.push(await world.tenant(database, 6));
  return { database, tenants };
}

async function begin(from: { id: string }, to: { id: string }, request: Partial<StartRollout> = {}) {
  return startRollout(world.dependencies, {
    ...{ fromSources: [from.id], toSource: to.id, soakMs: 300, shadowReads: 0, requestedBy: 'test' },
    // Long enough for a machine that runs all tests at once.
    ...{ cutOverAttempts: 10, gates: { pauseMs: 60_000 }, move: { pauseLimitMs: 10_000, load: false } },
    ...request,
  });
}

function work() {
  return startMoveWorker(world.dependencies, (_, error) => failures.push(error));
}

/** Changes the soak time of a rollout. */
async function soakFor(id: string, soakMs: number): Promise<void> {
  await world.operations.pool.query(
    `update rollouts set options = options || jsonb_build_object('soakMs', $2::int) where id = $1`,
    [id, soakMs],
  );
}

async function until(id: string, reached: (rollout: Rollout) => boolean): Promise<Rollout> {
  for (const end = performance.now() + 240_000; performance.now() < end; ) {
    const rollout = await store.get(id);
    if (reached(rollout)) return rollout;
    if (rollout.step === 'halted' && rollout.wanted === 'pause') break;
    await sleep(100);
  }
  const ids = (await store.tenants(id)).flatMap(({ moveId }) => moveId ?? []);
  const moves = (await world.store.list({ ids })).map(({ step, wanted, error }) => ({ step, wanted, error }));
  throw new Error(
    `Stuck: ${JSON.stringify([await store.get(id), await store.events(id), moves, failures.map(String)])}`,
  );
}

const placeOf = async (tenant: string) => (await world.application.tenants.get(tenant)).dataSourceId;

describe('a rollout', { concurrency: false }, () => {
  test('moves samples first, then wave by wave, loses nothing and leaves nothing behind', async (t) => {
    const [{ database: source, tenants }, target] = [await sourceWithTenants(5), await databaseOnFifteen()];
    const sample = tenants[3] as string;
    const writer = new Writer(world.manager, sample, { writers: 1, pauseMs: 20 });
    t.after(() => writer.stop());
    const { id, waves } = await begin(source, target, { samples: [sample], percents: [40, 100], atOnce: 2 });
    assert.deepEqual(waves, ['samples', '40 %', '100 % (1 of 2)', '100 % (2 of 2)']);
    await store.want(id, 'pause');
    await advanceRollouts(world.dependencies);
    assert.deepEqual(
      (await store.tenants(id)).flatMap(({ moveId }) => moveId ?? []),
      [],
    );
    await store.want(id, 'run');
    const worker = work();
    const { step } = await until(id, ({ finishedAt }) => finishedAt !== null);
    await writer.stop();
    await worker.close();
    assert.equal(step, 'completed');
    assert.deepEqual(writer.errors, []);
    assert.deepEqual(await writer.check(target), { lost: 0, doubled: 0 });
    for (const tenant of tenants) assert.equal(await placeOf(tenant), target.id);
    const members = await store.tenants(id);
    assert.equal(members[0]?.tenantId, sample);
    const moves = await world.store.list({ ids: members.flatMap(({ moveId }) => moveId ?? []) });
    for (const move of moves) assert.deepEqual(await leftovers(source, move.id, move.tenantId), NOTHING);
    // Each wave begins after the one before it has passed.
    const created = new Map(moves.map(({ tenantId, createdAt }) => [tenantId, createdAt.getTime()]));
    const passed = (await store.events(id)).filter(({ event }) => event === 'passed');
    assert.deepEqual(
      passed.map(({ wave }) => wave),
      [0, 1, 2, 3],
    );
    for (const { tenantId, wave } of members) {
      const before = passed[wave - 1]?.at.getTime() ?? 0;
      assert.ok((created.get(tenantId) ?? 0) >= before, `wave ${wave}`);
    }
  });

  test('halts and rolls the wave back when its tenants’ statements fail, and repeats it when resumed', async (t) => {
    const [{ database: source, tenants }, target] = [await sourceWithTenants(3), await databaseOnFifteen()];
    const [sample = '', other = ''] = tenants;
    const observer = observeForMoves(world.dependencies, world.manager);
    t.after(() => observer.close());
    let reading = true;
    const answers = { good: 0, bad: 0 };
    const loop = (async () => {
      while (reading) {
        const statement = { text: 'select count(*) from accounts', values: [] };
        await world.manager.execute(sample, statement, { readOnly: true }).then(
          () => {
            answers.good += 1;
          },
          () => {
            answers.bad += 1;
          },
        );
        await sleep(10);
      }
    })();
    t.after(async () => {
      reading = false;
      await loop;
    });
    const { id } = await begin(source, target, {
      ...{ samples: [sample], percents: [100], soakMs: 600_000 },
      // Times mean nothing on a machine that runs all tests at once.
      gates: { statements: 20, latencyRatio: 1_000 },
    });
    const worker = work();
    t.after(() => worker.close());
    await until(id, ({ step }) => step === 'soaking');
    assert.equal(await placeOf(sample), target.id);
    await target.sql('revoke select on accounts from tenant_service');
    const { failed, wanted } = await until(id, ({ step }) => step === 'halted');
    assert.deepEqual([failed?.gate, failed?.tenantId, wanted], ['errors', sample, 'pause']);
    assert.match(failed?.message ?? '', /% of statements fail at the target, 0\.0 % did at the source/);
    assert.equal(await placeOf(sample), source.id);
    assert.equal(await placeOf(other), source.id);
    const [first] = await store.tenants(id);
    assert.deepEqual(await leftovers(target, first?.moveId ?? '', sample), NOTHING);
    const before = answers.bad;
    await sleep(500);
    assert.ok(before > 0 && answers.bad === before, 'in the source its reads are answered again');

    await target.sql('grant select on accounts to tenant_service');
    await soakFor(id, 300);
    await store.want(id, 'run');
    assert.equal((await until(id, ({ finishedAt }) => finishedAt !== null)).step, 'completed');
    for (const tenant of tenants) assert.equal(await placeOf(tenant), target.id);
  });

  test('rolls a wave back whose cut-over paused its tenant for too long, and starts no other', async (t) => {
    const [{ database: source, tenants }, target] = [await sourceWithTenants(3), await world.addDatabase()];
    const { id } = await begin(source, target, { percents: [30, 100], gates: { pauseMs: 0 } });
    const worker = work();
    t.after(() => worker.close());
    const { failed, wave } = await until(id, ({ step }) => step === 'halted');
    assert.deepEqual([failed?.gate, wave], ['pause', 0]);
    for (const tenant of tenants) assert.equal(await placeOf(tenant), source.id);
    assert.equal((await store.tenants(id)).filter(({ moveId }) => moveId).length, 1);
    await store.want(id, 'rollback');
    assert.equal((await until(id, ({ finishedAt }) => finishedAt !== null)).step, 'rolled_back');
  });

  test('halts without a rollback when rows of source and target differ', async (t) => {
    const [{ database: source, tenants }, target] = [await sourceWithTenants(1), await world.addDatabase()];
    const [tenant = ''] = tenants;
    const { id } = await begin(source, target, { percents: [100], soakMs: 600_000, keepRollback: true });
    const worker = work();
    t.after(() => worker.close());
    await until(id, ({ step }) => step === 'soaking');
    const rename = (from: string, to: string) =>
      source.sql(`begin; set local session_replication_role = replica;
        update accounts set name = '${to}' where tenant_id = '${tenant}' and name = '${from}'; commit`);
    await rename('Account 1', 'rogue');
    await soakFor(id, 0);
    const { failed } = await until(id, ({ step }) => step === 'halted');
    assert.deepEqual([failed?.gate, failed?.stays], ['verification', true]);
    assert.equal(await placeOf(tenant), target.id);
    // A rollback is refused while the source is wrong, and possible once it is corrected.
    await store.want(id, 'rollback');
    const refused = await until(id, ({ failed: found }) => found?.gate === 'rollback');
    assert.equal(await placeOf(tenant), target.id);
    assert.match(refused.failed?.message ?? '', /1 rows differ between source and target/);
    await rename('rogue', 'Account 1');
    await until(id, ({ step }) => step === 'halted');
    const [{ moveId } = { moveId: '' }] = await store.tenants(id);
    await world.store.want(moveId ?? '', 'rollback');
    await store.want(id, 'rollback');
    assert.equal((await until(id, ({ finishedAt }) => finishedAt !== null)).step, 'rolled_back');
    assert.equal(await placeOf(tenant), source.id);
  });

  for (const point of ['fence_closed', 'reverse_replication', 'remove_rows'] as const) {
    test(`goes on in another process after kill -9 at ${point} in the middle of a wave`, async (t) => {
      const [{ database: source, tenants }, target] = [await sourceWithTenants(4), await world.addDatabase()];
      const writers = tenants.map((tenant) => new Writer(world.manager, tenant, { writers: 1, pauseMs: 30 }));
      t.after(() => Promise.all(writers.map((writer) => writer.stop())));
      const { id } = await begin(source, target, { percents: [75, 100] });
      const child = spawn(
        process.execPath,
        [
          ...['--import', 'tsx', path.join(import.meta.dirname, 'rollout.program.ts')],
          JSON.stringify({ ...world.keys, point, times: '2' }),
        ],
        { stdio: ['ignore', 'ignore', 'inherit'] },
      );
      t.after(() => child.kill('SIGKILL'));
      await until(id, () => child.signalCode === 'SIGKILL');
      assert.equal((await store.get(id)).finishedAt, null);
      const worker = work();
      t.after(() => worker.close());
      const { step } = await until(id, ({ finishedAt, step: at }) => finishedAt !== null || at === 'halted');
      await Promise.all(writers.map((writer) => writer.stop()));
      assert.equal(step, 'completed', JSON.stringify((await store.get(id)).failed));
      for (const writer of writers) {
        assert.deepEqual(writer.errors, []);
        assert.deepEqual(await writer.check(target), { lost: 0, doubled: 0 });
      }
      for (const { tenantId, moveId } of await store.tenants(id)) {
        assert.equal(await placeOf(tenantId), target.id);
        assert.deepEqual(await leftovers(source, moveId ?? '', tenantId), NOTHING);
      }
    });
  }

  test('one rollout at a time to a data source, of tenants that are in its sources', async () => {
    const [{ database: source }, target] = [await sourceWithTenants(1), await world.addDatabase()];
    const { id } = await begin(source, target);
    await assert.rejects(begin(source, target), { code: 'rollout_already_under_way' });
    await assert.rejects(begin(source, source), { code: 'rollout_invalid' });
    await assert.rejects(begin(source, world.databases[0], { samples: [randomUUID()] }), {
      code: 'rollout_invalid',
    });
    await assert.rejects(begin(target, source), { code: 'rollout_invalid' });
    await store.want(id, 'rollback');
    await advanceRollouts(world.dependencies);
    await advanceRollouts(world.dependencies);
    assert.equal((await store.get(id)).step, 'rolled_back');
  });
});

describe('the plan', () => {
  const tenants = Array.from({ length: 40 }, (_, n) => `tenant-${n}`);
  const options = { samples: ['tenant-7', 'tenant-3'], percents: [5, 25, 100], atOnce: 10 };

  test('does not depend on the order of the tenants, and names each once', () => {
    const plan = planWaves(tenants, 'there', options);
    assert.deepEqual(plan, planWaves([...tenants].reverse(), 'there', options));
    assert.deepEqual(
      plan.map(({ name, tenants: { length } }) => [name, length]),
      [
        ['samples', 2],
        ['25 %', 8],
        ['100 % (1 of 3)', 10],
        ['100 % (2 of 3)', 10],
        ['100 % (3 of 3)', 10],
      ],
    );
    assert.deepEqual(plan[0]?.tenants, ['tenant-7', 'tenant-3']);
    assert.deepEqual(plan.flatMap((wave) => wave.tenants).sort(), [...tenants].sort());
  });

  test('keeps the order of the others when a tenant leaves, and has another order for another target', () => {
    const whole = planWaves(tenants, 'there', options).flatMap((wave) => wave.tenants);
    const without = planWaves(tenants.slice(1), 'there', options).flatMap((wave) => wave.tenants);
    assert.deepEqual(
      without,
      whole.filter((tenant) => tenant !== 'tenant-0'),
    );
    assert.notDeepEqual(
      whole,
      planWaves(tenants, 'elsewhere', options).flatMap((wave) => wave.tenants),
    );
  });

  test('refuses waves that do not grow', () => {
    for (const percents of [[50, 25], [0, 100], [120]]) {
      assert.throws(() => planWaves(tenants, 'there', { ...options, percents }), { code: 'rollout_invalid' });
    }
  });
});

test('the health gate fails on more failures or a longer 95th percentile, not on few statements', () => {
  const counts = (statements: number, faults: number, ms: number) => {
    const found = { ...emptyCounts(), statements, faults };
    found.times[bucketOf(ms)] = statements - faults;
    return found;
  };
  const gateOf = (before: ReturnType<typeof counts>, after: ReturnType<typeof counts>) =>
    compareCounts(before, after, { statements: 20 })?.gate;
  assert.equal(gateOf(counts(100, 0, 20), counts(100, 0, 20)), undefined);
  assert.equal(gateOf(counts(100, 0, 20), counts(100, 2, 20)), 'errors');
  assert.equal(gateOf(counts(100, 5, 20), counts(100, 5, 20)), undefined);
  assert.equal(gateOf(counts(100, 0, 20), counts(100, 0, 60)), 'latency');
  assert.equal(
    gateOf(counts(100, 0, 1), counts(100, 0, 4)),
    undefined,
    'a few milliseconds are not noticeable',
  );
  assert.equal(gateOf(counts(10, 0, 20), counts(100, 0, 60)), undefined, 'too few to compare with');
  assert.equal(gateOf(counts(100, 0, 20), counts(10, 10, 20)), undefined, 'too few to judge');
  const close = p95(counts(100, 0, 50)) / 50;
  assert.ok(close > 0.8 && close < 1.25);
  const failing = (code: string) =>
    isFault(
      /^[0-9A-Z]{5}$/.test(code)
        ? Object.assign(new Error('x'), { code, severity: 'ERROR' })
        : new DataSourceError(code as DataSourceErrorCode, 'x'),
    );
  assert.deepEqual(['42501', '57014', '08006', 'data_source_unreachable'].map(failing), [
    true,
    true,
    true,
    true,
  ]);
  assert.deepEqual(['23505', 'P0001', 'PT409', 'MQ001', 'tenant_moving', 'route_stale'].map(failing), [
    false,
    false,
    false,
    false,
    false,
    false,
  ]);
});

after(() => world.onPoint(() => {}));
