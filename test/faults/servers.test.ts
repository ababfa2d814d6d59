// Each of the four servers of a move is killed while moves stand at every point; each comes back, and all go on.
import { describe, test } from 'node:test';
import type { EmbeddedServer } from '@/lib/embedded';
import { createWorld } from '../lib/movement/world';
import { createTestDatabase, startTestServer } from '../support/postgres';
import { checkAll, EVERY_POINT, inBatches, insistOn, prepareMoves, runHere } from './frozen';

// With the tests' usual synchronous_commit = off a killed server forgets writes that it has acknowledged, move or no move.
const settings = {
  synchronous_commit: 'on',
  max_connections: 500,
  max_replication_slots: 60,
  max_wal_senders: 60,
};
const start = () => startTestServer({ settings });
const [oldHome, newHome, operations, application] = (await Promise.all([
  start(),
  start(),
  start(),
  start(),
])) as [EmbeddedServer, EmbeddedServer, EmbeddedServer, EmbeddedServer];
const world = await createWorld({
  homes: [
    await createTestDatabase('home', undefined, oldHome.url()),
    await createTestDatabase('home', undefined, newHome.url()),
  ],
  servers: { operations: operations.url(), application: application.url() },
});

describe('killed while moves stand at every point:', { concurrency: false }, () => {
  const all = EVERY_POINT;
  for (const [name, server, points] of [
    ['the old home', oldHome, all.filter((_, place) => place % 2 === 0)],
    ['the new home', newHome, all.filter((_, place) => place % 2 === 1)],
    ['the operations database', operations, all.filter((_, place) => place % 3 === 0)],
    [
      'the application database',
      application,
      all.slice(all.indexOf('close_fence'), all.indexOf('way_back') + 1),
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
        // Writes fail while their server is away; what was acknowledged counts.
        await checkAll(world, frozen, { mayFail: true });
      });
    });
  }
});
