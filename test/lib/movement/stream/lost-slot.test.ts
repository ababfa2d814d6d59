// Replication slots that are gone, or have lost the WAL since their position.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectName } from '@/lib/movement/control/move';
import { administer, createTestDatabase, startTestServer } from '../../../support/postgres';
import { until } from '../../../support/until';
import { createWorld } from '../world';

// Every checkpoint of the target invalidates slots that have not been read since.
const server = await startTestServer({ settings: { max_slot_wal_keep_size: '1MB' } });
const world = await createWorld({
  databases: [undefined, await createTestDatabase('database', undefined, server.url())],
});
const [source, target] = world.databases;

test('a run that finds the forward slot gone leaves no connection', async () => {
  const move = await world.start(await world.tenant(source, 5), target);
  assert.equal(await world.run(move), 'ready');
  const { rows } = await source.sql(
    'select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name like $1',
    [`${objectName(move.id, 'forward')}%`],
  );
  assert.equal(rows.length, 1);
  await assert.rejects(world.run(move), { code: 'move_slot_lost' });
  const sessions = async (database: typeof source) =>
    (
      await database.sql('select from pg_stat_activity where application_name = $1', [
        `marquee move ${move.id}`,
      ])
    ).rowCount;
  const noneIsLeft = async () => !(await sessions(source)) && !(await sessions(target));
  await until(noneIsLeft, 'the end of the move’s sessions');
  assert.equal(await world.want(move, 'abort'), 'aborted');
});

test('a reverse slot that was invalidated before the cut-over is made again', async () => {
  const tenant = await world.tenant(source, 5);
  const move = await world.start(tenant, target);
  assert.equal(await world.run(move), 'ready');
  for (let segment = 0; segment < 3; segment += 1) {
    await administer(server.url(), "select pg_logical_emit_message(true, 'test', ''), pg_switch_wal()");
  }
  await administer(server.url(), 'checkpoint');
  const { rows } = await target.sql('select wal_status from pg_replication_slots where slot_name = $1', [
    objectName(move.id, 'reverse'),
  ]);
  assert.deepEqual(rows, [{ wal_status: 'lost' }]);
  assert.equal(await world.run(move), 'ready');
  assert.equal(await world.want(move, 'cut_over'), 'moved');
  assert.equal(await world.want(move, 'rollback'), 'rolled_back');
});
