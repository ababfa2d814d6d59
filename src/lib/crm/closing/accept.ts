import type { TenantClient } from '@/lib/data-sources';
import { failureOf } from '../refusals';
import { consentTo } from './consent';
import { chooseCrew } from './crew';
import { ClosingError } from './errors';
import { findLinked, type LinkedRows } from './offer';

export interface Acceptance {
  tokenHash: string;
  /** Hash of the offer that the client was shown. */
  contentSha256: string;
  name: string;
  email?: string;
  /** What was typed, or a PNG as data URL of what was drawn. */
  signature: string;
  address: string;
  userAgent: string;
  /** The tenant’s users who may work at events; those with the least work are invited. */
  crewUserIds: string[];
}

export interface ClosedDeal {
  quoteId: string;
  contractId: string;
  eventId: string;
  invoiceId: string;
  /** False when it had been closed before: the same acceptance sent again. */
  isNew: boolean;
}

/**
 * Closes a deal from the client’s page, all of it or nothing (the database's `close_deal`): the quote is accepted, the
 * contract signed, the deal becomes an event with its reservations, checklist and design deadlines, the invoice is
 * sent, the crew invited.
 *
 * Repeating an acceptance repeats its answer and changes nothing.
 *
 * @param client of the whole tenant: the link is the permission
 * @throws ClientLinkError `link_unknown`
 * @throws ClosingError `quote_changed`, `quote_superseded`, `quote_accepted_already`, `quote_without_contract`
 * @throws RepositoryError `rule_violated` (expired, declined, …), `record_conflict` (the booth is booked for another event)
 */
export async function acceptOffer(client: TenantClient, acceptance: Acceptance): Promise<ClosedDeal> {
  const { quote, contract, accountId } = await findLinked(client, acceptance.tokenHash);
  const isNew = quote.status !== 'accepted';
  if (!isNew) refuseOther(quote, acceptance.name);
  if (quote.status === 'superseded') {
    throw new ClosingError('quote_superseded', `Quote ${quote.quote_number} was replaced by a newer one.`, {
      hint: 'Open the newest mail from the company.',
    });
  }
  if (!contract) {
    throw new ClosingError('quote_without_contract', 'The agreement of this quote was withdrawn.', {
      hint: 'Ask the company to send the quote again.',
    });
  }
  // The database compares the offer with what was sent, under locks on all its rows.
  if (quote.content_sha256 !== acceptance.contentSha256) {
    throw new ClosingError('quote_changed', 'The quote is no longer the one you were shown.', {
      hint: 'Load the page again and read it once more.',
    });
  }
  const { name, email, signature, address, userAgent, crewUserIds } = acceptance;
  const { data, error, status } = await client.rpc('close_deal', {
    quote_id: quote.id,
    contract_id: contract.id,
    client: {
      name,
      signature,
      content_sha256: acceptance.contentSha256,
      consent_text: await consentTo('offer', client, accountId),
      user_agent: userAgent.slice(0, 500),
      ...(email ? { email } : {}),
      ...(address ? { ip: address } : {}),
    },
    crew: isNew ? await chooseCrew(client, quote.opportunity_id, crewUserIds) : [],
  });
  if (error) throw failureOf(error, status);
  // Of two concurrent acceptances the database takes one; the other must not be answered as accepted.
  if (isNew) refuseOther((await findLinked(client, acceptance.tokenHash)).quote, name);
  const made = data as { event_id: string; invoice_id: string };
  return {
    quoteId: quote.id,
    contractId: contract.id,
    eventId: made.event_id,
    invoiceId: made.invoice_id,
    isNew,
  };
}

function refuseOther(quote: LinkedRows['quote'], name: string): void {
  if (quote.accepted_by_name === name.trim()) return;
  throw new ClosingError('quote_accepted_already', `Quote ${quote.quote_number} was accepted already.`, {
    hint: 'Load the page again to see it.',
  });
}
