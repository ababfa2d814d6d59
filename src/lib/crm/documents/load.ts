import type { TenantClient } from '@/lib/data-sources';
import { formatMoney } from '@/lib/money';
import type { RowOf } from '@/lib/repositories';
import { loadSettings } from '../settings/load';
import { allRows, loadEventOccasion, loadOccasion, loadParty, rowsOf } from './load-parties';
import { loadPayments, printPayment, readSchedule } from './load-payments';
import type { Branding, ContractDocument, DocumentLine, SalesDocument } from './model';
import { taxName, wordsOf } from './words';

/** The tenant's own look, from its settings. */
export async function loadBranding(client: TenantClient): Promise<Branding> {
  const { company, locale, logo } = await loadSettings(client, ['company', 'locale', 'logo']);
  const taxNumber = company.tax_number && `${wordsOf(locale).taxId}: ${company.tax_number}`;
  return {
    ...(logo ? { logo: Buffer.from(logo.slice(logo.indexOf(',') + 1), 'base64') } : {}),
    companyName: company.name,
    companyLines: [...company.lines, company.phone, company.email, taxNumber].filter(Boolean),
    primaryColor: company.primary_color,
    typeface: company.typeface,
    locale,
  };
}

/** A quote as it is printed. @throws RepositoryError `record_not_found`: not there, or not for this user */
export async function loadQuote(client: TenantClient, id: string): Promise<SalesDocument> {
  const quote = await rowsOf(client, 'quotes').get(id);
  const opportunity = await rowsOf(client, 'opportunities').find(quote.opportunity_id);
  const [lines, { billTo, locale }, event, settings] = await Promise.all([
    allRows(client, 'quote_line_items', { filter: { quote_id: id }, sort: [{ column: 'sort_order' }] }),
    loadParty(
      client,
      quote.account_id ?? opportunity?.account_id,
      quote.contact_id ?? opportunity?.contact_id,
    ),
    loadOccasion(client, opportunity?.name ?? '', { opportunity_id: quote.opportunity_id }),
    loadSettings(client, ['locale']),
  ]);
  return {
    kind: 'quote',
    ...locale,
    number: quote.quote_number,
    status: quote.status,
    issueDate: quote.issue_date,
    ...(quote.valid_until ? { dueDate: quote.valid_until } : {}),
    currency: quote.currency,
    billTo,
    ...(event ? { event } : {}),
    lines: lines.map(toLine),
    ...amounts(quote, locale.locale ?? settings.locale),
    deposit: dueOnAcceptance(quote),
    schedule: readSchedule(quote.payment_schedule),
    ...(quote.terms ? { terms: quote.terms } : {}),
  };
}

/** Invoices that say how to pay them; a draft shows what will be printed. */
const PAYABLE = ['draft', 'sent', 'partially_paid'];

/** An invoice as it is printed. @throws as `loadQuote` */
export async function loadInvoice(client: TenantClient, id: string): Promise<SalesDocument> {
  const invoice = await rowsOf(client, 'invoices').get(id);
  const [lines, { billTo, locale }, event, settings, payments] = await Promise.all([
    allRows(client, 'invoice_line_items', { filter: { invoice_id: id }, sort: [{ column: 'sort_order' }] }),
    loadParty(client, invoice.account_id, invoice.contact_id, invoice.bill_to),
    invoice.event_id ? loadEventOccasion(client, invoice.event_id) : undefined,
    loadSettings(client, ['locale', 'timezone', 'payment_instructions']),
    loadPayments(client, id),
  ]);
  const received = payments.map((row) => printPayment(row, settings.timezone));
  // Of a void invoice nothing is owed.
  const isVoid = invoice.status === 'void';
  const balance = isVoid ? 0 : invoice.total - invoice.paid;
  const instructions = settings.payment_instructions.trim();
  return {
    kind: 'invoice',
    ...locale,
    ...(invoice.invoice_number ? { number: invoice.invoice_number } : {}),
    status: invoice.status,
    issueDate: invoice.issue_date,
    ...(invoice.due_date && !isVoid ? { dueDate: invoice.due_date } : {}),
    currency: invoice.currency,
    billTo,
    ...(event ? { event } : {}),
    ...(invoice.purchase_order ? { purchaseOrder: invoice.purchase_order } : {}),
    lines: lines.map(toLine),
    ...amounts(invoice, locale.locale ?? settings.locale),
    paid: invoice.paid - invoice.credited,
    credited: invoice.credited,
    balance,
    schedule: isVoid ? [] : readSchedule(invoice.payment_schedule, received),
    payments: received,
    ...(instructions && balance > 0 && PAYABLE.includes(invoice.status)
      ? { paymentInstructions: instructions }
      : {}),
    ...(invoice.terms ? { terms: invoice.terms } : {}),
  };
}

