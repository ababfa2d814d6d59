import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillNext, nextBatch } from '@/web/ui/few-at-once';

const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => String(from + n));

test('rows in view are filled a few in each frame, from the top, until all are', () => {
  const sizes: number[] = [];
  let filled = new Set<string>();
  for (let frame = 0; frame < 4; frame += 1) {
    filled = fillNext(filled, ids(0, 20), 8);
    sizes.push(filled.size);
  }
  assert.deepEqual(sizes, [8, 16, 20, 20]);
  assert.deepEqual([...fillNext(new Set(), ids(0, 20), 8)], ids(0, 8));
});

test('rows that stay in view stay filled, and those that left are forgotten', () => {
  const filled = fillNext(new Set(ids(0, 20)), ids(10, 40), 8);
  assert.deepEqual([...filled], ids(10, 28));
});

test('frames fill fewer rows where rows take long, and more where they do not, within limits', () => {
  const settled = (msARow: number) => {
    let rows = 8;
    for (let frame = 0; frame < 10; frame += 1) rows = nextBatch(rows, rows * msARow);
    return rows;
  };
  assert.ok(settled(0.5) > settled(1));
  assert.ok(settled(1) > settled(3));
  assert.deepEqual([settled(100), settled(0)], [2, 24]);
});
