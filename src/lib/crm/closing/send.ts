import { createHash } from 'node:crypto';
import type { PostgrestClient } from '@supabase/postgrest-js';
import { GenericRepository, type RowOf } from '@/lib/repositories';
import { createClientLink } from '../client-link';
import { loadQuote, type SalesDocument } from '../documents';
import { formatMoney } from '../money';
import { loadSettings } from '../settings';
import type { MergeValues } from '../templates';
import { writeContract } from './contract-text';
import { ClosingError } from './errors';

export interface SendQuote {
  tenantId: string;
  quoteId: string;
  /** The sender's own client: the database applies the sender's role. */
  client: PostgrestClient;
  /** The whole tenant's: the hash of what was sent is not for users to write. */
  service: PostgrestClient;
  contractTemplateId?: string;
}

export interface SentQuote {
  quoteNumber: string;
  /** Opens the client's page. It is not kept: whoever loses it sends again, and the former link ends. */
  token: string;
  /** Of the quote's contact. */
  email: string | null;
}

/**
 * Sends a quote: fixes its content, writes the contract that goes with it, and makes the one link by which the client
 * reads, accepts, signs and pays. Sending again makes a new link; the old one ends. Its steps can be repeated, and the
 * link opens only after the last of them.
 *
 * @throws RepositoryError `record_not_found`, `permission_denied`, `rule_violated`
 * @throws ClosingError `quote_not_open`, `quote_without_date`, `quote_without_account`, `quote_template_*`
 */
export async function sendQuote(request: SendQuote): Promise<SentQuote> {
  const { tenantId, quoteId, client, service } = request;
  const quotes = new GenericRepository(client, 'quotes');
  const deal = await readDeal(client, await quotes.get(quoteId));
  const link = createClientLink(tenantId);
  await quotes.update(
    quoteId,
    deal.quote.status === 'draft' ? { status: 'sent', token_hash: null } : { token_hash: null },
  );
  const contract = await fixContract(client, deal, request.contractTemplateId);
  const content_sha256 = hashContent(await loadQuote(service, quoteId), contract.body_sha256);
  await new GenericRepository(service, 'quotes').update(quoteId, { content_sha256, token_hash: link.hash });
  return { quoteNumber: deal.quote.quote_number, token: link.token, email: deal.email };
}

/** The hash of what the client is shown: the quote without its status, and the contract's text. */
function hashContent({ status: _, ...document }: SalesDocument, contractSha256: string | null): string {
  return createHash('sha256')
    .update(JSON.stringify([document, contractSha256]))
    .digest('hex');
}

interface Deal {
  quote: RowOf<'quotes'>;
  opportunity: RowOf<'opportunities'>;
  account: RowOf<'accounts'>;
  contact: RowOf<'contacts'> | undefined;
  email: string | null;
  firstDate: RowOf<'event_dates'>;
}

async function readDeal(client: PostgrestClient, quote: RowOf<'quotes'>): Promise<Deal> {
  if (!['draft', 'sent', 'viewed'].includes(quote.status)) {
    throw new ClosingError('quote_not_open', `Quote ${quote.quote_number} is ${quote.status}.`, {
      hint: 'Make a new revision of it and send that.',
    });
  }
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
  if (!firstDate) {
    throw new ClosingError(
      'quote_without_date',
      'The deal has no date: accepting it could reserve nothing.',
      {
        hint: 'Give the deal its date first.',
      },
    );
  }
  if (!account) {
    throw new ClosingError('quote_without_account', 'The deal has no account to make a contract with.', {
      hint: 'Choose an account on the deal.',
    });
  }
  return { quote, opportunity, account, contact, firstDate, email: contact?.email ?? account.email };
}

/** The contract of this quote, sent: the one that is there, else a new one. Contracts of earlier revisions end. */
async function fixContract(
  client: PostgrestClient,
  deal: Deal,
  templateId: string | undefined,
): Promise<RowOf<'contracts'>> {
  const { quote, opportunity, account, contact, email } = deal;
  const contracts = new GenericRepository(client, 'contracts');
  const { rows } = await contracts.list({
    filter: { opportunity_id: opportunity.id, status: ['draft', 'sent', 'viewed'] },
    sort: [{ column: 'created_at', direction: 'desc' }],
  });
  for (const former of rows) {
    if (former.quote_id && former.quote_id !== quote.id)
      await contracts.update(former.id, { status: 'void' });
  }
  const existing = rows.find(({ quote_id }) => quote_id === quote.id);
  if (existing)
    return existing.status === 'draft' ? contracts.update(existing.id, { status: 'sent' }) : existing;
  const text = await writeContract(client, templateId, await mergeValues(client, deal));
  return contracts.create({
    opportunity_id: opportunity.id,
    quote_id: quote.id,
    account_id: account.id,
    contact_id: contact?.id ?? null,
    template_id: text.templateId,
    title: text.title,
    body_html: text.bodyHtml,
    signer_email: email,
    status: 'sent',
  });
}

async function mergeValues(client: PostgrestClient, deal: Deal): Promise<MergeValues> {
  const { quote, opportunity, account, contact, firstDate, email } = deal;
  const [{ company, locale }, location] = await Promise.all([
    loadSettings(client, ['company', 'locale']),
    firstDate.location_id
      ? new GenericRepository(client, 'locations').find(firstDate.location_id)
      : undefined,
  ]);
  const money = (amount: number) => formatMoney(amount, quote.currency, locale);
  const day = (date: string) =>
    new Date(`${date}T00:00:00Z`).toLocaleDateString(locale, { dateStyle: 'long', timeZone: 'UTC' });
  return {
    'company.name': company.name,
    'company.email': company.email,
    'company.phone': company.phone,
    'account.name': account.name,
    'contact.first_name': contact?.first_name ?? '',
    'contact.last_name': contact?.last_name ?? '',
    'contact.email': email ?? '',
    'event.title': opportunity.name,
    'event.date': day(firstDate.event_date),
    'event.start_time': firstDate.start_time.slice(0, 5),
    'event.end_time': firstDate.end_time.slice(0, 5),
    'event.location': location?.name ?? '',
    'quote.number': quote.quote_number,
    'quote.total': money(quote.total),
    'quote.valid_until': quote.valid_until ? day(quote.valid_until) : '',
  };
}
