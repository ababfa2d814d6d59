// Two tenants at work change places: each move's target is the other's source.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createWorld, leftovers, NOTHING, Writer } from '../world';

const world = await createWorld();
const [one, other] = world.databases;

describe('two tenants that swap their databases', { concurrency: false }, () => {
  for (const end of ['completed', 'rolled_back'] as const) {
    test(`at the same time, and are ${end}`, async () => {
      const first = await world.tenant(one, 30);
      const second = await world.tenant(other, 30);
      const writers = [first, second].map(
        (tenant) => new Writer(world.manager, tenant, { writers: 2, pauseMs: 10 }),
      );
      const moves = [
        await world.start(first, other, { options: { autoCutOver: true } }),
        await world.start(second, one, {
          ...{ from: other, options: { autoCutOver: true } },
        }),
      ];
      assert.deepEqual(await Promise.all(moves.map((move) => world.run(move))), ['moved', 'moved']);
      const wanted = end === 'completed' ? 'complete' : 'rollback';
      assert.deepEqual(await Promise.all(moves.map((move) => world.want(move, wanted))), [end, end]);
      await Promise.all(writers.map((writer) => writer.stop()));
      const places = end === 'completed' ? [other, one] : [one, other];
      for (const [n, tenant] of [first, second].entries()) {
        const [here, away] = n === 0 ? places : places.toReversed();
        assert.ok(here && away);
        assert.deepEqual(writers[n]?.errors, []);
        assert.deepEqual(await writers[n]?.check(here), { lost: 0, doubled: 0 });
        assert.ok((writers[n]?.acknowledged.length ?? 0) > 0);
        assert.deepEqual(await leftovers(away, moves[n]?.id ?? '', tenant), NOTHING);
      }
    });
  }

  test('one tenant is moved to and fro three times, rolled back twice', async () => {
    const tenant = await world.tenant(one, 20);
    const writer = new Writer(world.manager, tenant, { writers: 2, pauseMs: 10 });
    for (const wanted of ['rollback', 'rollback', 'complete'] as const) {
      const move = await world.start(tenant, other, { options: { autoCutOver: true } });
      assert.equal(await world.run(move), 'moved');
      await world.want(move, wanted);
      assert.deepEqual(await leftovers(wanted === 'complete' ? one : other, move.id, tenant), NOTHING);
    }
    await writer.stop();
    assert.deepEqual(writer.errors, []);
    assert.deepEqual(await writer.check(other), { lost: 0, doubled: 0 });
  });
});
