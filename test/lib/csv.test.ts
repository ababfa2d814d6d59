import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeCsv } from '@/lib/csv';

/** What a spreadsheet would run. */
const FORMULAS = [
  '=1+1',
  '=HYPERLINK("x")',
  '+cmd',
  '-2+3',
  '-cmd',
  '@SUM(A1)',
  '\t=1',
  '\r=1',
  '\n=1',
  '  =1',
  '＝1+1',
  '＋1',
  '－1＋1',
  '＠A1',
  '-',
];
const PLAIN = ['-5', '-12.50', '-12,5', '12', 'Anna-Lena', 'a=b', '2027-06-12'];

test('a formula gets an apostrophe; numbers and other texts stay as they are', () => {
  for (const cell of FORMULAS) assert.match(writeCsv([[cell]]), /^"?'/, JSON.stringify(cell));
  for (const cell of PLAIN) assert.equal(writeCsv([[cell]]).replaceAll('"', ''), `${cell}\r\n`);
  assert.equal(writeCsv([[-5, 12n, null, undefined, true]]), '-5,12,,,true\r\n');
});

test('quotes, delimiters and line breaks stay in their cell; no rows are no text', () => {
  assert.equal(writeCsv([['a,"b"', 'c\nd', { e: [1] }]]), '"a,""b""","c\nd","{""e"":[1]}"\r\n');
  assert.equal(writeCsv([]), '');
});
