// Writes a company's clients, invoices and payments to its books.
import type { TenantClient } from '@/lib/data-sources';
import { GenericRepository, type RowOf } from '@/lib/repositories';
import { idOf } from '../../ids';
import { decimalAmount } from '../../money';
import { SyncError } from '../vendor-api';
import { isDuplicate, type QuickBooks, quoted } from './quickbooks';

export interface BooksOptions {
  /** Of the whole tenant. */
  client: TenantClient;
  books: QuickBooks;
  /** QuickBooks' id of the company; ids from another company do not apply. */
  realmId: string;
  /** ISO date. Earlier invoices are left out, since they may have been entered by hand. */
  since: string;
}

/** The item on which lines are booked; an accountant may change its income account. */
const ITEM = 'Event rental (Marquee)';
const ALL = 1000;

/** Writes rows of one tenant to the books. Each method may be repeated: rows that exist there are left or updated. */
export class Books {
  readonly #system: string;
  #item: Promise<string> | undefined;
  #country: Promise<string> | undefined;

  constructor(private readonly options: BooksOptions) {
    this.#system = `quickbooks:${options.realmId}`;
  }

  /** Updates a client's name and address, if the client is in the books. @throws SyncError */
  async refreshAccount(accountId: string): Promise<void> {
    const known = await this.#known(accountId);
    const account = known && (await this.#rows('accounts').find(accountId));
    if (!known || !account || known.version >= account.version) return;
    await this.options.books.change('Customer', known.external_id, customerOf(account));
    await this.#keep(accountId, known.external_id, account.version);
  }

  /** Writes a sent invoice; voids it there if it is void. @returns its id there; undefined if it does not belong in the books */
  async pushInvoice(invoiceId: string): Promise<string | undefined> {
    const { books, since } = this.options;
    const invoice = await this.#rows('invoices').find(invoiceId);
    const known = await this.#known(invoiceId);
    if (!invoice || invoice.status === 'draft') return undefined;
    if (known) {
      if (invoice.status === 'void' && known.version < invoice.version) {
        await books.void('Invoice', known.external_id);
        await this.#keep(invoiceId, known.external_id, invoice.version);
      }
      return known.external_id;
    }
    if (invoice.issue_date < since) return undefined;
    const lost = await this.#madeBefore('Invoice', `DocNumber = ${quoted(docNumberOf(invoice))}`, invoiceId);
    if (invoice.status === 'void') {
      if (!lost) return undefined;
      await books.void('Invoice', lost.Id);
      await this.#keep(invoiceId, lost.Id, invoice.version);
      return lost.Id;
    }
    const made = lost ?? (await this.#createInvoice(invoice));
    await this.#keep(invoiceId, made.Id, invoice.version);
    const total = Number(decimalAmount(invoice.total, invoice.currency));
    if (made.TotalAmt !== undefined && made.TotalAmt !== total) {
      throw new SyncError(
        'sync_refused',
        `QuickBooks makes invoice ${invoice.invoice_number} ${made.TotalAmt} instead of ${total}: its taxes differ.`,
      );
    }
    return made.Id;
  }

  /** Writes a succeeded payment, with its invoice. @throws SyncError; refunds and credits are entered by hand */
  async pushPayment(paymentId: string): Promise<void> {
    const payment = await this.#rows('payments').find(paymentId);
    if (payment?.status !== 'succeeded' || (await this.#known(paymentId))) return;
    const invoice = await this.#rows('invoices').get(payment.invoice_id);
    const invoiceThere = await this.pushInvoice(invoice.id);
    if (invoiceThere === undefined) return;
    if (payment.kind === 'refund' || payment.method === 'credit') {
      const what = payment.kind === 'refund' ? 'refund' : 'credit';
      throw new SyncError(
        'sync_refused',
        `The ${what} on invoice ${invoice.invoice_number} is entered in QuickBooks by hand.`,
      );
    }
    const amount = Number(decimalAmount(payment.amount, payment.currency));
    const customer = await this.#customer(invoice.account_id);
    const fields = {
      CustomerRef: { value: customer },
      CurrencyRef: { value: payment.currency },
      TotalAmt: amount,
      TxnDate: (payment.paid_at ?? payment.created_at).slice(0, 10),
      PaymentRefNum: (payment.reference ?? payment.provider_id ?? '').slice(0, 21),
      PrivateNote: noteOf('Payment', payment.id),
      Line: [{ Amount: amount, LinkedTxn: [{ TxnId: invoiceThere, TxnType: 'Invoice' }] }],
    };
    const made =
      (await this.#madeBefore('Payment', `CustomerRef = ${quoted(customer)}`, paymentId)) ??
      (await this.options.books.create('Payment', fields, this.#requestId(payment)));
    await this.#keep(paymentId, made.Id, payment.version);
  }

  async #createInvoice(invoice: RowOf<'invoices'>) {
    const fields = await this.#invoiceFields(invoice);
    return this.options.books.create('Invoice', fields, this.#requestId(invoice)).catch((error: unknown) => {
      if (!isDuplicate(error)) throw error;
      throw new SyncError('sync_refused', `QuickBooks has another invoice ${fields.DocNumber}.`);
    });
  }

  /** Finds what an earlier attempt created, whose answer was lost or not recorded. */
  async #madeBefore(kind: 'Invoice' | 'Payment', where: string, id: string) {
    const there = await this.options.books.find(kind, where);
    const ours = there.find(({ PrivateNote }) => PrivateNote === noteOf(kind, id));
    return ours && { ...ours, TotalAmt: Number(ours.TotalAmt) };
  }

  async #customer(accountId: string): Promise<string> {
    const known = await this.#known(accountId);
    if (known) return known.external_id;
    const account = await this.#rows('accounts').get(accountId);
    const fields = customerOf(account);
    const made = await this.options.books
      .create('Customer', fields, this.#requestId(account))
      .catch(async (error: unknown) => {
        // The client is in the books already.
        const [same] = isDuplicate(error)
          ? await this.options.books.find('Customer', `DisplayName = ${quoted(fields.DisplayName)}`)
          : [];
        if (same) return same;
        throw error;
      });
    // QuickBooks repeated the answer to an earlier attempt: the client was renamed since.
    if (made.DisplayName !== fields.DisplayName) await this.options.books.change('Customer', made.Id, fields);
    await this.#keep(accountId, made.Id, account.version);
    return made.Id;
  }

  async #invoiceFields(invoice: RowOf<'invoices'>) {
    const amount = (minor: number) => Number(decimalAmount(minor, invoice.currency));
    const [customer, item, { rows: lines }] = await Promise.all([
      this.#customer(invoice.account_id),
      this.#itemId(),
      this.#rows('invoice_line_items').list({
        filter: { invoice_id: invoice.id },
        sort: [{ column: 'sort_order' }],
        limit: ALL,
      }),
    ]);
    const taxCodes = await this.#taxCodes(lines);
    const sold = lines.map((line) => ({
      DetailType: 'SalesItemLineDetail',
      Amount: amount(line.line_total),
      Description:
        `${Number(line.quantity)} × ${line.name}${line.description ? `\n${line.description}` : ''}`.slice(
          0,
          4000,
        ),
      SalesItemLineDetail: { ItemRef: { value: item }, ...taxCodes(line) },
    }));
    const discount = {
      DetailType: 'DiscountLineDetail',
      Amount: amount(invoice.discount),
      DiscountLineDetail: { PercentBased: false },
    };
    const isAmerican = (await this.#countryCode()) === 'US';
    return {
      DocNumber: docNumberOf(invoice),
      CustomerRef: { value: customer },
      CurrencyRef: { value: invoice.currency },
      TxnDate: invoice.issue_date,
      ...(invoice.due_date ? { DueDate: invoice.due_date } : {}),
      PrivateNote: noteOf('Invoice', invoice.id),
      Line: invoice.discount > 0 ? [...sold, discount] : sold,
      ...(isAmerican
        ? { TxnTaxDetail: { TotalTax: amount(invoice.tax) }, ApplyTaxAfterDiscount: true }
        : { GlobalTaxCalculation: invoice.tax === 0 ? 'NotApplicable' : 'TaxExcluded' }),
    };
  }

  /** How a line is taxed: in the US whether it is, elsewhere the company's tax code. */
  async #taxCodes(lines: RowOf<'invoice_line_items'>[]) {
    const isTaxed = (line: RowOf<'invoice_line_items'>) => line.taxable && Number(line.tax_rate) > 0;
    if ((await this.#countryCode()) === 'US') {
      return (line: RowOf<'invoice_line_items'>) => ({
        TaxCodeRef: { value: isTaxed(line) ? 'TAX' : 'NON' },
      });
    }
    if (!lines.some(isTaxed)) return () => ({});
    const { books } = this.options;
    const [rates, codes] = await Promise.all([books.find('TaxRate'), books.find('TaxCode')]);
    const rateOf = new Map(rates.map((rate) => [rate.Id, Number(rate.RateValue)]));
    return (line: RowOf<'invoice_line_items'>) => {
      const wanted = isTaxed(line) ? Number(line.tax_rate) : 0;
      const code = codes.find((one) => salesRate(one, rateOf) === wanted);
      if (code) return { TaxCodeRef: { value: code.Id } };
      throw new SyncError('sync_refused', `QuickBooks has no sales tax code of ${wanted} %.`);
    };
  }

  /** Read once for each batch of rows; a failure is not cached. */
  #itemId(): Promise<string> {
    this.#item ??= this.#findItem();
    return this.#item;
  }

  async #findItem(): Promise<string> {
    const { books, realmId } = this.options;
    const [there] = await books.find('Item', `Name = ${quoted(ITEM)}`);
    if (there) return there.Id;
    const [income] = await books.find('Account', `AccountType = 'Income' and Active = true`);
    if (!income) throw new SyncError('sync_refused', 'QuickBooks has no income account to book sales on.');
    const item = { Name: ITEM, Type: 'Service', IncomeAccountRef: { value: income.Id } };
    return (await books.create('Item', item, idOf(`quickbooks:${realmId}:item`))).Id;
  }

