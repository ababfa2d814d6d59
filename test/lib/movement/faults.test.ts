// Every step of a move, made to fail there. A tenant is at work all the while; afterwards each acknowledged write is there
// exactly once, and nothing is left behind.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { MovePoint } from '@/lib/movement/hooks';
import { createWorld, leftovers, NOTHING, Writer } from './world';

const world = await createWorld();
const [old, next] = world.homes;

const BEFORE_CUT_OVER: MovePoint[] = [
  'preflight',
  'record_fence',
  'hold_new_fence',
  'create_publication',
  'create_slot',
  'copy',
  'copied_range',
  'catch_up',
  'apply',
  'applied',
  'create_way_back',
  'verify',
  'verified',
];
const CUT_OVER: MovePoint[] = [
  'cut_over',
  'close_fence',
  'fence_closed',
  'drained',
  'verify_changed',
  'record_decision',
  'decide',
  'decided',
  'fence_opened',
  'way_back',
  'certificate',
];
const COMPLETION: MovePoint[] = ['clean_up', 'remove_rows', 'remove_fence'];

/** Runs until it is where it should be: each failure is followed by another process taking the move over. */
async function insist(
  move: { id: string },
  wanted: 'run' | 'cut_over' | 'complete' | 'abort',
  end: string,
): Promise<number> {
  let failures = 0;
  for (; failures < 10; failures += 1) {
    const reached = await world.want(move, wanted).catch(() => undefined);
    if (reached === end) break;
  }
  return failures;
}

describe('a move interrupted at', { concurrency: false }, () => {
  for (const point of [...BEFORE_CUT_OVER, ...CUT_OVER, ...COMPLETION]) {
    test(`${point} goes on: no write is lost or doubled, nothing is left`, async (t) => {
      const tenant = await world.tenant(old, 20);
      const writer = new Writer(world.manager, tenant, { writers: 2 });
      t.after(() => writer.stop());
      const move = await world.start(tenant, next, { options: { rangeRows: 10 } });
      world.failAt(point);
      const failures = [
        await insist(move, 'run', 'ready'),
        await insist(move, 'cut_over', 'moved'),
        await insist(move, 'complete', 'completed'),
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

  for (const point of [...BEFORE_CUT_OVER, ...CUT_OVER.slice(0, 7)]) {
    test(`${point} and aborted: the tenant is where it was, nothing is left`, async (t) => {
      const tenant = await world.tenant(old, 20);
      const writer = new Writer(world.manager, tenant, { writers: 2 });
      t.after(() => writer.stop());
      const move = await world.start(tenant, next);
      world.failAt(point);
      await world.want(move, 'cut_over').catch(() => undefined);
      await insist(move, 'abort', 'aborted');
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
