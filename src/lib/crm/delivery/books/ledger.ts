// What everything written to QuickBooks shares: which rows are there already, clients, the item and tax codes of lines.
import type { TenantClient } from '@/lib/data-sources';
import { decimalAmount } from '@/lib/money';
import { GenericRepository, type RowOf } from '@/lib/repositories';
import { idOf } from '../../ids';
import { SyncError } from '../vendor-api';
import { type TaxedPart, taxedParts } from './bookings';
import { isDuplicate, type QuickBooks, quoted } from './quickbooks';

export interface BooksOptions {
  /** Acts for the whole tenant. */
  client: TenantClient;
  books: QuickBooks;
  /** QuickBooks' id of the company; ids from another company do not apply. */
  realmId: string;
  /** ISO date. Earlier invoices are left out, since they may have been entered by hand. */
  since: string;
  /** The tenant's timezone (IANA name): payments are booked on its days. */
  timezone: string;
}

/** The item on which lines are booked; an accountant may change its income account. */
const ITEM = 'Event rental (Marquee)';

/** QuickBooks' documents, and what they are called in messages. */
export const WORDS = {
  Invoice: 'invoice',
  Payment: 'payment',
  CreditMemo: 'credit',
  RefundReceipt: 'refund',
  SalesReceipt: 'sale',
} as const;
type Kind = keyof typeof WORDS;

/** The company in QuickBooks, as far as rows of one tenant are written to it. */
export class Ledger {
  readonly #system: string;
  #item: Promise<string> | undefined;
  #country: Promise<string> | undefined;

  constructor(readonly options: BooksOptions) {
    this.#system = `quickbooks:${options.realmId}`;
  }

  checkTotal(
    made: { TotalAmt?: number | undefined },
    minor: number,
    currency: string,
    what: string,
    invoice: RowOf<'invoices'>,
  ): void {
    const total = Number(decimalAmount(minor, currency));
    if (made.TotalAmt === undefined || made.TotalAmt === total) return;
    throw new SyncError(
      'sync_refused',
      `QuickBooks makes ${what}invoice ${invoice.invoice_number} ${made.TotalAmt} instead of ${total}: its taxes differ.`,
    );
  }

  /** Finds what an earlier attempt created, whose answer was lost or not recorded. */
  async madeBefore(kind: Kind, where: string, id: string) {
    const there = await this.options.books.find(kind, where);
    const ours = there.find(({ PrivateNote }) => PrivateNote === noteOf(kind, id));
    return ours && { ...ours, TotalAmt: Number(ours.TotalAmt), Balance: Number(ours.Balance ?? Number.NaN) };
  }

  async customer(accountId: string): Promise<string> {
    const known = await this.known(accountId);
    if (known) return known.external_id;
    const account = await this.rows('accounts').get(accountId);
    const fields = customerOf(account);
    const made = await this.options.books
      .create('Customer', fields, this.requestId(account))
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
    await this.keep(accountId, made.Id, account.version);
    return made.Id;
  }

  /** How a rate is written on a line: in the US whether it is taxed, elsewhere the company's tax code. */
  async taxCodes(wanted: readonly number[]): Promise<(rate: number) => { TaxCodeRef?: { value: string } }> {
    if ((await this.countryCode()) === 'US')
      return (rate) => ({ TaxCodeRef: { value: rate > 0 ? 'TAX' : 'NON' } });
    if (!wanted.some((rate) => rate > 0)) return () => ({});
    const { books } = this.options;
    const [rates, codes] = await Promise.all([books.find('TaxRate'), books.find('TaxCode')]);
    const rateOf = new Map(rates.map((rate) => [rate.Id, Number(rate.RateValue)]));
    return (wanted) => {
      const code = codes.find((one) => salesRate(one, rateOf) === wanted);
      if (code) return { TaxCodeRef: { value: code.Id } };
      throw new SyncError('sync_refused', `QuickBooks has no sales tax code of ${wanted} %.`);
    };
  }

  /** The lines of an amount, tax included: for each tax rate of the invoice its share. @param minor minor units */
  async sharesOf(
    minor: number,
    invoice: RowOf<'invoices'>,
    description: string,
  ): Promise<Record<string, unknown>> {
    const amount = (part: number) => Number(decimalAmount(part, invoice.currency));
    const parts = taxedParts(minor, invoice.total, invoice.taxes as unknown as TaxedPart[]);
    const [item, taxCodes, country] = await Promise.all([
      this.itemId(),
      this.taxCodes(parts.map(({ rate, tax }) => (tax === 0 ? 0 : rate))),
      this.countryCode(),
    ]);
    const isAmerican = country === 'US';
    const inclusive = !isAmerican && parts.some(({ tax }) => tax !== 0);
    return {
      Line: parts.map(({ rate, net, tax }) => ({
        DetailType: 'SalesItemLineDetail',
        Amount: amount(net),
        Description: description.slice(0, 4000),
        SalesItemLineDetail: {
          ItemRef: { value: item },
          ...taxCodes(tax === 0 ? 0 : rate),
          ...(inclusive ? { TaxInclusiveAmt: amount(net + tax) } : {}),
        },
      })),
      ...(isAmerican
        ? { TxnTaxDetail: { TotalTax: amount(parts.reduce((sum, { tax }) => sum + tax, 0)) } }
        : { GlobalTaxCalculation: inclusive ? 'TaxInclusive' : 'NotApplicable' }),
    };
  }

  /** Read once for each batch of rows; a failure is not cached. */
  itemId(): Promise<string> {
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

  countryCode(): Promise<string> {
    this.#country ??= this.options.books.country();
    return this.#country;
  }

  rows<Table extends 'accounts' | 'invoices' | 'invoice_line_items' | 'payments'>(table: Table) {
    return new GenericRepository(this.options.client, table);
  }

  /** Derived from the row's id, not its content: a row that changed between attempts is still created once. */
  requestId({ tenant_id, id }: { tenant_id: string; id: string }): string {
    return idOf(`${this.#system}:${tenant_id}:${id}`);
  }

  async known(id: string): Promise<{ external_id: string; version: number } | undefined> {
    const { data } = await this.options.client
      .rpc('external_rows', { system: this.#system, ids: [id] })
      .throwOnError();
    return data[0];
  }

  async keep(entity_id: string, external_id: string, version: number): Promise<void> {
    const row = { system: this.#system, entity_id, external_id, version };
    await this.options.client.rpc('save_external_row', row).throwOnError();
  }
}

/** Marks entities in QuickBooks that Marquee created. */
export function noteOf(kind: Kind, id: string): string {
  return `Marquee ${WORDS[kind]} ${id}`;
}

/** The rate that a tax code charges on sales, where it is one rate. */
function salesRate(code: Record<string, unknown>, rateOf: Map<string, number>): number | undefined {
  const list = (
    code.SalesTaxRateList as { TaxRateDetail?: { TaxRateRef?: { value?: string } }[] } | undefined
  )?.TaxRateDetail;
  return list?.length === 1 ? rateOf.get(list[0]?.TaxRateRef?.value ?? '') : undefined;
}

export function customerOf(account: RowOf<'accounts'>) {
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
