import type { TenantClient } from '@/lib/data-sources';
import { GenericRepository, type RowOf } from '@/lib/repositories';
import { ClientLinkError } from '../client-link';
import {
  dueOnAcceptance,
  linesOf,
  loadQuote,
  loadReceived,
  type ReceivedPayment,
  readSchedule,
  type SalesDocument,
  sanitizeDocumentHtml,
} from '../documents';
import { failureOf } from '../refusals';
import { loadSettings } from '../settings/load';
import { type CompanyLook, loadCompanyLook } from './company-look';
import { consentTo } from './consent';
import { type PageDesign, type PageFile, readDesigns, readPhotos } from './page-files';

/** What the client’s page shows. */
export interface Offer {
  /**
   * Status of the quote. `changed`: it differs from what was sent, and has to be sent again before it can be accepted. `withdrawn`: the
   * deal is lost or its event called off, so that it is not accepted any more.
   */
  status: string;
  /** The event was cancelled or deleted. */
  isCancelled: boolean;
  company: CompanyLook;
  quote: SalesDocument;
  /** Pictures of the packages on the quote, by package. */
  photos: Record<string, PageFile[]>;
  designs: PageDesign[];
  /** What was paid and refunded, each with a receipt. */
  payments: (ReceivedPayment & { id: string })[];
  /** For each date of the event: the day, its hours with the time zone, the place and its address. */
  when: string[][];
  contract: {
    number: string;
    title: string;
    bodyHtml: string;
    sha256: string;
    signedAt: string | null;
  } | null;
  consentText: string;
  /** Sent back with the acceptance, to prove that the client accepted this content. */
  contentSha256: string;
  /** Minor units, due on acceptance. */
  deposit: number;
  acceptedByName: string | null;
  /** Whether the date stands: something is reserved for it, and no other event has the same. False before the acceptance. */
  isReserved: boolean;
  invoice: {
    number: string | null;
    currency: string;
    total: number;
    paid: number;
    balance: number;
    due: DuePayment | null;
  } | null;
}

export interface DuePayment {
  label: string;
  /** Minor units. */
  amount: number;
  /** ISO date; null: it has none. */
  date: string | null;
}

export interface LinkedRows {
  quote: RowOf<'quotes'>;
  contract: RowOf<'contracts'> | undefined;
  invoice: RowOf<'invoices'> | undefined;
  /** Who is offered something. */
  accountId: string | null;
  /** Of an accepted quote. */
  event: RowOf<'events'> | undefined;
  /** The event was cancelled or deleted: nothing is due any more. */
  isCancelled: boolean;
}

/**
 * What a client’s link opens.
 *
 * @param client of the whole tenant: the link is the permission
 * @throws ClientLinkError `link_unknown`: replaced by a newer one, or never made
 */
export async function findLinked(client: TenantClient, tokenHash: string): Promise<LinkedRows> {
  const quote = await new GenericRepository(client, 'quotes').findOne({ token_hash: tokenHash });
  if (!quote) {
    throw new ClientLinkError('link_unknown', 'This link no longer opens anything.', {
      hint: 'Open the newest mail, or ask for a new link.',
    });
  }
  const [contract, invoice, deal] = await Promise.all([
    new GenericRepository(client, 'contracts').findOne(
      { quote_id: quote.id, status: ['sent', 'viewed', 'signed'] },
      [{ column: 'created_at', direction: 'desc' }],
    ),
    new GenericRepository(client, 'invoices').findOne({ quote_id: quote.id, status: { neq: 'void' } }, [
      { column: 'created_at' },
    ]),
    new GenericRepository(client, 'opportunities').find(quote.opportunity_id),
  ]);
  // The invoice of a cancelled event may be void, so the event is the deal's.
  const eventId = deal?.converted_event_id ?? invoice?.event_id;
  const made = eventId ? await new GenericRepository(client, 'events').find(eventId) : undefined;
  const event = quote.status === 'accepted' ? made : undefined;
  const accountId = quote.account_id ?? deal?.account_id ?? null;
  return { quote, contract, invoice, accountId, event, isCancelled: isCalledOff(made) };
}

/** Whether an event was cancelled or deleted. */
export function isCalledOff(event: Pick<RowOf<'events'>, 'status' | 'deleted_at'> | undefined): boolean {
  return event !== undefined && (event.status === 'cancelled' || event.deleted_at !== null);
}

