import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decimalAmount } from '@/lib/money';
import { allocate, divide, METRICS, type Use } from '@/lib/usage/cost/allocate';
import { readAmount } from '@/lib/usage/cost/amount';

const sum = (parts: readonly bigint[]) => parts.reduce((total, one) => total + one, 0n);
const quantity = fc.bigInt({ min: 0n, max: 10n ** 20n });
const amount = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });

test('parts sum to the amount, and none is a unit away from its share', () => {
  const shares = fc.array(quantity, { minLength: 1, maxLength: 60 }).filter((all) => sum(all) > 0n);
  fc.assert(
    fc.property(amount, shares, (whole, all) => {
      const parts = divide(whole, all);
      assert.equal(sum(parts), whole);
      for (const [index, part] of parts.entries()) {
        // |part − whole × share / all| < 1, in whole numbers.
        const away = part * sum(all) - whole * (all[index] ?? 0n);
        assert.ok((away < 0n ? -away : away) < sum(all));
      }
    }),
  );
});

test('a bill sums to the cent, whatever was used, whatever the weights and capacities', () => {
  const quantities = fc.record(Object.fromEntries(METRICS.map((metric) => [metric, quantity])), {
    requiredKeys: [],
  });
  const weights = fc.record(
    Object.fromEntries(METRICS.map((metric) => [metric, fc.double({ min: 0, max: 100, noNaN: true })])),
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(
      amount,
      weights,
      fc.array(quantities, { maxLength: 30 }),
      quantities,
      (whole, points, used, capacity) => {
        const uses = used.map(
          (own, index): Use => ({ bearer: { kind: 'tenant', tenantId: `${index}` }, quantities: own }),
        );
        const parts = allocate(whole, points, uses, capacity);
        assert.equal(sum(parts.map((part) => part.amount)), whole);
        const shares = parts.reduce((total, { share }) => total + share, 0);
        assert.ok(Math.abs(shares - 1) < 1e-9, `${shares}`);
      },
    ),
  );
});

const tenant = (tenantId: string, quantities: Use['quantities']): Use => ({
  bearer: { kind: 'tenant', tenantId },
  quantities,
});

test('each metric’s points go to those who used it; points of what nothing was used of are idle', () => {
  const uses = [
    tenant('a', { storage: 300n, query_time: 1n }),
    tenant('b', { storage: 100n }),
    { bearer: { kind: 'shared' as const }, quantities: { storage: 100n } },
  ];
  const parts = allocate(1000n, { storage: 50, query_time: 25, bytes: 25 }, uses);
  assert.deepEqual(
    parts.map(({ kind, amount: part }) => [kind, part]),
    [
      ['tenant', 550n],
      ['tenant', 100n],
      ['shared', 100n],
      ['idle', 250n],
    ],
  );
});

test('what of a capacity was not used is idle; more use than capacity is not', () => {
  const idle = (capacity: bigint) =>
    allocate(100n, { storage: 1 }, [tenant('a', { storage: 60n })], { storage: capacity }).find(
      ({ kind }) => kind === 'idle',
    )?.amount;
  assert.equal(idle(120n), 50n);
  assert.equal(idle(50n), undefined);
});

test('a month without use is idle; a bill of nothing has parts of nothing', () => {
  assert.deepEqual(allocate(99n, { storage: 1 }, []), [{ kind: 'idle', amount: 99n, share: 1 }]);
  assert.deepEqual(
    allocate(0n, { storage: 1 }, [tenant('a', { storage: 1n })]).map((part) => part.amount),
    [0n],
  );
});

test('equal shares of what cannot be divided: the first ones get the units that are left, also of a credit', () => {
  const uses = ['a', 'b', 'c'].map((id) => tenant(id, { storage: 1n }));
  const parts = (whole: bigint) => allocate(whole, { storage: 1 }, uses).map((part) => part.amount);
  assert.deepEqual(parts(100n), [34n, 33n, 33n]);
  assert.deepEqual(parts(-100n), [-34n, -33n, -33n]);
});

test('amounts have as many digits as their currency', () => {
  for (const [text, currency, units] of [
    ['123.45', 'USD', 12_345n],
    ['-0.05', 'EUR', -5n],
    ['1200', 'JPY', 1_200n],
    ['1.234', 'KWD', 1_234n],
  ] as const) {
    assert.equal(readAmount(text, currency), units);
    assert.equal(decimalAmount(units, currency), text);
  }
  assert.equal(readAmount('5', 'USD'), 500n);
  assert.equal(readAmount('5.10', 'USD'), 510n);
  for (const [text, currency] of [
    ['1.5', 'JPY'],
    ['1.234', 'USD'],
    ['1e3', 'USD'],
    ['', 'USD'],
    ['1,5', 'EUR'],
    ['12345678901234567890', 'USD'],
  ] as const) {
    assert.throws(() => readAmount(text, currency), { code: 'bill_invalid' }, text);
  }
});

test('an amount is read as it is written', () => {
  const currency = fc.constantFrom('USD', 'JPY', 'KWD', 'EUR');
  fc.assert(
    fc.property(amount, currency, (units, code) =>
      assert.equal(readAmount(decimalAmount(units, code), code), units),
    ),
  );
});
