import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contrast, inkOfColor, inkOn } from '@/lib/crm/colors';
import { type ReceivedPayment, readSchedule } from '@/lib/crm/documents';

const plan = [
  { label: 'Deposit', amount: 500, due_date: '2027-01-05' },
  { label: 'Second', amount: 300, due_date: '2027-03-05' },
  { label: 'Balance', amount: 200, due_date: '2027-05-05' },
];
const paid = (kind: ReceivedPayment['kind'], date: string, amount: number) => ({
  kind,
  date,
  method: 'cash',
  amount,
});

test('a plan says what is paid of each part, and since when', () => {
  const parts = readSchedule(plan, [paid('payment', '2027-01-04', 200), paid('payment', '2027-01-09', 450)]);
  assert.deepEqual(
    parts.map(({ paid, paidOn }) => [paid, paidOn]),
    [
      [500, '2027-01-09'],
      [150, undefined],
      [0, undefined],
    ],
  );
});

test('a refund opens a part again, a credit pays nothing', () => {
  const parts = readSchedule(plan, [
    paid('payment', '2027-01-04', 800),
    paid('credit', '2027-01-05', 100),
    paid('refund', '2027-01-06', 100),
  ]);
  assert.deepEqual(
    parts.map(({ paid, paidOn }) => [paid, paidOn]),
    [
      [500, '2027-01-04'],
      [200, undefined],
      [0, undefined],
    ],
  );
  assert.deepEqual(readSchedule(null), []);
  assert.deepEqual(readSchedule([{ label: 'No amount' }]), []);
});

test('text on and in the company’s colour can be read, whatever the colour', () => {
  for (const color of [
    '#ffffff',
    '#ffe066',
    '#b4235a',
    '#777777',
    '#000000',
    '#00ff00',
    '#3b82f6',
    '#f59e0b',
  ]) {
    assert.ok(contrast(color, inkOn(color)) >= 4.5, `on ${color}: ${contrast(color, inkOn(color))}`);
    assert.ok(contrast(inkOfColor(color), '#ffffff') >= 4.5, `${color} on white`);
  }
  assert.equal(inkOfColor('#b4235a'), '#b4235a');
});
