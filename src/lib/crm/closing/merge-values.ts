import type { TenantClient } from '@/lib/data-sources';
import { formatMoney } from '@/lib/money';
import { GenericRepository, type RowOf, type Sort } from '@/lib/repositories';
import { depositOf, formatTime, wordsOf } from '../documents';
import { loadSettings } from '../settings';
import type { MergeValues } from '../templates';

/** The rows that merge fields read; those that do not exist yet are left out. */
export interface DealRows {
  quote?: RowOf<'quotes'>;
  opportunity?: RowOf<'opportunities'> | undefined;
  account?: RowOf<'accounts'> | undefined;
  contact?: RowOf<'contacts'> | undefined;
  firstDate?: RowOf<'event_dates'> | undefined;
  event?: RowOf<'events'> | undefined;
  invoice?: RowOf<'invoices'> | undefined;
  /** Where there is no client and no date yet, the values are the lead's. */
  lead?: RowOf<'leads'> | undefined;
}

const FIRST_DATE: Sort<RowOf<'event_dates'>>[] = [{ column: 'event_date' }, { column: 'start_time' }];

/** The rows around a quote, as far as there are any. @throws RepositoryError `record_not_found` */
export async function readDealRows(client: TenantClient, quoteId: string) {
  const quote = await new GenericRepository(client, 'quotes').get(quoteId);
  const opportunity = await new GenericRepository(client, 'opportunities').get(quote.opportunity_id);
  const accountId = quote.account_id ?? opportunity.account_id;
  const contactId = quote.contact_id ?? opportunity.contact_id;
  const [account, contact, firstDate] = await Promise.all([
    accountId ? new GenericRepository(client, 'accounts').find(accountId) : undefined,
    contactId ? new GenericRepository(client, 'contacts').find(contactId) : undefined,
    new GenericRepository(client, 'event_dates').findOne(
      { opportunity_id: quote.opportunity_id, status: { neq: 'cancelled' } },
      FIRST_DATE,
    ),
  ]);
  return { quote, opportunity, account, contact, firstDate };
}

/** The rows around an event, as far as there are any. @throws RepositoryError `record_not_found` */
export async function readEventRows(client: TenantClient, eventId: string) {
  const event = await new GenericRepository(client, 'events').get(eventId);
  const { opportunity_id: opportunityId, primary_contact_id: contactId } = event;
  const [account, contact, opportunity, quote, invoice, firstDate] = await Promise.all([
    new GenericRepository(client, 'accounts').find(event.account_id),
    contactId ? new GenericRepository(client, 'contacts').find(contactId) : undefined,
    opportunityId ? new GenericRepository(client, 'opportunities').find(opportunityId) : undefined,
    opportunityId
      ? new GenericRepository(client, 'quotes').findOne({ opportunity_id: opportunityId, status: 'accepted' })
      : undefined,
    new GenericRepository(client, 'invoices').findOne({ event_id: eventId, status: { neq: 'void' } }, [
      { column: 'created_at', direction: 'desc' },
    ]),
    new GenericRepository(client, 'event_dates').findOne(
      { event_id: eventId, status: { neq: 'cancelled' } },
      FIRST_DATE,
    ),
  ]);
  return { event, account, contact, opportunity, quote, invoice, firstDate };
}

/**
 * The values of merge fields for a deal or an event.
 *
 * @param language in which money and dates are written; the company's by default
 */
export async function mergeValues(
  client: TenantClient,
  deal: DealRows,
  language?: string,
): Promise<MergeValues> {
  const { quote, opportunity, account, contact, firstDate, event, invoice, lead } = deal;
  const [{ company, locale: ownLocale, payment_instructions }, location, extra] = await Promise.all([
    loadSettings(client, ['company', 'locale', 'payment_instructions']),
    firstDate?.location_id
      ? new GenericRepository(client, 'locations').find(firstDate.location_id)
      : undefined,
    quote &&
      new GenericRepository(client, 'quote_line_items').findOne({ quote_id: quote.id, optional: true }),
  ]);
  const locale = language ?? ownLocale;
  // The text is fixed before the client chooses; what is ordered in the end is printed below it.
  const beforeExtras = extra ? ` (${wordsOf(locale).beforeExtras})` : '';
  const money = (amount: number, { currency }: { currency: string }) => formatMoney(amount, currency, locale);
  const day = (date: string) =>
    new Date(`${date}T00:00:00Z`).toLocaleDateString(locale, { dateStyle: 'long', timeZone: 'UTC' });
  return {
    'company.name': company.name,
    'company.email': company.email,
    'company.phone': company.phone,
    'company.payment_instructions': payment_instructions.trim(),
    'account.name': account?.name ?? (lead ? (lead.company ?? nameOf(lead)) : ''),
    'contact.first_name': contact?.first_name ?? lead?.first_name ?? '',
    'contact.last_name': contact?.last_name ?? lead?.last_name ?? '',
    'contact.email': contact?.email ?? account?.email ?? lead?.email ?? '',
    'event.title': event?.title ?? opportunity?.name ?? '',
    'event.number': event?.event_number ?? '',
    'event.guest_count': String(event?.guest_count ?? lead?.guest_count ?? ''),
    'event.date': firstDate ? day(firstDate.event_date) : lead?.event_date ? day(lead.event_date) : '',
    'event.start_time': firstDate ? formatTime(firstDate.start_time, locale) : '',
    'event.end_time': firstDate ? formatTime(firstDate.end_time, locale) : '',
    'event.location': location?.name ?? lead?.event_place ?? '',
    'quote.number': quote?.quote_number ?? '',
    'quote.total': quote ? money(quote.total, quote) + beforeExtras : '',
    'quote.valid_until': quote?.valid_until ? day(quote.valid_until) : '',
    'deposit.amount': quote ? money(depositOf(quote), quote) + beforeExtras : '',
    'invoice.number': invoice?.invoice_number ?? '',
    'invoice.total': invoice ? money(invoice.total, invoice) : '',
    'invoice.balance': invoice ? money(invoice.total - invoice.paid, invoice) : '',
    'invoice.due_date': invoice?.due_date ? day(invoice.due_date) : '',
    'invoice.next_due_amount':
      invoice && invoice.next_due_amount > 0 ? money(invoice.next_due_amount, invoice) : '',
    'invoice.next_due_date': invoice?.next_due_date ? day(invoice.next_due_date) : '',
  };
}

function nameOf({ first_name, last_name }: RowOf<'leads'>): string {
  return [first_name, last_name].filter(Boolean).join(' ');
}
