import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCsv } from '@/lib/crm/import/csv';
import { SpooledFile } from '@/lib/crm/import/spool';
import { readBoolean, readChoice, readDate, readEmail, readMoney } from '@/lib/crm/import/values';
import { BYTE_ORDER_MARK, writeCsv } from '@/lib/csv';

async function rows(file: string) {
  return Array.fromAsync(readCsv(file));
}

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

test('a file with semicolons, a byte order mark, quotes and short rows is read', async () => {
  const read = await rows('\uFEFFName;City\r\n"Ann; ""Bo""";Ghent\r\n\r\nCy, Di;Lille\r\n');
  assert.deepEqual(read[0]?.cells, { Name: 'Ann; "Bo"', City: 'Ghent' });
  assert.deepEqual(read[1]?.cells, { Name: 'Cy, Di', City: 'Lille' });
  assert.equal(read.length, 2);
});

test('a file that is no table is refused with words', async () => {
  await assert.rejects(rows('a,a\n1,2'), { code: 'csv_duplicate_header' });
  await assert.rejects(rows(',,\n1,2,3'), { code: 'csv_no_header' });
  await assert.rejects(rows('a,b\n"unclosed,1\n'), { code: 'csv_malformed' });
});

test('an export is read back as it was', async () => {
  const text =
    BYTE_ORDER_MARK +
    writeCsv([
      ['name', 'amount', 'more'],
      ['a,"b"\nc', null, { d: 1 }],
      ['é', -5, ''],
    ]);
  assert.deepEqual(
    (await rows(text)).map(({ line, cells }) => [line, cells]),
    [
      [3, { name: 'a,"b"\nc', amount: '', more: '{"d":1}' }],
      [4, { name: 'é', amount: '-5', more: '' }],
    ],
  );
});

test('a file past what may be imported is refused as soon as it is too large', async () => {
  let sent = 0;
  async function* endless() {
    for (;;) {
      sent += 1;
      yield new Uint8Array(1024);
    }
  }
  await assert.rejects(SpooledFile.receive(endless(), 10 * 1024), { code: 'body_too_large' });
  assert.equal(sent, 11);
});
