import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLines } from '@/web/crm/lines/paste-lines';

test('lines of a spreadsheet keep their quantity and price, in either way of writing numbers', () => {
  assert.deepEqual(readLines('Booth\t1\t$1,250.50\r\nAttendant\t3\t95\n\nAlbum\t2,5\t1.250,50 €\n', 100), [
    { name: 'Booth', quantity: 1, unit_price: 125_050 },
    { name: 'Attendant', quantity: 3, unit_price: 9_500 },
    { name: 'Album', quantity: 2.5, unit_price: 125_050 },
  ]);
});

test('a price has as many decimals as its currency', () => {
  const priceIn = (price: string, scale: number) => readLines(`Booth\t1\t${price}`, scale)[0]?.unit_price;
  assert.deepEqual(
    [priceIn('1.500', 1000), priceIn('1.500', 100), priceIn('1,500', 1)],
    [1_500, 150_000, 1_500],
  );
});

test('lines of a text are things of which there is one, with no price yet', () => {
  assert.deepEqual(readLines('Props\nBackdrop\tmany\t-5', 100), [
    { name: 'Props', quantity: 1, unit_price: 0 },
    { name: 'Backdrop', quantity: 1, unit_price: 0 },
  ]);
});
