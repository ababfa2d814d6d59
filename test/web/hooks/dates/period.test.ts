import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { comparisonOf, PERIODS, periodBefore, readPeriod, stepOf } from '@/web/hooks/dates/period';

const days = (key: string | undefined, today = '2026-11-26') => {
  const { from, to } = readPeriod(key, today, 'this-year');
  return `${from}..${to}`;
};

test('named periods are whole months, quarters and years of the company’s calendar', () => {
  assert.equal(days('this-month'), '2026-11-01..2026-11-30');
  assert.equal(days('last-month', '2026-01-31'), '2025-12-01..2025-12-31');
  assert.equal(days('this-quarter'), '2026-10-01..2026-12-31');
  assert.equal(days('last-quarter', '2026-02-10'), '2025-10-01..2025-12-31');
  assert.equal(days('last-month', '2024-03-31'), '2024-02-01..2024-02-29');
  assert.equal(days('last-year'), '2025-01-01..2025-12-31');
});

test('an address that means no period means the usual one', () => {
  for (const key of [
    undefined,
    'next-month',
    '2026-02-31..2026-03-01',
    '2026-03-02..2026-03-01',
    "';--",
    '2026-13-01..2027-01-01',
  ])
    assert.equal(days(key), '2026-01-01..2026-12-31', key);
  assert.equal(days('2026-02-10..2026-02-10'), '2026-02-10..2026-02-10');
});

test('the period before ends the day before, and is as long or the same kind', () => {
  const day = fc.date({
    min: new Date('2000-01-01'),
    max: new Date('2100-01-01'),
    noInvalidDate: true,
  });
  const text = (date: Date) => date.toISOString().slice(0, 10);
  fc.assert(
    fc.property(day, fc.nat(800), fc.constantFrom(...PERIODS, 'custom'), (at, length, name) => {
      const today = text(at);
      const last = text(new Date(at.getTime() + length * 86_400_000));
      const period = readPeriod(name === 'custom' ? `${today}..${last}` : name, today, 'this-month');
      const before = periodBefore(period);
      assert.equal(Date.parse(period.from) - Date.parse(before.to), 86_400_000);
      if (name === 'custom')
        assert.equal(
          Date.parse(before.to) - Date.parse(before.from),
          Date.parse(period.to) - Date.parse(period.from),
        );
      else assert.equal(before.from.slice(8), '01');
      assert.ok(['day', 'week', 'month'].includes(stepOf(period)));
    }),
  );
  assert.equal(periodBefore(readPeriod('this-month', '2026-03-15', 'this-year')).from, '2026-02-01');
});

test('a running period is compared to date, with the same days of the one before', () => {
  const compared = (key: string, today: string) => {
    const { now, before, versus } = comparisonOf(readPeriod(key, today, 'this-year'), today);
    return `${versus}: ${now.from}..${now.to} with ${before.from}..${before.to}`;
  };
  assert.equal(
    compared('this-year', '2026-11-29'),
    'this-year: 2026-01-01..2026-11-29 with 2025-01-01..2025-11-29',
  );
  assert.equal(
    compared('this-quarter', '2026-05-31'),
    'this-quarter: 2026-04-01..2026-05-31 with 2026-01-01..2026-02-28',
  );
  assert.equal(
    compared('this-month', '2026-03-30'),
    'this-month: 2026-03-01..2026-03-30 with 2026-02-01..2026-02-28',
  );
  assert.equal(
    compared('this-month', '2026-01-10'),
    'this-month: 2026-01-01..2026-01-10 with 2025-12-01..2025-12-10',
  );
  assert.equal(
    compared('this-year', '2024-02-29'),
    'this-year: 2024-01-01..2024-02-29 with 2023-01-01..2023-02-28',
  );
  // On its last day it is whole, and so is what it is compared with.
  assert.equal(
    compared('this-month', '2026-02-28'),
    'this-month: 2026-02-01..2026-02-28 with 2026-01-01..2026-01-31',
  );
  assert.equal(
    compared('last-year', '2026-11-29'),
    'last-year: 2025-01-01..2025-12-31 with 2024-01-01..2024-12-31',
  );
  assert.equal(
    compared('2026-11-20..2026-12-03', '2026-11-29'),
    'custom: 2026-11-20..2026-12-03 with 2026-11-06..2026-11-19',
  );
});
