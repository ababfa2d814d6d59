// The source, then the target, fails over to its standby while moves are held at every point. Replication slots stay behind.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type MovePoint, remedyOf } from '@/lib/movement';
import { createWorld } from '../lib/movement/world';
import { administer, createTestDatabase, startTestServer } from '../support/postgres';
import { inTime, until } from '../support/until';
import { checkAll, type FrozenMove, prepareMoves, runHere } from './frozen';

const settings = {
  synchronous_commit: 'on',
  max_connections: 300,
  max_replication_slots: 60,
  max_wal_senders: 60,
  wal_keep_size: '256MB',
};

type Pair = Awaited<ReturnType<typeof startPair>>;

/** A primary with a standby that has each commit before it is acknowledged. */
async function startPair() {
  const primary = await startTestServer({ settings });
  const databaseUrl = await createTestDatabase('database', undefined, primary.url());
  const standby = await startTestServer({ settings, replicaOf: primary });
  const { host, pathname } = new URL(databaseUrl);
  const both = (url: string) => url.replace(host, `${host},127.0.0.1:${standby.port}`);
  return { primary, standby, databaseUrl, name: pathname.slice(1), ways: { router: both, mover: both } };
}

const [from, to] = await Promise.all([startPair(), startPair()]);
const world = await createWorld({
  databases: [from.databaseUrl, to.databaseUrl],
  ways: [from.ways, to.ways],
});
for (const { primary } of [from, to]) {
  await administer(primary.url(), `alter system set synchronous_standby_names = '*'`);
  await administer(primary.url(), 'select pg_reload_conf()');
  await until(async () => {
    const { rows } = await administer(
      primary.url(),
      'select from pg_stat_replication where sync_state = $1',
      ['sync'],
    );
    return rows.length === 1;
  }, 'a synchronous standby');
}

async function failOver({ primary, standby, name }: Pair, database: (typeof world.databases)[number]) {
  await primary.kill('SIGQUIT');
  await administer(standby.url(), 'select pg_promote()');
  const adminUrl = standby.url(name);
  Object.assign(database, {
    adminUrl,
    sql: (text: string, values?: unknown[]) => administer(adminUrl, text, values),
  });
}

/** Runs a move as a worker does and, where it needs its operator, gives the command that it names. @returns how it ended, and after which error */
async function settle({ move, point }: FrozenMove): Promise<string> {
  let why = '';
  const ended = async () => {
    const end = await inTime(world.run(move), `${point}: a run`).catch(async (error: { code?: string }) => {
      if (error.code !== 'move_slot_lost') throw error;
      const command = remedyOf(await world.store.get(move.id))?.commands[0];
      assert.ok(command, `${point}: a command that helps`);
      why = ` after ${error.code}`;
      await world.store.want(move.id, command);
      return inTime(world.run(move), `${point}: ${command}`);
    });
    return end === 'completed' || end === 'aborted' ? end : undefined;
  };
  return `${await until(ended, `${point}: an end`, { limitMs: 180_000, everyMs: 250, retry: true })}${why}`;
}

describe('a failover of', { concurrency: false }, () => {
  for (const [name, pair, place, ends] of [
    [
      'the source: a copy begins again, and what was copied before is of no use without the slot',
      from,
      0,
      {
        completed: [
          'create_publication',
          'create_slot',
          'copy',
          'copied_range',
          'decided',
          'reverse_replication',
          'remove_rows',
        ],
        'aborted after move_slot_lost': ['catch_up', 'verified', 'fence_closed'],
      },
    ],
    [
      'the target: a move goes on, and after the cut-over it cannot be rolled back',
      to,
      1,
      {
        completed: [
          'hold_target_fence',
          'copy',
          'copied_range',
          'applied',
          'verified',
          'fence_closed',
          'remove_rows',
        ],
        'completed after move_slot_lost': ['decided', 'fence_opened'],
      },
    ],
  ] as [string, Pair, 0 | 1, Record<string, MovePoint[]>][]) {
    test(name, async () => {
      const frozen = await prepareMoves(world, Object.values(ends).flat());
      const { go, ended } = await runHere(world, frozen);
      await failOver(pair, world.databases[place]);
      go();
      await ended;
      const found = new Map(
        await Promise.all(frozen.map(async (one) => [one.point, await settle(one)] as const)),
      );
      const expected = Object.entries(ends).flatMap(([end, points]) =>
        points.map((point) => [point, end] as const),
      );
      assert.deepEqual(found, new Map(expected));
      const aborted = frozen.filter(({ point }) => found.get(point)?.startsWith('aborted'));
      await checkAll(
        world,
        frozen.filter((one) => !aborted.includes(one)),
        { mayFail: true },
      );
      await checkAll(world, aborted, { isAt: 'from', mayFail: true });
      for (const { tenant, writer } of aborted.slice(0, 1)) {
        const again = await world.start(tenant, world.databases[1], {
          options: { autoCutOver: true, autoComplete: true },
        });
        assert.equal(await inTime(world.run(again), 'the move that was started again'), 'completed');
        assert.deepEqual(await writer.check(world.databases[1], tenant), { lost: 0, doubled: 0 });
      }
    });
  }
});
