// Each of the four servers of a move is killed while moves are held at every point; when it is back, all moves go on.
import { describe, test } from 'node:test';
import type { EmbeddedServer } from '@/lib/embedded';
import { createWorld } from '../lib/movement/world';
import { createTestDatabase, startTestServer } from '../support/postgres';
import { checkAll, EVERY_POINT, inBatches, insistOn, prepareMoves, runHere } from './frozen';

// The tests' usual synchronous_commit = off would lose acknowledged writes of a killed server, with or without a move.
const settings = {
  synchronous_commit: 'on',
  max_connections: 500,
  max_replication_slots: 60,
  max_wal_senders: 60,
};
const start = () => startTestServer({ settings });
const [sourceServer, targetServer, operations, application] = (await Promise.all([
  start(),
  start(),
  start(),
  start(),
])) as [EmbeddedServer, EmbeddedServer, EmbeddedServer, EmbeddedServer];
const world = await createWorld({
  databases: [
    await createTestDatabase('database', undefined, sourceServer.url()),
    await createTestDatabase('database', undefined, targetServer.url()),
  ],
  servers: { operations: operations.url(), application: application.url() },
});

describe('a server killed while moves are held at every point:', { concurrency: false }, () => {
  const all = EVERY_POINT;
  for (const [name, server, points] of [
    ['the source', sourceServer, all.filter((_, place) => place % 2 === 0)],
    ['the target', targetServer, all.filter((_, place) => place % 2 === 1)],
    ['the operations database', operations, all.filter((_, place) => place % 3 === 0)],
    [
      'the application database',
      application,
      all.slice(all.indexOf('close_fence'), all.indexOf('reverse_replication') + 1),
    ],
  ] as const) {
    test(`${name} comes back, and every move goes on`, async () => {
      await inBatches(points, 14, async (batch) => {
        const frozen = await prepareMoves(world, batch);
        const { go, ended } = await runHere(world, frozen);
        await server.kill('SIGQUIT');
        await server.start();
        go();
        await ended;
        await insistOn(world, frozen, 'completed');
        // Writes fail while their server is down; acknowledged ones count.
        await checkAll(world, frozen, { mayFail: true });
      });
    });
  }
});
