// An id at a target belongs to one tenant, in whatever order moves and provisioning ask for it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';
import pg from 'pg';
import { provisionTenant } from '@/lib/data-sources';
import type { Move } from '@/lib/movement';
import { startMove } from '@/lib/movement/control/requests';
import { planRollout } from '@/lib/movement/rollout/start-rollout';
import { createWorld, fill, leftovers, NOTHING } from '../world';

const world = await createWorld();
const [one, target] = world.databases;
const otherSource = await world.addDatabase();
after(() => world.onPoint(() => {}));

/** Two tenants of two data sources with one id there. */
async function twoOfOneId() {
  const id = randomUUID();
  return { id, first: await world.tenant(one, 20, id), second: await world.tenant(otherSource, 20, id) };
}

const start = (tenantId: string, toTenantId?: string) =>
  startMove(world.dependencies, {
    ...{ tenantId, toSource: target.id, requestedBy: 'test' },
    ...(toTenantId ? { toTenantId } : {}),
    options: { load: false, autoCutOver: true, autoComplete: true },
  });

/** As an older version recorded it: no id is reserved. */
async function recordUnreserved(tenantId: string, id: string, from: { id: string }): Promise<Move> {
  const move = await world.start(tenantId, target, {
    ...{ from, fromTenantId: id, toTenantId: randomUUID() },
    options: { autoCutOver: true, autoComplete: true },
  });
  const { pool } = world.operations;
  await pool.query('delete from reserved_ids where move_id = $1', [move.id]);
  await pool.query('update moves set to_tenant_id = $2, from_epoch = null where id = $1', [move.id, id]);
  return world.store.get(move.id);
}

const countAt = async (database: typeof target, id: string) =>
  Number(
    (await database.sql('select count(*)::int as n from accounts where tenant_id = $1', [id])).rows[0]?.n,
  );

describe('two tenants with the same id', { concurrency: false }, () => {
  test('the second move is refused at its start; under another id it succeeds', async () => {
    const { id, first, second } = await twoOfOneId();
    const moves = await Promise.allSettled([start(first), start(second)]);
    const refused = moves.filter((move) => move.status === 'rejected');
    assert.deepEqual(
      refused.map(({ reason }) => reason.code),
      ['move_id_taken'],
    );
    assert.match(refused[0]?.reason.hint, /--to-tenant-id/);
    const [started] = moves.flatMap((move) => (move.status === 'fulfilled' ? [move.value] : []));
    assert.equal(await world.run(started as Move), 'completed');
    const late = started?.tenantId === first ? second : first;
    // The id is the first tenant's by its route now.
    await assert.rejects(start(late), { code: 'move_id_taken' });
    const elsewhere = randomUUID();
    assert.equal(await world.run(await start(late, elsewhere)), 'completed');
    assert.deepEqual([await countAt(target, id), await countAt(target, elsewhere)], [20, 20]);
  });

  test('the source of a move stays reserved until the move has ended', async () => {
    const { id, first, second } = await twoOfOneId();
    const move = await world.start(first, target, { fromTenantId: id, toTenantId: id });
    await world.run(move);
    assert.equal(await world.want(move, 'cut_over'), 'moved');
    // The route has left; the rows that a rollback needs are still there.
    await assert.rejects(
      startMove(world.dependencies, { tenantId: second, toSource: one.id, requestedBy: 'test' }),
      { code: 'move_id_taken' },
    );
    assert.equal(await world.want(move, 'rollback'), 'rolled_back');
    assert.equal(await countAt(one, id), 20);
  });

  for (const point of ['copied_range', 'reverse_replication'] as const) {
    test(`a second move while the first is at ${point} does not harm it, nor does aborting the second`, async () => {
      const { id, first, second } = await twoOfOneId();
      const move = await start(first);
      const late = await recordUnreserved(second, id, otherSource);
      let came = false;
      const end = await world.run(move, async (at) => {
        if (at !== point || came) return;
        came = true;
        await assert.rejects(world.run(late), { code: 'move_id_taken' });
        // Past the check, as when both passed it at the same moment: the database itself refuses.
        await world.operations.pool.query(`update moves set step = 'preparing' where id = $1`, [late.id]);
        await assert.rejects(world.run(late), { code: 'move_id_taken' });
        assert.equal(await world.want(late, 'abort'), 'aborted');
      });
      assert.ok(came);
      assert.equal(end, 'completed');
      assert.equal(await countAt(target, id), 20);
      assert.equal(await countAt(otherSource, id), 20);
      await world.manager.execute(first, {
        text: `insert into accounts (name) values ('after')`,
        values: [],
      });
      await world.manager.execute(second, {
        text: `insert into accounts (name) values ('after')`,
        values: [],
      });
    });
  }

  test('of two moves that pass the checks at the same moment, the first at the fence goes on and the other fails', async () => {
    const { id, first, second } = await twoOfOneId();
    const move = await start(first);
    const other = await recordUnreserved(second, id, otherSource);
    await world.operations.pool.query(`update moves set step = 'preparing' where id = $1`, [other.id]);
    let ended = '';
    const run = world.run(move, async (at) => {
      if (at === 'hold_target_fence') ended = await world.run(other);
    });
    await assert.rejects(run, { code: 'move_id_taken' });
    assert.equal(ended, 'completed');
    assert.equal(await world.want(move, 'abort'), 'aborted');
    assert.deepEqual([await countAt(target, id), await countAt(one, id)], [20, 20]);
  });

  test('while the first waits behind a long transaction, the second is refused', async () => {
    const { id, first, second } = await twoOfOneId();
    const client = new pg.Client({ connectionString: one.adminUrl });
    await client.connect();
    await client.query('begin; select pg_current_xact_id()');
    const move = await start(first);
    const running = world.run(move);
    while ((await world.store.get(move.id)).step !== 'preparing') await new Promise(setImmediate);
    await assert.rejects(start(second), { code: 'move_id_taken' });
    await client.query('commit');
    await client.end();
    assert.equal(await running, 'completed');
    assert.deepEqual([await countAt(target, id), await countAt(otherSource, id)], [20, 20]);
  });

  test('a rollout from two data sources says which tenants would be one', async () => {
    const [here, there, to] = [
      await world.addDatabase(),
      await world.addDatabase(),
      await world.addDatabase(),
    ];
    const id = randomUUID();
    const [first, second] = [await world.tenant(here, 1, id), await world.tenant(there, 1, id)];
    const request = { fromSources: [here.id, there.id], toSource: to.id };
    const names = await Promise.all(
      [first, second].map(async (tenant) => (await world.application.tenants.get(tenant)).subdomain),
    );
    await assert.rejects(planRollout(world.dependencies, request), (error: Error & { code: string }) => {
      assert.equal(error.code, 'rollout_invalid');
      return names.every((name) => error.message.includes(name));
    });
  });
});

