import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RolloutStore } from '@/lib/movement/rollout/rollout-store';
import { startRollout } from '@/lib/movement/rollout/start-rollout';
import { advanceRollouts } from '@/lib/movement/rollout/step';
import { createWorld } from '../world';

const world = await createWorld();
const { dependencies, application } = world;
const store = new RolloutStore(world.operations.pool);

/** A rollout of the tenants of a new database to another new one. */
async function begin(count: number) {
  const [from, to] = [await world.addDatabase(), await world.addDatabase()];
  const tenants: string[] = [];
  while (tenants.length < count) tenants.push(await world.tenant(from, 3));
  const request = { fromSources: [from.id], toSource: to.id, percents: [100], requestedBy: 'test' };
  return { tenants, rollout: await startRollout(dependencies, request) };
}

const movesOf = async (id: string) => {
  const ids = (await store.tenants(id)).flatMap(({ moveId }) => moveId ?? []);
  return (await world.store.list({ ids })).map(({ tenantId }) => tenantId);
};

test('a tenant that was erased since a rollout was planned is left out, and the others are moved', async () => {
  const { tenants, rollout } = await begin(3);
  const [gone = '', ...others] = tenants;
  await application.tenants.remove(gone);
  assert.equal(await advanceRollouts(dependencies), true);
  assert.deepEqual((await movesOf(rollout.id)).sort(), others.sort());
  const skipped = (await store.tenants(rollout.id)).filter(({ skipped }) => skipped !== null);
  assert.deepEqual(
    skipped.map(({ tenantId, skipped }) => [tenantId, skipped]),
    [[gone, 'There is no such tenant any more.']],
  );
});

test('a tenant that is being restored is moved with its wave when that has ended', async () => {
  const { tenants, rollout } = await begin(2);
  const [restored = '', other = ''] = tenants;
  await world.operations.reservedIds.withoutNewMoves(restored, async () => {
    assert.equal(await advanceRollouts(dependencies), true);
    assert.deepEqual(await movesOf(rollout.id), [other]);
    await world.operations.pool.query("update moves set step = 'reverse_replication' where tenant_id = $1", [
      other,
    ]);
    await advanceRollouts(dependencies);
    assert.equal((await store.get(rollout.id)).step, 'moving');
  });
  await advanceRollouts(dependencies);
  assert.deepEqual((await movesOf(rollout.id)).sort(), tenants.sort());
  assert.deepEqual(
    (await store.tenants(rollout.id)).filter(({ skipped }) => skipped !== null),
    [],
  );
});

test('a rollout that fails does not keep others from going on', async () => {
  // Whichever comes first.
  const [one, two] = [await begin(1), await begin(1)];
  for (const [fails, goesOn] of [
    [one, two],
    [two, one],
  ] as const) {
    const both = [...fails.tenants, ...goesOn.tenants];
    await world.operations.pool.query('delete from moves where tenant_id = any ($1)', [both]);
    const failed = new Error('The application database does not answer.');
    const route: typeof dependencies.route = async (tenantId) => {
      if (fails.tenants.includes(tenantId)) throw failed;
      return dependencies.route(tenantId);
    };
    await assert.rejects(advanceRollouts({ ...dependencies, route }), failed);
    assert.deepEqual(await movesOf(goesOn.rollout.id), goesOn.tenants);
  }
});

test('all open moves are listed, so that the oldest of very many go on too', async () => {
  await world.operations.pool.query(
    `insert into moves (tenant_id, from_source, to_source, from_tenant_id, to_tenant_id, mode, requested_by)
     select gen_random_uuid(), 'from', 'to', gen_random_uuid(), gen_random_uuid(), 'logical', 'test' from generate_series(1, 501)`,
  );
  assert.ok((await world.store.list({ open: true })).length > 500);
  assert.equal((await world.store.list()).length, 500);
});
