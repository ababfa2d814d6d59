// What the payments, credits and refunds of an invoice are in the books, so that both say the same.
//
// In Marquee a refund makes its amount due again; then it is credited (the client owes nothing for it) or paid once more. In QuickBooks a
// refund receipt takes back the sale itself. So a credit of what was refunded needs no credit memo, and a payment of it is a new sale.

import { roundMoney } from '@/lib/money';

/** A succeeded row of `payments`; amounts in minor units. */
export interface Entry {
  id: string;
  kind: string;
  method: string;
  amount: number;
  refund_of_id: string | null;
  is_correction: boolean;
}

/** What an entry is in QuickBooks, in minor units; 0 is no document. */
export interface Booking {
  /** Booked as Payment, applied to the invoice. */
  payment: number;
  /** Booked as SalesReceipt: refunded before and paid again. */
  sale: number;
  /** Booked as CreditMemo, applied to the invoice. */
  memo: number;
  /** Booked as RefundReceipt. */
  receipt: number;
}

/** An entry that takes back another one without money going back: a correction, or a credit taken back. */
export const takesBack = ({ kind, method, is_correction }: Entry): boolean =>
  kind === 'refund' && (is_correction || method === 'credit');

/** @param entries of one invoice, in the order they were recorded */
export function bookingsOf(entries: readonly Entry[]): Map<string, Booking> {
  const takenBack = new Map<string | null, number>();
  for (const entry of entries.filter(takesBack))
    takenBack.set(entry.refund_of_id, (takenBack.get(entry.refund_of_id) ?? 0) + entry.amount);
  // Refunded, and neither credited nor paid again.
  let reopened = 0;
  return new Map(
    entries
      .filter((entry) => !takesBack(entry))
      .map((entry) => {
        const booking = { payment: 0, sale: 0, memo: 0, receipt: 0 };
        const amount = entry.amount - (takenBack.get(entry.id) ?? 0);
        if (entry.kind === 'refund') {
          reopened += amount;
          return [entry.id, { ...booking, receipt: amount }];
        }
        const again = Math.min(reopened, amount);
        reopened -= again;
        return [
          entry.id,
          entry.method === 'credit'
            ? { ...booking, memo: amount - again }
            : { ...booking, payment: amount - again, sale: again },
        ];
      }),
  );
}

/** A part of an amount with one tax rate, in minor units. */
export interface TaxedPart {
  rate: number;
  net: number;
  tax: number;
}

/**
 * Divides an amount, tax included, as an invoice's total is: each rate has its share. The parts add up to the amount.
 *
 * @param taxes the invoice's nets and taxes by rate; what is left of its total has no tax
 */
export function taxedParts(amount: number, total: number, taxes: readonly TaxedPart[]): TaxedPart[] {
  const taxed = taxes.filter(({ tax }) => tax !== 0);
  const untaxed = total - taxed.reduce((sum, { net, tax }) => sum + net + tax, 0);
  const parts = untaxed === 0 && taxed.length > 0 ? taxed : [...taxed, { rate: 0, net: untaxed, tax: 0 }];
  let reached = 0;
  let given = 0;
  return parts
    .map(({ rate, net, tax }) => {
      reached += net + tax;
      const gross = roundMoney((amount * reached) / total) - given;
      given += gross;
      const share = net + tax === 0 ? 0 : roundMoney((gross * tax) / (net + tax));
      return { rate, net: gross - share, tax: share };
    })
    .filter(({ net, tax }) => net !== 0 || tax !== 0);
}
