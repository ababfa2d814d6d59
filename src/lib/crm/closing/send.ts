import type { TenantClient } from '@/lib/data-sources';
import { GenericRepository, type RowOf } from '@/lib/repositories';
import { createClientLink } from '../client-link';
import { dateIn } from '../dates';
import { sanitizeDocumentHtml } from '../documents';
import { failureOf } from '../refusals';
import { loadSettings } from '../settings';
import { type ContractText, refuseEmpty, writeContract } from './contract-text';
import { ClosingError } from './errors';
import { mergeValues, readDealRows } from './merge-values';
import { offerHasChanged } from './offer';

export interface SendQuote {
  tenantId: string;
  quoteId: string;
  /** The sender's own client: the database applies the sender's role. */
  client: TenantClient;
  /** Acts for the whole tenant: users may not write the hash of what was sent. */
  service: TenantClient;
  /** Who sends it. */
  senderId?: string;
  contractTemplateId?: string;
}

export interface SentQuote {
  quoteNumber: string;
  /** Opens the client's page. Not stored: if it is lost, send again, which ends the previous link. */
  token: string;
  /** Address of the quote's contact. */
  email: string | null;
}

/**
 * Sends a quote: locks its content, writes the contract that goes with it, and makes the link by which the client
 * reads, accepts, signs and pays. Sending again makes a new link; the old one ends. A contract whose deal has changed since
 * is written anew. Its steps can be repeated, and the link opens only after the last of them. What is refused changes nothing:
 * the quote stays as it is, and so does the client's link to it or to a former revision.
 *
 * @throws RepositoryError `record_not_found`, `permission_denied`, `rule_violated`, `record_stale`: a draft changed meanwhile
 * @throws ClosingError `quote_not_open`, `quote_without_lines`, `quote_without_date`, `quote_without_account`,
 *   `quote_past_validity`, `quote_template_*`, `quote_contract_empty`
 */
export async function sendQuote(request: SendQuote): Promise<SentQuote> {
  const { tenantId, quoteId, client, service } = request;
  const quotes = new GenericRepository(client, 'quotes');
  const deal = await readDeal(client, quoteId);
  const { quote } = deal;
  const contract = await prepareContract(client, deal, request.contractTemplateId);
  const link = createClientLink(tenantId);
  // Updated also when it was sent before: the database checks whether the sender may send it.
  await (quote.status === 'draft'
    ? quotes.update(quoteId, { status: 'sent' }, { version: quote.version })
    : quotes.update(quoteId, { status: quote.status }));
  await new GenericRepository(service, 'quotes').update(quoteId, { token_hash: null });
  await fixContract(client, deal, contract);
  const { error, status: answered } = await service.rpc('fix_offer', {
    quote_id: quoteId,
    token_hash: link.hash,
    ...(request.senderId ? { sender: request.senderId } : {}),
  });
  if (error) throw failureOf(error, answered);
  return { quoteNumber: quote.quote_number, token: link.token, email: deal.email };
}

interface Deal {
  quote: RowOf<'quotes'>;
  opportunity: RowOf<'opportunities'>;
  account: RowOf<'accounts'>;
  contact: RowOf<'contacts'> | undefined;
  email: string | null;
  firstDate: RowOf<'event_dates'>;
}

async function readDeal(client: TenantClient, quoteId: string): Promise<Deal> {
  const { quote, opportunity, account, contact, firstDate } = await readDealRows(client, quoteId);
  if (!['draft', 'sent', 'viewed'].includes(quote.status)) {
    throw new ClosingError('quote_not_open', `Quote ${quote.quote_number} is ${quote.status}.`, {
      hint: 'Create a new revision and send that.',
    });
  }
  const { timezone } = await loadSettings(client, ['timezone']);
  if (quote.valid_until && quote.valid_until < dateIn(timezone, new Date())) {
    throw new ClosingError(
      'quote_past_validity',
      `Quote ${quote.quote_number} was valid until ${quote.valid_until}.`,
      { hint: 'Set “Valid until” to today or a later day.' },
    );
  }
  if (!(await new GenericRepository(client, 'quote_line_items').findOne({ quote_id: quoteId }))) {
    throw new ClosingError('quote_without_lines', `Quote ${quote.quote_number} has no line.`, {
      hint: 'Add a line first.',
    });
  }
  if (!firstDate) {
    throw new ClosingError(
      'quote_without_date',
      'The deal has no date, so accepting it could not reserve anything.',
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

interface PreparedContract {
  /** Contracts of earlier revisions, and one that differs from the offer. */
  ended: RowOf<'contracts'>[];
  /** Stays the quote's contract. */
  kept?: RowOf<'contracts'>;
  /** Of a new one, where none stays. */
  text?: ContractText;
}

/** What becomes of the deal's contracts when the quote is sent. @throws as `writeContract` */
async function prepareContract(
  client: TenantClient,
  deal: Deal,
  templateId: string | undefined,
): Promise<PreparedContract> {
  const { quote, opportunity } = deal;
  const hasChanged = await offerHasChanged(client, quote.id);
  const { rows } = await new GenericRepository(client, 'contracts').list({
    filter: { opportunity_id: opportunity.id, status: ['draft', 'sent', 'viewed'] },
    sort: [{ column: 'created_at', direction: 'desc' }],
  });
  const isStale = ({ quote_id, status }: RowOf<'contracts'>) =>
    quote_id !== quote.id || (hasChanged && status !== 'draft');
  const ended = rows.filter((row) => row.quote_id && isStale(row));
  const kept = rows.find((row) => !isStale(row));
  if (kept) {
    if (kept.status === 'draft') refuseEmpty(kept.title, kept.body_html);
    return { ended, kept };
  }
  return { ended, text: await writeContract(client, templateId, await mergeValues(client, deal)) };
}

/** Ends former contracts of the deal, and sends the one of this quote. */
async function fixContract(
  client: TenantClient,
  { quote, opportunity, account, contact, email }: Deal,
  { ended, kept, text }: PreparedContract,
): Promise<void> {
  const contracts = new GenericRepository(client, 'contracts');
  for (const former of ended) await contracts.update(former.id, { status: 'void' });
  if (kept?.status === 'draft') {
    await contracts.update(kept.id, { status: 'sent', body_html: sanitizeDocumentHtml(kept.body_html) });
  }
  if (!text) return;
  await contracts.create({
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
