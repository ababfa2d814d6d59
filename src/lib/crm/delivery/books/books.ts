// Writes a company's clients, invoices, payments, credits and refunds to its books.

import { decimalAmount } from '@/lib/money';
import type { RowOf } from '@/lib/repositories';
import { SyncError } from '../vendor-api';
import { type BooksOptions, customerOf, Ledger, noteOf } from './ledger';
import { isDuplicate, quoted } from './quickbooks';
import { Settlements } from './settlements';

const ALL = 1000;

/** Writes rows of one tenant to the books. Each method may be repeated: rows that exist there are left or updated. */
export class Books {
  private readonly ledger: Ledger;

  constructor(options: BooksOptions) {
    this.ledger = new Ledger(options);
  }

  /** Updates a client's name and address, if the client is in the books. @throws SyncError */
  async refreshAccount(accountId: string): Promise<void> {
    const known = await this.ledger.known(accountId);
    const account = known && (await this.ledger.rows('accounts').find(accountId));
    if (!known || !account || known.version >= account.version) return;
    await this.ledger.options.books.change('Customer', known.external_id, customerOf(account));
    await this.ledger.keep(accountId, known.external_id, account.version);
  }

  /** Writes a sent invoice; voids it there if it is void. @returns its id there; undefined if it does not belong in the books */
  async pushInvoice(invoiceId: string): Promise<string | undefined> {
    const { books, since } = this.ledger.options;
    const invoice = await this.ledger.rows('invoices').find(invoiceId);
    const known = await this.ledger.known(invoiceId);
    if (!invoice || invoice.status === 'draft' || (await this.#isSample(invoice.account_id)))
      return undefined;
    if (known) {
      if (invoice.status === 'void' && known.version < invoice.version) {
        await books.void('Invoice', known.external_id);
        await this.ledger.keep(invoiceId, known.external_id, invoice.version);
      }
      return known.external_id;
    }
    if (invoice.issue_date < since) return undefined;
    const lost = await this.ledger.madeBefore(
      'Invoice',
      `DocNumber = ${quoted(docNumberOf(invoice))}`,
      invoiceId,
    );
    if (invoice.status === 'void') {
      if (!lost) return undefined;
      await books.void('Invoice', lost.Id);
      await this.ledger.keep(invoiceId, lost.Id, invoice.version);
      return lost.Id;
    }
    const made = lost ?? (await this.#createInvoice(invoice));
    await this.ledger.keep(invoiceId, made.Id, invoice.version);
    this.ledger.checkTotal(made, invoice.total, invoice.currency, '', invoice);
    return made.Id;
  }

  /** Writes a succeeded payment, credit or refund, with its invoice: see `bookings.ts`. @throws SyncError */
  async pushPayment(paymentId: string): Promise<void> {
    const entry = await this.ledger.rows('payments').find(paymentId);
    if (entry?.status !== 'succeeded' || (await this.ledger.known(paymentId))) return;
    const invoice = await this.ledger.rows('invoices').get(entry.invoice_id);
    const invoiceThere = await this.pushInvoice(invoice.id);
    if (invoiceThere === undefined) return;
    await new Settlements(this.ledger).push(entry, invoice, invoiceThere);
  }

  async #createInvoice(invoice: RowOf<'invoices'>) {
    const fields = await this.#invoiceFields(invoice);
    return this.ledger.options.books
      .create('Invoice', fields, this.ledger.requestId(invoice))
      .catch((error: unknown) => {
        if (!isDuplicate(error)) throw error;
        throw new SyncError('sync_refused', `QuickBooks has another invoice ${fields.DocNumber}.`);
      });
  }

  async #invoiceFields(invoice: RowOf<'invoices'>) {
    const amount = (minor: number) => Number(decimalAmount(minor, invoice.currency));
    const [customer, item, { rows: lines }] = await Promise.all([
      this.ledger.customer(invoice.account_id),
      this.ledger.itemId(),
      this.ledger.rows('invoice_line_items').list({
        filter: { invoice_id: invoice.id },
        sort: [{ column: 'sort_order' }],
        limit: ALL,
      }),
    ]);
    const head = {
      DocNumber: docNumberOf(invoice),
      CustomerRef: { value: customer },
      CurrencyRef: { value: invoice.currency },
      TxnDate: invoice.issue_date,
      ...(invoice.due_date ? { DueDate: invoice.due_date } : {}),
      PrivateNote: noteOf('Invoice', invoice.id),
    };
    // Of prices that include tax no net need exist whose tax QuickBooks would compute the same: each rate is one line of both.
    if (invoice.prices_include_tax && invoice.tax !== 0)
      return {
        ...head,
        ...(await this.ledger.sharesOf(invoice.total, invoice, lines.map(soldOf).join('\n'))),
      };
    const taxCodes = await this.ledger.taxCodes(lines.map(rateOf));
    const sold = lines.map((line) => ({
      DetailType: 'SalesItemLineDetail',
      Amount: amount(line.line_total),
      Description: soldOf(line).slice(0, 4000),
      SalesItemLineDetail: { ItemRef: { value: item }, ...taxCodes(rateOf(line)) },
    }));
    const discount = {
      DetailType: 'DiscountLineDetail',
      Amount: amount(invoice.discount),
      DiscountLineDetail: { PercentBased: false },
    };
    const isAmerican = (await this.ledger.countryCode()) === 'US';
    return {
      ...head,
      Line: invoice.discount > 0 ? [...sold, discount] : sold,
      ...(isAmerican
        ? { TxnTaxDetail: { TotalTax: amount(invoice.tax) }, ApplyTaxAfterDiscount: true }
        : { GlobalTaxCalculation: invoice.tax === 0 ? 'NotApplicable' : 'TaxExcluded' }),
    };
  }

  async #isSample(accountId: string): Promise<boolean> {
    const { data } = await this.ledger.options.client
      .from('sample_records')
      .select('id')
      .eq('record_id', accountId)
      .throwOnError();
    return data.length > 0;
  }
}

function docNumberOf({ invoice_number }: RowOf<'invoices'>): string {
  return (invoice_number ?? '').slice(0, 21);
}

function rateOf({ taxable, tax_rate }: RowOf<'invoice_line_items'>): number {
  return taxable ? Number(tax_rate) : 0;
}

function soldOf({ quantity, name, description }: RowOf<'invoice_line_items'>): string {
  return `${Number(quantity)} × ${name}${description ? `\n${description}` : ''}`;
}