/** The client’s page. Records the first view of quote and contract. @throws as `findLinked` */
export async function readOffer(client: TenantClient, tokenHash: string): Promise<Offer> {
  const { quote, contract, invoice, accountId, event, isCancelled } = await findLinked(client, tokenHash);
  const isOpen = quote.status === 'sent' || quote.status === 'viewed';
  const [document, company, consentText, designs, payments, hasChanged, isReserved, isWithdrawn] =
    await Promise.all([
      loadQuote(client, quote.id),
      loadCompanyLook(client),
      consentTo('offer', client, accountId),
      event ? readDesigns(client, event.id) : [],
      invoice ? loadReceived(client, invoice) : [],
      offerHasChanged(client, quote.id),
      dateStands(client, event),
      isOpen && (isCancelled || isLost(client, quote.opportunity_id)),
      quote.status === 'sent' || contract?.status === 'sent'
        ? noteView(client, { quote_id: quote.id, ...(contract ? { contract_id: contract.id } : {}) })
        : undefined,
    ]);
  const packages = document.lines.flatMap(({ packageId }) => packageId ?? []);
  return {
    status: isWithdrawn
      ? 'withdrawn'
      : hasChanged
        ? 'changed'
        : quote.status === 'sent'
          ? 'viewed'
          : quote.status,
    isCancelled,
    company,
    quote: document,
    photos: Object.fromEntries(await readPhotos(client, packages)),
    designs,
    payments,
    when: document.event?.dates.map((date) => linesOf(date, company.locale)) ?? [],
    contract: contract
      ? {
          number: contract.contract_number,
          title: contract.title,
          bodyHtml: sanitizeDocumentHtml(contract.body_html),
          sha256: contract.body_sha256 ?? '',
          signedAt: contract.signed_at,
        }
      : null,
    consentText,
    contentSha256: quote.content_sha256 ?? '',
    deposit: dueOnAcceptance(quote),
    acceptedByName: quote.accepted_by_name,
    isReserved,
    invoice:
      invoice && quote.status === 'accepted'
        ? {
            number: invoice.invoice_number,
            currency: invoice.currency,
            // A credit lowers what is owed; it is no payment.
            total: invoice.total - invoice.credited,
            paid: invoice.paid - invoice.credited,
            balance: invoice.total - invoice.paid,
            due: isCancelled ? null : dueNow(invoice),
          }
        : null,
  };
}

/** The client declines; the link stays readable. @throws as `findLinked`, RepositoryError `rule_violated`: already decided */
export async function declineOffer(client: TenantClient, tokenHash: string, reason: string): Promise<void> {
  const { quote } = await findLinked(client, tokenHash);
  const { error, status } = await client.rpc('decline_offer', { quote_id: quote.id, reason });
  if (error) throw failureOf(error, status);
}

/** Whether a sent quote differs from what was sent. */
export async function offerHasChanged(client: TenantClient, quoteId: string): Promise<boolean> {
  const { data } = await client
    .from('quotes')
    .select('needs_resending')
    .eq('id', quoteId)
    .single()
    .throwOnError();
  return data.needs_resending === true;
}

/** The next amount due of an invoice: the open part of the first scheduled payment that is not covered. */
export function dueNow(
  invoice: Pick<
    RowOf<'invoices'>,
    'paid' | 'credited' | 'payment_schedule' | 'next_due_amount' | 'next_due_date'
  >,
): DuePayment | null {
  if (invoice.next_due_amount <= 0) return null;
  let reached = 0;
  const open = readSchedule(invoice.payment_schedule).find(({ amount }) => {
    reached += amount;
    return reached > invoice.paid - invoice.credited;
  });
  return {
    label: open?.label ?? 'Balance',
    amount: invoice.next_due_amount,
    date: invoice.next_due_date,
  };
}

/** Records the client's first view of a quote, a contract, or both. */
export async function noteView(
  client: TenantClient,
  seen: { quote_id?: string; contract_id?: string },
): Promise<void> {
  await client.rpc('note_client_view', seen).throwOnError();
}

/** Whether an event is confirmed (then something is reserved for each date) and none of it is booked for another event too. */
async function dateStands(client: TenantClient, event: RowOf<'events'> | undefined): Promise<boolean> {
  if (!event || !['confirmed', 'in_progress', 'completed'].includes(event.status)) return false;
  const overbooked = await new GenericRepository(client, 'booth_assignments').findOne({
    event_id: event.id,
    overbooked: true,
    status: ['reserved', 'checked_out'],
  });
  return overbooked === undefined;
}

async function isLost(client: TenantClient, opportunityId: string): Promise<boolean> {
  const [{ stage }, { pipeline }] = await Promise.all([
    new GenericRepository(client, 'opportunities').get(opportunityId),
    loadSettings(client, ['pipeline']),
  ]);
  return pipeline.stages.some(({ key, kind }) => key === stage && kind === 'lost');
}
