// A process that runs moves is killed, or suspended and resumed late, at every point of a move.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import type { MovePoint } from '@/lib/movement';
import { createWorld } from '../lib/movement/world';
import { createTestDatabase, startTestServer } from '../support/postgres';
import {
  checkAll,
  EVERY_POINT,
  inBatches,
  insistOn,
  prepareMoves,
  runHere,
  runInProcess,
  wantAll,
} from './frozen';

const settings = { max_connections: 900, max_replication_slots: 120, max_wal_senders: 120 };
const server = await startTestServer({ settings });
const database = () => createTestDatabase('database', undefined, server.url());
const world = await createWorld({ databases: [await database(), await database()] });

const AT_ONCE = 9;
/** Each test has many moves, in processes of their own. */
const timeout = 420_000;
const ROLLING_BACK: MovePoint[] = [
  ...([
    'clean_up',
    'apply',
    'applied',
    'reverse_replication',
    'close_fence',
    'fence_closed',
    'drained',
  ] as const),
  ...(['verify_changed', 'record_decision', 'decide', 'decided', 'fence_opened'] as const),
  ...(['remove_rows', 'remove_fence'] as const),
];

const WITH_CHANGE_LOG: MovePoint[] = [
  ...([
    'create_publication',
    'copy',
    'copied_range',
    'create_reverse_replication',
    'apply',
    'applied',
  ] as const),
  ...([
    'fence_closed',
    'drained',
    'verify_changed',
    'clean_up',
    'reverse_replication',
    'remove_rows',
  ] as const),
];

describe('a process that runs moves', { concurrency: false }, () => {
  test('is killed at every point: another process goes on', { timeout }, () =>
    inBatches(EVERY_POINT, AT_ONCE, async (points) => {
      const frozen = await prepareMoves(world, points);
      const { child } = await runInProcess(world, frozen);
      child.kill('SIGKILL');
      await once(child, 'exit');
      await insistOn(world, frozen, 'completed');
      await checkAll(world, frozen);
    }),
  );

  test(
    'is killed where a move that keeps a change log does something of its own: another goes on',
    {
      timeout,
    },
    () =>
      // Dropping a change log's triggers waits for all readers of the tables, also for held copies: moves that end come last.
      inBatches(WITH_CHANGE_LOG, WITH_CHANGE_LOG.length / 2, async (points) => {
        const frozen = await prepareMoves(world, points, 'change_log');
        const { child } = await runInProcess(world, frozen);
        child.kill('SIGKILL');
        await once(child, 'exit');
        await insistOn(world, frozen, 'completed');
        await checkAll(world, frozen);
      }),
  );

  test(
    'is suspended at every point: another process takes over, and the first does no harm when it wakes up',
    { timeout },
    () =>
      inBatches(EVERY_POINT, 14, async (points) => {
        const frozen = await prepareMoves(world, points);
        const { child, ends } = await runInProcess(world, frozen);
        child.kill('SIGSTOP');
        await insistOn(world, frozen, 'completed');
        child.kill('SIGCONT');
        child.stdin?.write('go\n');
        await once(child, 'exit');
        assert.equal(ends.size, frozen.length);
        // What it does late must have no effect: no rows removed, no fence closed, no object created.
        for (const { tenant } of frozen) {
          await world.manager.execute(tenant, {
            text: `insert into locations (name) values ('late')`,
            values: [],
          });
        }
        await checkAll(world, frozen);
      }),
  );

  test('is killed at every point of a rollback: another process goes on', { timeout }, () =>
    inBatches(ROLLING_BACK, AT_ONCE, async (points) => {
      const frozen = await prepareMoves(world, points, 'logical', { autoComplete: false });
      await insistOn(world, frozen, 'moved');
      await wantAll(world, frozen, 'rollback');
      const { child } = await runInProcess(world, frozen);
      child.kill('SIGKILL');
      await once(child, 'exit');
      await insistOn(world, frozen, 'rolled_back');
      await checkAll(world, frozen, { isAt: 'from' });
    }),
  );

  test('is aborted at every point: the tenant stays at, or is rolled back to, the source', { timeout }, () =>
    inBatches(
      EVERY_POINT.filter((point) => !point.startsWith('remove_')),
      AT_ONCE,
      async (points) => {
        const frozen = await prepareMoves(world, points);
        const { go, ended } = await runHere(world, frozen);
        await wantAll(world, frozen, 'abort');
        go();
        await ended;
        await insistOn(world, frozen, 'aborted', 'rolled_back');
        await checkAll(world, frozen, { isAt: 'from' });
      },
    ),
  );
});
