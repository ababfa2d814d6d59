// Every step of a move, made to fail there. A tenant is at work all the while; afterwards each acknowledged write is there
// exactly once, and nothing is left behind.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import {
  BEFORE_CUT_OVER,
  COMPLETION,
  CUT_OVER,
  createWorld,
  insist,
  leftovers,
  NOTHING,
  Writer,
} from './world';

const world = await createWorld();
const [old, next] = world.homes;

describe('a move interrupted at', { concurrency: false }, () => {
  for (const point of [...BEFORE_CUT_OVER, ...CUT_OVER, ...COMPLETION]) {
    test(`${point} goes on: no write is lost or doubled, nothing is left`, async (t) => {
      const tenant = await world.tenant(old, 20);
      const writer = new Writer(world.manager, tenant, { writers: 2 });
      t.after(() => writer.stop());
      const move = await world.start(tenant, next, { options: { rangeRows: 10 } });
      world.failAt(point);
      const failures = [
        await insist(world, move, 'run', 'ready'),
        await insist(world, move, 'cut_over', 'moved'),
        await insist(world, move, 'complete', 'completed'),
      ].reduce((sum, count) => sum + count, 0);
      await writer.stop();
      assert.ok(failures >= 1, 'the fault did not happen');
      assert.deepEqual(writer.errors, []);
      assert.deepEqual(await writer.check(next), { lost: 0, doubled: 0 });
      assert.deepEqual(await leftovers(old, move.id, tenant), NOTHING);
      const { rows: _, ...there } = await leftovers(next, move.id, tenant);
      assert.deepEqual(there, { slots: 0, publications: 0, triggers: 0, progress: 0, log: 0, fences: 1 });
    });
  }
});

after(() => world.onPoint(() => {}));
