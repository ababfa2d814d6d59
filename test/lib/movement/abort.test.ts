// Every step before the decision, made to fail there, and the move given up.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { BEFORE_CUT_OVER, CUT_OVER, createWorld, insist, leftovers, NOTHING, Writer } from './world';

const world = await createWorld();
const [old, next] = world.homes;

describe('a move that failed at', { concurrency: false }, () => {
  for (const point of [...BEFORE_CUT_OVER, ...CUT_OVER.slice(0, 7)]) {
    test(`${point} and aborted: the tenant is where it was, nothing is left`, async (t) => {
      const tenant = await world.tenant(old, 20);
      const writer = new Writer(world.manager, tenant, { writers: 2 });
      t.after(() => writer.stop());
      const move = await world.start(tenant, next);
      world.failAt(point);
      await world.want(move, 'cut_over').catch(() => undefined);
      await insist(world, move, 'abort', 'aborted');
      await writer.stop();
      assert.deepEqual(writer.errors, []);
      assert.deepEqual(await writer.check(old), { lost: 0, doubled: 0 });
      assert.deepEqual(await leftovers(next, move.id, tenant), NOTHING);
      const { rows: _, ...here } = await leftovers(old, move.id, tenant);
      assert.deepEqual(here, { slots: 0, publications: 0, triggers: 0, progress: 0, log: 0, fences: 1 });
    });
  }
});

after(() => world.onPoint(() => {}));
