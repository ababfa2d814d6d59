import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBoolean, readChoice, readDate, readEmail, readMoney } from '@/lib/crm/import/values';

test('dates are read in the ways people write them', () => {
  const first = '2026-05-01';
  for (const text of [
    '2026-05-01',
    '2026/5/1',
    '1.5.2026',
    '1/5/26',
    '1 May 2026',
    'May 1, 2026',
    '1st May 2026',
  ]) {
    assert.equal(readDate(text, 'day-first'), first, text);
  }
  assert.equal(readDate('05/01/2026', 'month-first'), first);
  assert.equal(readDate('25/12/2026', 'month-first'), '2026-12-25');
});

test('a date that does not exist is refused', () => {
  for (const text of ['2026-02-29', '31.4.2026', '13/13/2026', 'soon', '', '1 Foo 2026']) {
    assert.throws(() => readDate(text, 'day-first'), { code: 'import_bad_date' }, text);
  }
});

test('money is read with either separator and never rounded', () => {
  assert.equal(readMoney('1,234.50', 2), 123450n);
  assert.equal(readMoney('1.234,50 €', 2), 123450n);
  assert.equal(readMoney('€ 1 234', 2), 123400n);
  assert.equal(readMoney('1,234', 2), 123400n);
  assert.equal(readMoney('1.234', 3), 1234n);
  assert.equal(readMoney('(12.00)', 2), -1200n);
  assert.equal(readMoney('12.500', 2), 1250000n);
  assert.equal(readMoney('¥5000', 0), 5000n);
  assert.throws(() => readMoney('12.3456', 2), { code: 'import_bad_amount' });
  assert.throws(() => readMoney('free', 2), { code: 'import_bad_amount' });
});

test('choices, booleans and addresses are checked', () => {
  assert.equal(readChoice('In Progress', ['in_progress']), 'in_progress');
  assert.equal(readBoolean('Yes'), true);
  assert.throws(() => readBoolean('perhaps'), { code: 'import_bad_boolean' });
  assert.equal(readEmail(' a@b.example '), 'a@b.example');
  assert.throws(() => readEmail('a@b'), { code: 'import_bad_email' });
});
