// Commands of the operator that meet a step of the rollout.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandRollout } from '@/lib/movement';
import { type Rollout, type RolloutCommand, RolloutStore } from '@/lib/movement/rollout/rollout-store';
import { advanceRollouts } from '@/lib/movement/rollout/step';
import { createWorld } from '../world';

const world = await createWorld();
const { operations } = world.dependencies;
const store = new RolloutStore(operations);
const by = 'test';

/** A rollout whose only wave has no tenants, so that its steps wait for nothing. */
async function soaking(): Promise<Rollout> {
  const made = await store.create(
    {
      ...{ fromSources: [world.databases[0].id], toSource: world.databases[1].id, requestedBy: by },
      options: {
        ...{ soakMs: 0, shadowReads: 0, shadowReadsMs: 0, keepRollback: false, cutOverAttempts: 1 },
        ...{ gates: {}, move: {} },
      },
    },
    [{ name: '100 %', tenants: [], from: new Map() }],
  );
  await store.setStep(made, 'soaking');
  return made;
}

/** Gives a command before the first statement that records a step, and advances the rollout as far as it goes. */
async function advanceWith(id: string, step: string, wanted: RolloutCommand): Promise<Rollout> {
  let given = false;
  const query = async (text: string, values: unknown[] = []) => {
    if (!given && values.includes(step)) {
      given = true;
      await commandRollout(world.dependencies, id, wanted, { by });
    }
    return operations.query(text, values);
  };
  const observed = new Proxy(operations, {
    get: (pool, name) => (name === 'query' ? query : Reflect.get(pool, name)),
  });
  await advanceRollouts({ ...world.dependencies, operations: observed });
  assert.ok(given, `${step} was not reached`);
  return store.get(id);
}

for (const [wanted, before, step] of [
  ['halt', 'closing', 'halted'],
  ['pause', 'closing', 'soaking'],
  ['rollback', 'completed', 'rolled_back'],
] as const) {
  test(`${wanted}, given just before the step ${before} is recorded, is carried out`, async () => {
    const { id } = await soaking();
    assert.equal((await advanceWith(id, before, wanted)).step, step);
    const passed = (await store.events(id)).some(({ event }) => event === 'passed');
    assert.equal(passed, before === 'completed');
    await operations.query('delete from rollouts where id = $1', [id]);
  });
}

test('a command is refused where the rollout has gone on meanwhile, or never had a meaning there', async () => {
  const rollout = await soaking();
  const goesOn = { ...world.dependencies, audit: () => store.setStep(rollout, 'closing') };
  await assert.rejects(commandRollout(goesOn, rollout.id, 'halt', { by }), {
    code: 'rollout_not_possible',
    message: 'The rollout has gone on or ended meanwhile.',
  });
  await assert.rejects(commandRollout(world.dependencies, rollout.id, 'halt', { by }), {
    message: 'halt is not possible at the step “closing”.',
  });
  assert.equal((await store.get(rollout.id)).wanted, 'run');
});

test('rollouts are listed page by page, and all that are open', async () => {
  await operations.query('delete from rollouts');
  await operations.query(
    `insert into rollouts (from_sources, to_source, waves, requested_by, created_at, finished_at)
     select '{a}', n::text, '{all}', 'test', now() - n * interval '1 minute', case when n > 600 then now() end from generate_series(1, 700) n`,
  );
  const targets = async (filter: Parameters<RolloutStore['list']>[0]) =>
    (await store.list(filter)).map(({ id, toSource }) => ({ id, n: Number(toSource) }));
  const first = await targets({ limit: 3 });
  assert.deepEqual(
    first.map(({ n }) => n),
    [1, 2, 3],
  );
  const next = await targets({ limit: 3, before: first.at(-1)?.id });
  assert.deepEqual(
    next.map(({ n }) => n),
    [4, 5, 6],
  );
  assert.equal((await targets({ open: true })).length, 600);
});
