import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCsv } from '@/lib/crm/import/csv';
import { BYTE_ORDER_MARK, writeCsv } from '@/lib/csv';

async function rows(file: string) {
  return Array.fromAsync(readCsv(file));
}

test('a file with semicolons, a byte order mark, quotes and short rows is read', async () => {
  const read = await rows('\uFEFFName;City\r\n"Ann; ""Bo""";Ghent\r\n\r\nCy, Di;Lille\r\n');
  assert.deepEqual(read[0]?.cells, { Name: 'Ann; "Bo"', City: 'Ghent' });
  assert.deepEqual(read[1]?.cells, { Name: 'Cy, Di', City: 'Lille' });
  assert.equal(read.length, 2);
});

test('empty lines before the header leave the separator found', async () => {
  for (const mark of ['', '\uFEFF'])
    assert.deepEqual(await rows(`${mark}\r\n\r\nName;City\r\nAnn;Ghent\r\n`), [
      { line: 4, cells: { Name: 'Ann', City: 'Ghent' } },
    ]);
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
