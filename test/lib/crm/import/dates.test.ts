import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrderFinder, readDate } from '@/lib/crm/import/dates';

test('dates are read in the ways people and spreadsheets write them', () => {
  for (const text of [
    '2026-05-01',
    '2026/5/1',
    '2026-05-01T18:30:00Z',
    '20260501',
    '1.5.2026',
    '1/5/26',
    '01/05/2026 14:30',
    '1/5/2026, 2:30 PM',
    '1 May 2026',
    '1. Mai 2026',
    'May 1, 2026',
    'Fri, May 1, 2026',
    '1st May 2026',
    '46143',
    '46143.75',
  ]) {
    assert.equal(readDate(text, 'day-first'), '2026-05-01', text);
  }
  assert.equal(readDate('05/01/2026', 'month-first'), '2026-05-01');
  assert.equal(readDate('15. Dezember 26', 'month-first'), '2026-12-15');
  assert.equal(readDate('3. März 1999', 'month-first'), '1999-03-03');
});

test('a birthday with a year of two digits is in the past', () => {
  assert.equal(readDate('04/12/68', 'month-first', true), '1968-04-12');
  assert.equal(readDate('04/12/68', 'month-first'), '2068-04-12');
});

test('a date that does not exist, or not in the order of its column, is refused', () => {
  for (const text of ['2026-02-29', '31.4.2026', '13/13/2026', 'soon', '', '1 Foo 2026', '12', '123456789']) {
    assert.throws(() => readDate(text, 'day-first'), { code: 'import_bad_date' }, text);
  }
  assert.throws(() => readDate('25/12/2026', 'month-first'), { code: 'import_bad_date' });
});

test('the order of a column is decided by all of its dates', () => {
  const orderOf = (...cells: string[]) => {
    const finder = new OrderFinder();
    for (const cell of cells) finder.see(cell);
    return finder.order();
  };
  assert.equal(orderOf('03/04/2026', '05/06/2026', '25/12/2026'), 'day-first');
  assert.equal(orderOf('03/04/2026', '12/25/2026'), 'month-first');
  assert.equal(orderOf('03/04/2026', ''), 'either');
  assert.equal(orderOf('25/12/2026', '12/25/2026'), 'both');
  assert.equal(orderOf('2026-03-04', '46143', '07/07/2026', 'May 1, 2026'), 'none');
  assert.equal(orderOf('03.04.2026'), 'day-first');
});
