import type { TenantClient } from '@/lib/data-sources';
import { GenericRepository, type RowOf, type TableName } from '@/lib/repositories';
import { loadSettings } from '../settings/load';
import type { Branding, ContractDocument, DocumentLine, Party, SalesDocument } from './model';

/** The most lines, dates and people of a document: more than any real one has. */
const ALL = 1000;

export function rowsOf<Table extends TableName>(client: TenantClient, table: Table) {
  return new GenericRepository(client, table);
}

/** The tenant's own look, from its settings. */
export async function loadBranding(client: TenantClient): Promise<Branding> {
  const { company, locale, logo } = await loadSettings(client, ['company', 'locale', 'logo']);
  return {
    ...(logo ? { logo: Buffer.from(logo.slice(logo.indexOf(',') + 1), 'base64') } : {}),
    companyName: company.name,
    companyLines: [...company.lines, company.phone, company.email].filter(Boolean),
    primaryColor: company.primary_color,
    locale,
  };
}

/** A quote as it is printed. @throws RepositoryError `record_not_found`: not there, or not for this user */
export async function loadQuote(client: TenantClient, id: string): Promise<SalesDocument> {
  const quote = await rowsOf(client, 'quotes').get(id);
  const opportunity = await rowsOf(client, 'opportunities').find(quote.opportunity_id);
  const [lines, { billTo, locale }, event, { tax }] = await Promise.all([
    rowsOf(client, 'quote_line_items').list({
      filter: { quote_id: id },
      sort: [{ column: 'sort_order' }],
      limit: ALL,
    }),
    loadParty(
      client,
      quote.account_id ?? opportunity?.account_id,
      quote.contact_id ?? opportunity?.contact_id,
    ),
    loadOccasion(client, opportunity?.name ?? '', { opportunity_id: quote.opportunity_id }),
    loadSettings(client, ['tax']),
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
    lines: lines.rows.map(toLine),
    ...amounts(quote, tax.name),
    ...(quote.terms ? { terms: quote.terms } : {}),
  };
}

/** An invoice as it is printed. @throws as `loadQuote` */
export async function loadInvoice(client: TenantClient, id: string): Promise<SalesDocument> {
  const invoice = await rowsOf(client, 'invoices').get(id);
  const [lines, { billTo, locale }, event, { tax }] = await Promise.all([
    rowsOf(client, 'invoice_line_items').list({
      filter: { invoice_id: id },
      sort: [{ column: 'sort_order' }],
      limit: ALL,
    }),
    loadParty(client, invoice.account_id, invoice.contact_id, invoice.bill_to),
    invoice.event_id ? loadEventOccasion(client, invoice.event_id) : undefined,
    loadSettings(client, ['tax']),
  ]);
  return {
    kind: 'invoice',
    ...locale,
    ...(invoice.invoice_number ? { number: invoice.invoice_number } : {}),
    status: invoice.status,
    issueDate: invoice.issue_date,
    ...(invoice.due_date ? { dueDate: invoice.due_date } : {}),
    currency: invoice.currency,
    billTo,
    ...(event ? { event } : {}),
    ...(invoice.purchase_order ? { purchaseOrder: invoice.purchase_order } : {}),
    lines: lines.rows.map(toLine),
    ...amounts(invoice, tax.name),
    paid: invoice.paid,
    balance: invoice.balance ?? invoice.total - invoice.paid,
    schedule: readSchedule(invoice.payment_schedule),
    ...(invoice.terms ? { terms: invoice.terms } : {}),
  };
}

/** A contract as it is printed, with its signature once there is one. @throws as `loadQuote` */
export async function loadContract(client: TenantClient, id: string): Promise<ContractDocument> {
  const contract = await rowsOf(client, 'contracts').get(id);
  const account = await rowsOf(client, 'accounts').find(contract.account_id);
  const drawn = /^data:image\/png;base64,(.+)$/.exec(contract.signature ?? '')?.[1];
  return {
    kind: 'contract',
    ...(account?.locale ? { locale: account.locale } : {}),
    number: contract.contract_number,
    title: contract.title,
    bodyHtml: contract.body_html,
    bodySha256: contract.body_sha256 ?? '',
    ...(contract.status === 'signed' && contract.signed_at
      ? {
          signature: {
            name: contract.signer_name ?? '',
            ...(contract.signer_email ? { email: contract.signer_email } : {}),
            consent: contract.consent_text ?? '',
            signedAt: contract.signed_at,
            ...(contract.signed_ip ? { address: String(contract.signed_ip) } : {}),
            ...(drawn ? { drawn: Buffer.from(drawn, 'base64') } : {}),
          },
        }
      : {}),
  };
}

interface ScheduledPayment {
  label: string;
  dueDate?: string;
  amount: number;
}

/** `payment_schedule` of an invoice: what is asked for when. */
export function readSchedule(value: unknown): ScheduledPayment[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((part: { label?: unknown; due_date?: unknown; amount?: unknown }) =>
    typeof part?.amount === 'number'
      ? [
          {
            label: typeof part.label === 'string' ? part.label : 'Payment',
            ...(typeof part.due_date === 'string' ? { dueDate: part.due_date } : {}),
            amount: part.amount,
          },
        ]
      : [],
  );
}

type LineRow = RowOf<'quote_line_items'> | RowOf<'invoice_line_items'>;

function toLine({ name, description, quantity, unit, unit_price, line_total }: LineRow): DocumentLine {
  return {
    name,
    ...(description ? { description } : {}),
    quantity,
    unit,
    unitPrice: unit_price,
    lineTotal: line_total,
  };
}

function amounts(row: { subtotal: number; discount: number; tax: number; total: number }, taxName: string) {
  const taxes = row.tax === 0 ? [] : [{ name: taxName, amount: row.tax }];
  return { subtotal: row.subtotal, discount: row.discount, taxes, total: row.total };
}

/** The current addressee of an account's documents. */
interface Addressee {
  name?: string | null;
  email?: string | null;
  street?: string | null;
  city?: string | null;
  state?: string | null;
  postal_code?: string | null;
  country?: string | null;
  tax_id?: string | null;
}

/** @param kept `bill_to` of an invoice that was sent: the addressee at that time, even if the account changed since */
async function loadParty(
  client: TenantClient,
  accountId: string | null | undefined,
  contactId: string | null | undefined,
  kept?: unknown,
): Promise<{ billTo: Party; locale: { locale?: string } }> {
  const [account, contact] = await Promise.all([
    accountId ? rowsOf(client, 'accounts').find(accountId) : undefined,
    contactId ? rowsOf(client, 'contacts').find(contactId) : undefined,
  ]);
  const to = isObject(kept) ? (kept as Addressee) : account && addresseeOf(account);
  const person = contact ? [contact.first_name, contact.last_name].filter(Boolean).join(' ') : '';
  const name = to?.name ?? person;
  const lines = [
    person === name ? '' : person,
    to?.street,
    [to?.postal_code, to?.city, to?.state].filter(Boolean).join(' '),
    to?.country,
    to?.email ?? contact?.email,
    to?.tax_id,
  ];
  return {
    billTo: { name, lines: lines.filter((line): line is string => Boolean(line)) },
    locale: account?.locale ? { locale: account.locale } : {},
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function addresseeOf(account: RowOf<'accounts'>): Addressee {
  return {
    name: account.name,
    email: account.email,
    street: account.billing_street,
    city: account.billing_city,
    state: account.billing_state,
    postal_code: account.billing_postal_code,
    country: account.billing_country,
    tax_id: account.tax_id,
  };
}

async function loadEventOccasion(client: TenantClient, eventId: string) {
  const event = await rowsOf(client, 'events').find(eventId);
  return event && loadOccasion(client, event.title, { event_id: eventId });
}

/** The event of a quote or an invoice. */
async function loadOccasion(
  client: TenantClient,
  title: string,
  filter: { event_id?: string; opportunity_id?: string },
): Promise<SalesDocument['event'] | undefined> {
  const { rows: dates } = await rowsOf(client, 'event_dates').list({
    filter: { ...filter, status: { neq: 'cancelled' } },
    sort: [{ column: 'event_date' }, { column: 'start_time' }],
    limit: ALL,
  });
  if (dates.length === 0) return undefined;
  const locationId = dates.find((date) => date.location_id)?.location_id;
  const location = locationId ? await rowsOf(client, 'locations').find(locationId) : undefined;
  return {
    title,
    dates: [...new Set(dates.map((date) => date.event_date))],
    ...(location ? { place: location.name } : {}),
  };
}
