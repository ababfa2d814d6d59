import type { PostgrestClient } from '@supabase/postgrest-js';
import { GenericRepository, type RowOf } from '@/lib/repositories';
import { formatMoney } from '../money';
import { loadSettings } from '../settings';
import type { MergeValues } from '../templates';
import { depositOf } from './offer';

/** What a deal's templates can speak of; what is not known yet is left out. */
export interface DealRows {
  quote?: RowOf<'quotes'>;
  opportunity?: RowOf<'opportunities'> | undefined;
  account?: RowOf<'accounts'> | undefined;
  contact?: RowOf<'contacts'> | undefined;
  firstDate?: RowOf<'event_dates'> | undefined;
}

/** The rows around a quote, as far as there are any. @throws RepositoryError `record_not_found` */
export async function readDealRows(client: PostgrestClient, quoteId: string) {
  const quote = await new GenericRepository(client, 'quotes').get(quoteId);
  const opportunity = await new GenericRepository(client, 'opportunities').get(quote.opportunity_id);
  const accountId = quote.account_id ?? opportunity.account_id;
  const contactId = quote.contact_id ?? opportunity.contact_id;
  const [account, contact, firstDate] = await Promise.all([
    accountId ? new GenericRepository(client, 'accounts').find(accountId) : undefined,
    contactId ? new GenericRepository(client, 'contacts').find(contactId) : undefined,
    new GenericRepository(client, 'event_dates').findOne(
      { opportunity_id: quote.opportunity_id, status: { neq: 'cancelled' } },
      [{ column: 'event_date' }, { column: 'start_time' }],
    ),
  ]);
  return { quote, opportunity, account, contact, firstDate };
}

/** The values of merge fields for a deal, as the company writes money and dates. */
export async function mergeValues(client: PostgrestClient, deal: DealRows): Promise<MergeValues> {
  const { quote, opportunity, account, contact, firstDate } = deal;
  const [{ company, locale }, location] = await Promise.all([
    loadSettings(client, ['company', 'locale']),
    firstDate?.location_id
      ? new GenericRepository(client, 'locations').find(firstDate.location_id)
      : undefined,
  ]);
  const money = (amount: number) => formatMoney(amount, quote?.currency ?? 'USD', locale);
  const day = (date: string) =>
    new Date(`${date}T00:00:00Z`).toLocaleDateString(locale, { dateStyle: 'long', timeZone: 'UTC' });
  return {
    'company.name': company.name,
    'company.email': company.email,
    'company.phone': company.phone,
    'account.name': account?.name ?? '',
    'contact.first_name': contact?.first_name ?? '',
    'contact.last_name': contact?.last_name ?? '',
    'contact.email': contact?.email ?? account?.email ?? '',
    'event.title': opportunity?.name ?? '',
    'event.date': firstDate ? day(firstDate.event_date) : '',
    'event.start_time': firstDate?.start_time.slice(0, 5) ?? '',
    'event.end_time': firstDate?.end_time.slice(0, 5) ?? '',
    'event.location': location?.name ?? '',
    'quote.number': quote?.quote_number ?? '',
    'quote.total': quote ? money(quote.total) : '',
    'quote.valid_until': quote?.valid_until ? day(quote.valid_until) : '',
    'deposit.amount': quote ? money(depositOf(quote)) : '',
  };
}