/** A contract as it is printed, with its signature once there is one. @throws as `loadQuote` */
export async function loadContract(client: TenantClient, id: string): Promise<ContractDocument> {
  const contract = await rowsOf(client, 'contracts').get(id);
  const [account, { timezone }, order, event] = await Promise.all([
    rowsOf(client, 'accounts').find(contract.account_id),
    loadSettings(client, ['timezone']),
    contract.quote_id ? loadQuote(client, contract.quote_id) : undefined,
    contract.event_id && !contract.quote_id ? loadEventOccasion(client, contract.event_id) : undefined,
  ]);
  const drawn = /^data:image\/png;base64,(.+)$/.exec(contract.signature ?? '')?.[1];
  return {
    kind: 'contract',
    ...(account?.locale ? { locale: account.locale } : {}),
    number: contract.contract_number,
    title: contract.title,
    bodyHtml: contract.body_html,
    bodySha256: contract.body_sha256 ?? '',
    ...(order ? { order } : {}),
    ...(event ? { event } : {}),
    ...(contract.status === 'signed' && contract.signed_at
      ? {
          signature: {
            name: contract.signer_name ?? '',
            ...(contract.signer_email ? { email: contract.signer_email } : {}),
            consent: contract.consent_text ?? '',
            signedAt: contract.signed_at,
            timezone,
            ...(contract.signed_ip ? { address: String(contract.signed_ip) } : {}),
            ...(drawn ? { drawn: Buffer.from(drawn, 'base64') } : {}),
          },
        }
      : {}),
  };
}

/** Minor units: the first part of a plan of several. */
export function depositOf(quote: Pick<RowOf<'quotes'>, 'payment_schedule'>): number {
  const [first, ...later] = readSchedule(quote.payment_schedule);
  return first && later.length > 0 ? first.amount : 0;
}

/** Minor units: the deposit, unless it has a day of its own. */
export function dueOnAcceptance(quote: Pick<RowOf<'quotes'>, 'payment_schedule'>): number {
  const [first] = readSchedule(quote.payment_schedule);
  return first?.dueDate === undefined && first?.daysBefore === undefined ? depositOf(quote) : 0;
}

type LineRow = RowOf<'quote_line_items'> | RowOf<'invoice_line_items'>;

function toLine(row: LineRow): DocumentLine {
  const includes = Array.isArray(row.includes) ? row.includes.map(String) : [];
  return {
    id: row.id,
    name: row.name,
    ...(row.description ? { description: row.description } : {}),
    ...(includes.length > 0 ? { includes } : {}),
    quantity: row.quantity,
    unit: row.unit,
    unitPrice: row.unit_price,
    ...(row.gross_total === row.line_total ? {} : { grossTotal: row.gross_total }),
    ...(row.discount_type === 'percent' ? { discountPercent: Number(row.discount_value) } : {}),
    lineTotal: row.line_total,
    ...('optional' in row && row.optional ? { extra: { chosen: row.chosen } } : {}),
    ...(row.package_id ? { packageId: row.package_id } : {}),
  };
}

interface AmountRow {
  subtotal: number;
  discount: number;
  discount_type: string;
  discount_value: number | string;
  taxes: unknown;
  prices_include_tax: boolean;
  total: number;
  currency: string;
}

function amounts(row: AmountRow, locale: string) {
  return {
    subtotal: row.subtotal,
    discount: row.discount,
    ...(row.discount_type === 'percent' ? { discountPercent: Number(row.discount_value) } : {}),
    taxes: readTaxes(row, locale),
    total: row.total,
  };
}

/**
 * The taxes of a quote or an invoice, one for each rate: `Sales tax 8.875%`, or `incl. 19% VAT`. Where not all of it is taxed at one
 * rate, each says what it is on: `VAT 7% on €50.00`.
 */
function readTaxes(row: AmountRow, locale: string): SalesDocument['taxes'] {
  if (!Array.isArray(row.taxes)) return [];
  const taxes: { name: string; rate: number; net: number; tax: number }[] = row.taxes;
  const isOneRate = taxes.every(({ net }) => net === row.subtotal - row.discount);
  const words = wordsOf(locale);
  return taxes.map(({ name, rate, net, tax }) => {
    if (row.prices_include_tax)
      return { name: taxName(name, rate, locale, { included: true }), amount: tax, net };
    const plain = taxName(name, rate, locale);
    return {
      name: isOneRate ? plain : words.taxOn(plain, formatMoney(net, row.currency, locale)),
      amount: tax,
    };
  });
}