describe('provisioning during a move', { concurrency: false }, () => {
  const create = (idThere: string) =>
    provisionTenant(world, {
      ...{ name: 'New', subdomain: `n-${randomUUID().slice(0, 8)}`, dataSource: target.id },
      tenantIdInDataSource: idThere,
    });

  test('no tenant is provisioned under an id that a move has reserved', async () => {
    const tenant = await world.tenant(one, 20);
    const move = await start(tenant);
    assert.equal(
      await world.run(move, async (at) => {
        if (at === 'copied_range' || at === 'reverse_replication')
          await assert.rejects(create(tenant), { code: 'place_taken' });
      }),
      'completed',
    );
    assert.equal(await countAt(target, tenant), 20);
    await assert.rejects(create(tenant), { code: 'place_taken' });
    assert.equal(await countAt(target, tenant), 20);
  });

  test('a move is refused while a tenant is provisioned under its id', async () => {
    const tenant = await world.tenant(one, 5);
    const created = await create(tenant);
    await assert.rejects(start(tenant), { code: 'move_id_taken' });
    assert.equal((await world.application.tenants.get(created.id)).status, 'active');
  });

  test('rows that no route points to are neither reused nor removed', async () => {
    const tenant = await world.tenant(one, 5);
    await fill(target, tenant, 7);
    await assert.rejects(create(tenant), { code: 'place_taken' });
    const move = await start(tenant);
    await assert.rejects(world.run(move), { code: 'move_preflight_failed' });
    await world.operations.pool.query(`update moves set step = 'preparing' where id = $1`, [move.id]);
    await assert.rejects(world.run(move), { code: 'move_id_taken' });
    assert.equal(await world.want(move, 'abort'), 'aborted');
    assert.equal(await countAt(target, tenant), 7);
  });
});

describe('a route changed outside of moves', { concurrency: false }, () => {
  test('rows that it points to are never removed, and the abort fails', async () => {
    const tenant = await world.tenant(one, 5);
    const move = await world.start(tenant, target);
    assert.equal(await world.run(move), 'ready');
    const squatter = await world.tenant(otherSource, 5);
    const { epoch } = await world.dependencies.route(squatter);
    const changeRoute = await world.dependencies.prepareRoute(squatter, {
      dataSourceId: target.id,
      tenantIdInDataSource: tenant,
    });
    await changeRoute(epoch, 'test');
    await assert.rejects(world.want(move, 'abort'), { code: 'move_route_changed' });
    assert.equal(await countAt(target, tenant), 5);
    assert.equal((await world.store.get(move.id)).step, 'aborting');
    await world.application.tenants.remove(squatter);
    assert.equal(await world.want(move, 'abort'), 'aborted');
    assert.deepEqual(await leftovers(target, move.id, tenant), NOTHING);
  });

  test('a cut-over to an id that another tenant’s route has taken fails, and the tenant stays at the source', async () => {
    const tenant = await world.tenant(one, 5);
    const move = await world.start(tenant, target);
    await world.run(move);
    const squatter = await world.tenant(otherSource, 5);
    const { epoch } = await world.dependencies.route(squatter);
    const changeRoute = await world.dependencies.prepareRoute(squatter, {
      dataSourceId: target.id,
      tenantIdInDataSource: tenant,
    });
    await changeRoute(epoch, 'test');
    await assert.rejects(world.want(move, 'cut_over'), { code: 'move_id_taken' });
    await world.manager.execute(tenant, { text: `insert into accounts (name) values ('on')`, values: [] });
    await world.application.tenants.remove(squatter);
    assert.equal(await world.want(move, 'abort'), 'aborted');
  });
});
