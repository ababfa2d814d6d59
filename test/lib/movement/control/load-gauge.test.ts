import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Measured, overloadOf } from '@/lib/movement/control/load-gauge';

const BEFORE = { probe: 2, standby_lag: 0 };

/** Five measurements in a second, with so many transactions in it. */
function measured(probe: number, transactions: number, active = 1): Measured[] {
  return Array.from({ length: 5 }, (_, n) => ({
    ...{ at: n * 250, probe, active, standby_lag: 0, transactions: (n * transactions) / 4 },
  }));
}

test('where others work, the copy yields as soon as a probe is late', () => {
  assert.deepEqual(overloadOf(measured(4, 200), BEFORE, {}), ['probe', { ratio: '2.0' }]);
  assert.equal(overloadOf(measured(2.5, 200), BEFORE, {}), undefined);
});

test('where the copy is alone, a late probe is the copy’s own, and it goes on at full speed', () => {
  assert.equal(overloadOf(measured(4, 8), BEFORE, {}), undefined);
  assert.deepEqual(overloadOf(measured(30, 8), BEFORE, {}), ['probe', { ratio: '6.0' }]);
});

test('given limits count instead, and one late probe alone does not', () => {
  assert.equal(overloadOf(measured(4, 200), BEFORE, { latencyRatio: 3 }), undefined);
  assert.deepEqual(overloadOf(measured(2, 200, 3), BEFORE, { active: 2 }), ['statements', { count: 3 }]);
  const [first, ...others] = measured(2, 200);
  assert.equal(
    overloadOf([...others, { ...(first as Measured), at: 2_000, probe: 90 }], BEFORE, {}),
    undefined,
  );
});
