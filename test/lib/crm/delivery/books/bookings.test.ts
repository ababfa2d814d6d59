// What Marquee's entries are in QuickBooks: money, sales and what is due must be the same there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bookingsOf, type Entry, taxedParts } from '@/lib/crm/delivery/books/bookings';

const TOTAL = 100_000;

/** Entries as the database admits them: no payment above the balance, no refund above what is left of its payment. */
const entries = fc
  .array(
    fc.record({
      what: fc.constantFrom('pay', 'credit', 'refund', 'back', 'correct'),
      of: fc.nat(9),
      part: fc.nat(100),
    }),
    {
      maxLength: 12,
    },
  )
  .map((wishes) => {
    const made: Entry[] = [];
    const left = new Map<string, number>();
    let balance = TOTAL;
    for (const { what, of, part } of wishes) {
      const id = String(made.length);
      const add = (entry: Partial<Entry> & { amount: number }) =>
        made.push({
          ...{ id, kind: 'payment', method: 'cash', refund_of_id: null, is_correction: false },
          ...entry,
        });
      if (what === 'pay' || what === 'credit') {
        const amount = Math.round((balance * part) / 100);
        if (amount === 0) continue;
        add({ amount, method: what === 'credit' ? 'credit' : 'cash' });
        left.set(id, amount);
        balance -= amount;
        continue;
      }
      const originals = made.filter(
        ({ kind, method }) => kind === 'payment' && (method === 'credit') === (what === 'back'),
      );
      const original = originals[of % Math.max(originals.length, 1)];
      const most = left.get(original?.id ?? '') ?? 0;
      const amount = what === 'correct' ? most : Math.round((most * part) / 100);
      if (!original || amount === 0) continue;
      add({
        amount,
        kind: 'refund',
        method: original.method,
        refund_of_id: original.id,
        is_correction: what === 'correct',
      });
      left.set(original.id, most - amount);
      balance += amount;
    }
    return { made, balance };
  });

test('money there is money here, and what is due differs only by refunds that are neither credited nor paid again', () => {
  fc.assert(
    fc.property(entries, ({ made, balance }) => {
      const all = [...bookingsOf(made).values()];
      const sum = (what: 'payment' | 'sale' | 'memo' | 'receipt') =>
        all.reduce((total, one) => total + one[what], 0);
      assert.ok(all.every((one) => Object.values(one).every((amount) => amount >= 0)));
      const received = made.reduce(
        (total, { kind, method, amount }) =>
          total + (method === 'credit' ? 0 : kind === 'refund' ? -amount : amount),
        0,
      );
      assert.equal(sum('payment') + sum('sale') - sum('receipt'), received);
      const reopened = balance - (TOTAL - sum('payment') - sum('memo'));
      assert.equal(
        reopened,
        sum('receipt') -
          sum('sale') -
          (made.reduce(
            (total, { kind, method, amount }) =>
              total + (method !== 'credit' ? 0 : kind === 'refund' ? -amount : amount),
            0,
          ) -
            sum('memo')),
      );
      assert.ok(reopened >= 0);
      // Never more than the invoice is applied to it.
      assert.ok(sum('payment') + sum('memo') <= TOTAL);
    }),
  );
});

test('the parts of an amount add up to it, and the whole of an invoice has its taxes', () => {
  const taxes = [
    { rate: 21, net: 100_000, tax: 21_000 },
    { rate: 9, net: 3_333, tax: 300 },
  ];
  const total = 130_000;
  assert.deepEqual(taxedParts(total, total, taxes), [...taxes, { rate: 0, net: 5_367, tax: 0 }]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: total }), (amount) => {
      assert.equal(
        taxedParts(amount, total, taxes).reduce((sum, { net, tax }) => sum + net + tax, 0),
        amount,
      );
    }),
  );
});
