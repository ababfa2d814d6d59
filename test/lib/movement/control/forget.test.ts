// A database of a move that is gone for good.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { commandMove, manualCleanUp } from '@/lib/movement';
import { administer } from '../../../support/postgres';
import { createWorld, leftovers, NOTHING } from '../world';

const world = await createWorld();
const [database] = world.databases;
type Endpoint = Awaited<ReturnType<typeof world.addDatabase>>;

async function drop(gone: Endpoint): Promise<void> {
  const server = new URL(gone.adminUrl);
  const name = server.pathname.slice(1);
  server.pathname = '/postgres';
  await administer(server.toString(), `drop database ${name} with (force)`);
}

const write = (tenant: string) =>
  world.manager.execute(tenant, { text: `insert into accounts (name) values ('on')`, values: [] });

const audited = async (tenant: string) =>
  (await world.application.audit.list({ tenantId: tenant })).map(({ action }) => action);

describe('a database that is lost for good', { concurrency: false }, () => {
  test('target: the abort fails to clean up there, and ends when the target is forgotten', async () => {
    const gone = await world.addDatabase();
    const tenant = await world.tenant(database, 5);
    const move = await world.start(tenant, gone);
    assert.equal(await world.run(move), 'ready');
    await drop(gone);
    await assert.rejects(world.want(move, 'abort'));
    const { step, error } = await world.store.get(move.id);
    assert.deepEqual([step, error?.code], ['aborting', '3D000']);
    await commandMove(world.dependencies, move.id, 'abort', { forget: 'target' });
    assert.equal(await world.run(move), 'aborted');
    const { progress } = await world.store.get(move.id);
    assert.deepEqual(progress.left?.map(({ kind }) => kind).sort(), [
      ...['fence', 'progress', 'publication', 'rows', 'slot'],
    ]);
    assert.match(manualCleanUp(progress.left ?? []).join('\n'), /pg_drop_replication_slot\('marquee_move_/);
    const { fences: _, rows: __, ...made } = await leftovers(database, move.id, tenant);
    assert.deepEqual(Object.values(made), Object.values(made).fill(0));
    assert.ok((await audited(tenant)).includes('tenants.move_target_forgotten'));
    await write(tenant);
    // Nothing keeps it from being moved again.
    const again = await world.start(tenant, world.databases[1]);
    assert.equal(await world.run(again), 'ready');
    assert.equal(await world.want(again, 'abort'), 'aborted');
    assert.deepEqual(await leftovers(world.databases[1], again.id, tenant), NOTHING);
  });

  test('target, within a cut-over: the tenant goes on at the source by itself', async () => {
    const gone = await world.addDatabase();
    const tenant = await world.tenant(database, 5);
    const move = await world.start(tenant, gone);
    assert.equal(await world.run(move), 'ready');
    const { attempt } = await world.store.get(move.id);
    await world.operations.pool.query(`update moves set step = 'cutting_over' where id = $1`, [move.id]);
    await database.sql('select tenancy.hold_fence($1, $2)', [tenant, `move ${move.id}#${attempt}`]);
    await drop(gone);
    await assert.rejects(world.run(move));
    await write(tenant);
    await commandMove(world.dependencies, move.id, 'abort', { forget: 'target' });
    assert.equal(await world.run(move), 'aborted');
  });

  test('source, after the cut-over: the move is completed without it', async () => {
    const gone = await world.addDatabase();
    const tenant = await world.tenant(gone, 5);
    const move = await world.start(tenant, database, { from: gone });
    await world.run(move);
    assert.equal(await world.want(move, 'cut_over'), 'moved');
    await drop(gone);
    await assert.rejects(commandMove(world.dependencies, move.id, 'abort', { forget: 'target' }), {
      code: 'move_not_possible',
      hint: /restore the target/,
    });
    await assert.rejects(world.want(move, 'complete'));
    await commandMove(world.dependencies, move.id, 'complete', { forget: 'source' });
    assert.equal(await world.run(move), 'completed');
    assert.ok((await audited(tenant)).includes('tenants.move_source_forgotten'));
    await write(tenant);
    const { slots, publications, progress } = await leftovers(database, move.id, tenant);
    assert.deepEqual([slots, publications, progress], [0, 0, 0]);
  });
});
