import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBoolean, readChoice, readEmail, readMoney } from '@/lib/crm/import/values';

test('money is read with either separator and never rounded', () => {
  assert.equal(readMoney('1,234.50', 2), 123450n);
  assert.equal(readMoney('1.234,50 €', 2), 123450n);
  assert.equal(readMoney('€ 1 234', 2), 123400n);
  assert.equal(readMoney('1,234', 2), 123400n);
  assert.equal(readMoney('1.234', 3), 1234n);
  assert.equal(readMoney('1,234,567', 3), 1234567000n);
  assert.equal(readMoney('(12.00)', 2), -1200n);
  assert.equal(readMoney('12.500', 2), 1250000n);
  assert.equal(readMoney('1.234.567', 2), 123456700n);
  assert.equal(readMoney('1.234,- €', 2), 123400n);
  assert.equal(readMoney('-99,-', 2), -9900n);
  assert.equal(readMoney('Fr. 500', 2), 50000n);
  assert.equal(readMoney('.50', 2), 50n);
  // No thousands: programs write three decimals too.
  assert.equal(readMoney('1234.500', 2), 123450n);
  assert.equal(readMoney('0.500', 2), 50n);
  assert.throws(() => readMoney('1234.567', 2), { code: 'import_bad_amount' });
  assert.equal(readMoney('¥5000', 0), 5000n);
  assert.throws(() => readMoney('12.3456', 2), { code: 'import_bad_amount' });
  assert.throws(() => readMoney('free', 2), { code: 'import_bad_amount' });
});

test('choices, booleans and addresses are checked', () => {
  assert.equal(readChoice('In Progress', ['in_progress']), 'in_progress');
  assert.equal(readBoolean('Yes'), true);
  assert.throws(() => readBoolean('perhaps'), { code: 'import_bad_boolean' });
  assert.equal(readEmail(' a@b.example '), 'a@b.example');
  assert.equal(readEmail('Ann Lee <Ann@Lee.example>'), 'ann@lee.example');
  assert.throws(() => readEmail('a@b'), { code: 'import_bad_email' });
  assert.equal(readChoice('Canceled', ['confirmed', 'cancelled']), 'cancelled');
});