  #countryCode(): Promise<string> {
    this.#country ??= this.options.books.country();
    return this.#country;
  }

  #rows<Table extends 'accounts' | 'invoices' | 'invoice_line_items' | 'payments'>(table: Table) {
    return new GenericRepository(this.options.client, table);
  }

  /** Derived from the row's id, not its content: a row that changed between attempts is still created once. */
  #requestId({ tenant_id, id }: { tenant_id: string; id: string }): string {
    return idOf(`${this.#system}:${tenant_id}:${id}`);
  }

  async #known(id: string): Promise<{ external_id: string; version: number } | undefined> {
    const { data } = await this.options.client
      .rpc('external_rows', { system: this.#system, ids: [id] })
      .throwOnError();
    return data[0];
  }

  async #keep(entity_id: string, external_id: string, version: number): Promise<void> {
    const row = { system: this.#system, entity_id, external_id, version };
    await this.options.client.rpc('save_external_row', row).throwOnError();
  }
}

function docNumberOf({ invoice_number }: RowOf<'invoices'>): string {
  return (invoice_number ?? '').slice(0, 21);
}

/** Marks entities in QuickBooks that Marquee created. */
function noteOf(kind: 'Invoice' | 'Payment', id: string): string {
  return `Marquee ${kind.toLowerCase()} ${id}`;
}

