import type { TenantClient } from '@/lib/data-sources';
import { GenericRepository } from '@/lib/repositories';
import { type DealRows, readDealRows, readEventRows } from '../closing';
import type { OutgoingMail } from '../delivery/jobs';

/** Kinds of records that mails are written about. */
export const ABOUT_KINDS = [
  'lead',
  'contact',
  'account',
  'opportunity',
  'quote',
  'invoice',
  'event',
] as const;

/** The record that a mail is about. */
export interface About {
  kind: (typeof ABOUT_KINDS)[number];
  id: string;
}

/** The rows around a record, as far as there are any. @throws RepositoryError `record_not_found`: not there, or not for this user */
export async function readRowsAbout(client: TenantClient, { kind, id }: About): Promise<DealRows> {
  switch (kind) {
    case 'event':
      return readEventRows(client, id);
    case 'quote':
      return readDealRows(client, id);
    case 'opportunity':
      return readOpportunityRows(client, id);
    case 'invoice':
      return readInvoiceRows(client, id);
    case 'lead':
      return { lead: await new GenericRepository(client, 'leads').get(id) };
    case 'contact': {
      const contact = await new GenericRepository(client, 'contacts').get(id);
      return { contact, account: await accountOf(client, id) };
    }
    case 'account': {
      const account = await new GenericRepository(client, 'accounts').get(id);
      return { account, contact: await contactOf(client, id) };
    }
  }
}

async function readOpportunityRows(client: TenantClient, id: string): Promise<DealRows> {
  const opportunity = await new GenericRepository(client, 'opportunities').get(id);
  const quote = await new GenericRepository(client, 'quotes').findOne({ opportunity_id: id }, [
    { column: 'revision', direction: 'desc' },
  ]);
  if (quote) return readDealRows(client, quote.id);
  const [account, contact, firstDate] = await Promise.all([
    find(client, 'accounts', opportunity.account_id),
    find(client, 'contacts', opportunity.contact_id),
    new GenericRepository(client, 'event_dates').findOne(
      { opportunity_id: id, status: { neq: 'cancelled' } },
      [{ column: 'event_date' }],
    ),
  ]);
  return { opportunity, account, contact, firstDate };
}

async function readInvoiceRows(client: TenantClient, id: string): Promise<DealRows> {
  const invoice = await new GenericRepository(client, 'invoices').get(id);
  const [account, contact, rows] = await Promise.all([
    find(client, 'accounts', invoice.account_id),
    find(client, 'contacts', invoice.contact_id),
    invoice.event_id ? readEventRows(client, invoice.event_id) : undefined,
  ]);
  // Another than the event's client may pay: then the client's contact is not asked for the money.
  const isOfClient = rows?.account?.id === invoice.account_id;
  return { ...rows, invoice, account, contact: contact ?? (isOfClient ? rows?.contact : undefined) };
}

function find<Table extends 'accounts' | 'contacts'>(client: TenantClient, table: Table, id: string | null) {
  return id ? new GenericRepository(client, table).find(id) : undefined;
}

async function accountOf(client: TenantClient, contactId: string) {
  const link = await new GenericRepository(client, 'contact_accounts').findOne({ contact_id: contactId }, [
    { column: 'is_primary', direction: 'desc' },
  ]);
  return find(client, 'accounts', link?.account_id ?? null);
}

async function contactOf(client: TenantClient, accountId: string) {
  const link = await new GenericRepository(client, 'contact_accounts').findOne({ account_id: accountId }, [
    { column: 'is_primary', direction: 'desc' },
  ]);
  return find(client, 'contacts', link?.contact_id ?? null);
}

/** Whom a mail goes to, unless another address is given. */
export function recipientOf({ lead, contact, account }: DealRows): string | null {
  return lead?.email ?? contact?.email ?? account?.email ?? null;
}

/** The columns of `communications` that put a mail into the timelines of these rows. */
export function mailColumns({
  lead,
  contact,
  account,
  opportunity,
  event,
  quote,
  invoice,
}: DealRows): NonNullable<OutgoingMail['about']> {
  return {
    lead_id: lead?.id ?? null,
    contact_id: contact?.id ?? null,
    account_id: account?.id ?? null,
    opportunity_id: opportunity?.id ?? null,
    event_id: event?.id ?? null,
    quote_id: quote?.id ?? null,
    invoice_id: invoice?.id ?? null,
  };
}
