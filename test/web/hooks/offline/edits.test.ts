import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Edit, isDone, outcomeOf, withEdits } from '@/web/hooks/offline/edits';

const OF = { owner: 'a|1', group: 'quotes:q', label: 'A line', at: 1 };
const price: Edit = {
  ...OF,
  ...{ kind: 'row', key: 'quote_line_items:l1', table: 'quote_line_items', id: 'l1', version: 3 },
  changes: { unit_price: 1250 },
  base: { unit_price: 1000 },
};
const checkOut: Edit = { ...OF, kind: 'call', key: 'o', name: 'check_out_booth', id: 'b1', parameters: {} };
const checkIn: Edit = { ...OF, kind: 'call', key: 'i', name: 'check_in_booth', id: 'b1', parameters: {} };

test('rows are shown as they will be once the queue was sent', () => {
  const rows = [
    { id: 'l1', unit_price: 1000, name: 'Booth', version: 3 },
    { id: 'l2', unit_price: 500, name: 'Props', version: 1 },
  ];
  assert.deepEqual(withEdits('quote_line_items', rows, [price]), [{ ...rows[0], unit_price: 1250 }, rows[1]]);
  assert.equal(withEdits('invoice_line_items', rows, [price]), rows, 'another table is untouched');
  assert.equal(withEdits('quote_line_items', rows, []), rows);
  assert.equal(withEdits('quote_line_items', null, [price]), null);
  assert.deepEqual(withEdits('booth_assignments', { id: 'b1', status: 'reserved' }, [checkOut, checkIn]), {
    id: 'b1',
    status: 'returned',
  });
  const refused: Edit = { ...checkOut, problem: { kind: 'refused', message: 'Taken.' } };
  assert.deepEqual(withEdits('booth_assignments', [{ id: 'b1', status: 'reserved' }], [refused]), [
    { id: 'b1', status: 'reserved' },
  ]);
});

test('a check-in before the event is known as done by what it leaves, and a check-out only by its own status', () => {
  for (const status of ['returned', 'reserved', 'cancelled']) assert.ok(isDone('check_in_booth', status));
  for (const status of ['checked_out', 'hold', undefined]) assert.ok(!isDone('check_in_equipment', status));
  assert.ok(isDone('check_out_booth', 'checked_out'));
  for (const status of ['reserved', 'returned', undefined]) assert.ok(!isDone('check_out_booth', status));
});

test('an update of an older version is done, repeated or for the user to choose', () => {
  const outcome = (theirs: Record<string, unknown>) => outcomeOf(price, theirs);
  assert.equal(outcome({ unit_price: '1250.0000', version: 4 }), 'done', 'an answer was lost');
  assert.equal(outcome({ unit_price: 1000, name: 'Renamed', version: 4 }), 'retry', 'another column changed');
  assert.equal(outcome({ unit_price: 900, version: 4 }), 'conflict');
  assert.equal(outcomeOf({ changes: { hours: 5 } }, { hours: 4 }), 'conflict', 'nothing is known of before');
  assert.equal(outcomeOf({ changes: { notes: 'x' }, base: { notes: null } }, { notes: null }), 'retry');
  assert.equal(outcomeOf({ changes: { notes: null }, base: { notes: 'x' } }, { notes: '' }), 'conflict');
});