/** The rate that a tax code charges on sales, where it is one rate. */
function salesRate(code: Record<string, unknown>, rateOf: Map<string, number>): number | undefined {
  const list = (
    code.SalesTaxRateList as { TaxRateDetail?: { TaxRateRef?: { value?: string } }[] } | undefined
  )?.TaxRateDetail;
  return list?.length === 1 ? rateOf.get(list[0]?.TaxRateRef?.value ?? '') : undefined;
}

function customerOf(account: RowOf<'accounts'>) {
  return {
    // Colons divide sub-customers in QuickBooks.
    DisplayName: account.name
      .replace(/[:\t\r\n]+/g, ' ')
      .trim()
      .slice(0, 500),
    ...(account.account_type === 'company' ? { CompanyName: account.name.slice(0, 100) } : {}),
    ...(account.email ? { PrimaryEmailAddr: { Address: account.email.slice(0, 100) } } : {}),
    ...(account.phone ? { PrimaryPhone: { FreeFormNumber: account.phone.slice(0, 30) } } : {}),
    BillAddr: {
      Line1: account.billing_street ?? '',
      City: account.billing_city ?? '',
      CountrySubDivisionCode: account.billing_state ?? '',
      PostalCode: account.billing_postal_code ?? '',
      Country: account.billing_country ?? '',
    },
  };
}
