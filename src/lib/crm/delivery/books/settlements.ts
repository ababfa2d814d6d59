// Writes payments, credits and refunds of invoices to QuickBooks: `bookings.ts` says what each is there.

import { decimalAmount } from '@/lib/money';
import type { RowOf } from '@/lib/repositories';
import { dateIn } from '../../dates';
import { idOf } from '../../ids';
import { SyncError } from '../vendor-api';
import { type Booking, bookingsOf, takesBack } from './bookings';
import { type Ledger, noteOf, WORDS } from './ledger';
import { quoted } from './quickbooks';

/** More than the entries of an invoice. */
const ALL = 1000;

/** In place of an id there: nothing of the entry belongs there. */
const NOT_THERE = '-';

type Payment = RowOf<'payments'>;

/** An invoice, its id there, and what its entries are there. */
interface Settlement {
  invoice: RowOf<'invoices'>;
  invoiceThere: string;
  bookings: Map<string, Booking>;
}

export class Settlements {
  constructor(private readonly ledger: Ledger) {}

  /** Writes an entry of an invoice that is there. May be repeated. @throws SyncError */
  async push(entry: Payment, invoice: RowOf<'invoices'>, invoiceThere: string): Promise<void> {
    const settlement = { invoice, invoiceThere, bookings: bookingsOf(await this.#entriesOf(invoice.id)) };
    if (!takesBack(entry)) return this.#book(entry, settlement);
    // What is taken back gets smaller there, or goes; it may not be there yet.
    const original = await this.ledger.rows('payments').get(entry.refund_of_id ?? '');
    const there = await this.ledger.known(original.id);
    if (there) await this.#lower(original, there.external_id, settlement);
    else await this.#book(original, settlement);
    await this.ledger.keep(entry.id, there?.external_id ?? NOT_THERE, entry.version);
  }

  /** Creates what an entry is in the books. */
  async #book(entry: Payment, settlement: Settlement): Promise<void> {
    const { invoice, bookings } = settlement;
    const booking = bookings.get(entry.id);
    if (!booking) return;
    const customer = await this.ledger.customer(invoice.account_id);
    let id: string | undefined;
    if (booking.payment > 0) id = await this.#bookPayment(entry, customer, booking.payment, settlement);
    if (booking.sale > 0) {
      const sale = await this.#bookSale('SalesReceipt', entry, customer, booking.sale, settlement);
      id ??= sale.Id;
    }
    if (booking.receipt > 0)
      id = (await this.#bookSale('RefundReceipt', entry, customer, booking.receipt, settlement)).Id;
    if (booking.memo > 0) {
      const memo = await this.#bookSale('CreditMemo', entry, customer, booking.memo, settlement);
      id = memo.Id;
      // A company may have QuickBooks apply credits by itself.
      if (memo.Balance !== 0) await this.#applyMemo(entry, customer, booking.memo, memo.Id, settlement);
    }
    await this.ledger.keep(entry.id, id ?? NOT_THERE, entry.version);
  }

  /** Brings what is there of an entry to what is left of it. */
  async #lower(entry: Payment, id: string, settlement: Settlement): Promise<void> {
    const { books } = this.ledger.options;
    const { invoice, bookings } = settlement;
    const booking = bookings.get(entry.id);
    if (!booking || id === NOT_THERE) return;
    const customer = await this.ledger.customer(invoice.account_id);
    if (entry.method !== 'credit') {
      if (booking.payment === 0) await books.voidPayment(id);
      else
        await books.change('Payment', id, this.#paymentFields(entry, customer, booking.payment, settlement));
      return;
    }
    const applied = await this.ledger.known(this.#appliedId(entry));
    if (applied && booking.memo === 0) await books.voidPayment(applied.external_id);
    else if (applied)
      await books.change('Payment', applied.external_id, {
        ...this.#appliedFields(entry, customer, booking.memo, id, settlement),
      });
    if (booking.memo === 0) await books.remove('CreditMemo', id);
    else
      await books.change('CreditMemo', id, await this.#saleFields(entry, customer, booking.memo, settlement));
  }

  async #bookPayment(
    entry: Payment,
    customer: string,
    amount: number,
    settlement: Settlement,
  ): Promise<string> {
    const made =
      (await this.ledger.madeBefore('Payment', `CustomerRef = ${quoted(customer)}`, entry.id)) ??
      (await this.ledger.options.books.create(
        'Payment',
        this.#paymentFields(entry, customer, amount, settlement),
        this.ledger.requestId(entry),
      ));
    return made.Id;
  }

  #paymentFields(
    entry: Payment,
    customer: string,
    minor: number,
    { invoiceThere }: Settlement,
  ): Record<string, unknown> {
    const amount = Number(decimalAmount(minor, entry.currency));
    return {
      ...this.#transaction(entry, customer),
      TotalAmt: amount,
      PaymentRefNum: (entry.reference ?? entry.provider_id ?? '').slice(0, 21),
      PrivateNote: noteOf('Payment', entry.id),
      Line: [{ Amount: amount, LinkedTxn: [{ TxnId: invoiceThere, TxnType: 'Invoice' }] }],
    };
  }

  /** Creates a document with lines, or finds the one an earlier attempt created. */
  async #bookSale(
    kind: 'SalesReceipt' | 'RefundReceipt' | 'CreditMemo',
    entry: Payment,
    customer: string,
    minor: number,
    settlement: Settlement,
  ) {
    const fields: Record<string, unknown> = {
      ...(await this.#saleFields(entry, customer, minor, settlement)),
      ...(kind === 'RefundReceipt' ? { DepositToAccountRef: { value: await this.#cashAccount() } } : {}),
      PrivateNote: noteOf(kind, entry.id),
    };
    const made =
      (await this.ledger.madeBefore(kind, `TxnDate = ${quoted(String(fields.TxnDate))}`, entry.id)) ??
      (await this.ledger.options.books.create(kind, fields, idOf(`${this.ledger.requestId(entry)}:${kind}`)));
    this.ledger.checkTotal(made, minor, entry.currency, `the ${WORDS[kind]} on `, settlement.invoice);
    return made;
  }

  /** The lines of an amount: for each tax rate of the invoice its share. */
  async #saleFields(
    entry: Payment,
    customer: string,
    minor: number,
    { invoice }: Settlement,
  ): Promise<Record<string, unknown>> {
    const description = [`Invoice ${invoice.invoice_number}`, entry.reference, entry.note]
      .filter(Boolean)
      .join(': ');
    return {
      ...this.#transaction(entry, customer),
      ...(await this.ledger.sharesOf(minor, invoice, description)),
    };
  }

  /** Applies a credit memo to the invoice: by a payment of nothing that names both. */
  async #applyMemo(
    entry: Payment,
    customer: string,
    minor: number,
    memo: string,
    settlement: Settlement,
  ): Promise<void> {
    const id = this.#appliedId(entry);
    const fields = this.#appliedFields(entry, customer, minor, memo, settlement);
    const made =
      (await this.ledger.madeBefore('Payment', `CustomerRef = ${quoted(customer)}`, id)) ??
      (await this.ledger.options.books.create('Payment', fields, id));
    await this.ledger.keep(id, made.Id, entry.version);
  }

  #appliedFields(
    entry: Payment,
    customer: string,
    minor: number,
    memo: string,
    { invoiceThere }: Settlement,
  ): Record<string, unknown> {
    const amount = Number(decimalAmount(minor, entry.currency));
    const link = (TxnId: string, TxnType: string) => ({
      Amount: amount,
      LinkedTxn: [{ TxnId, TxnType }],
    });
    return {
      ...this.#transaction(entry, customer),
      TotalAmt: 0,
      PrivateNote: noteOf('Payment', this.#appliedId(entry)),
      Line: [link(invoiceThere, 'Invoice'), link(memo, 'CreditMemo')],
    };
  }

  #appliedId(entry: Payment): string {
    return idOf(`${this.ledger.requestId(entry)}:applied`);
  }

  #transaction(entry: Payment, customer: string) {
    return {
      CustomerRef: { value: customer },
      CurrencyRef: { value: entry.currency },
      TxnDate: dateIn(this.ledger.options.timezone, new Date(entry.paid_at ?? entry.created_at)),
    };
  }

  /** The succeeded entries of an invoice, in the order they were recorded. */
  async #entriesOf(invoiceId: string): Promise<Payment[]> {
    const { rows } = await this.ledger.rows('payments').list({
      filter: { invoice_id: invoiceId, status: 'succeeded' },
      sort: [{ column: 'created_at' }, { column: 'id' }],
      limit: ALL,
    });
    return rows;
  }

  /** Where refunds are paid from: where QuickBooks puts payments too, unless the company has no such account. */
  async #cashAccount(): Promise<string> {
    const { books } = this.ledger.options;
    for (const where of [`AccountSubType = 'UndepositedFunds'`, `AccountType = 'Bank'`]) {
      const [account] = await books.find('Account', `${where} and Active = true`);
      if (account) return account.Id;
    }
    throw new SyncError('sync_refused', 'QuickBooks has no bank account that refunds are paid from.');
  }
}
