// What a client does on the page of a quote beside accepting it: choosing extras, asking, answering designs.
import type { TenantClient } from '@/lib/data-sources';
import { GenericRepository } from '@/lib/repositories';
import { ClientLinkError } from '../client-link';
import { failureOf } from '../refusals';
import { findLinked, type LinkedRows } from './offer';

/**
 * Whether a link's page shows a file: a photo of a package on the quote, or a proof of a design of its event.
 *
 * @throws ClientLinkError `link_unknown`
 */
export async function requireShown(client: TenantClient, tokenHash: string, fileId: string): Promise<void> {
  const { quote, event } = await findLinked(client, tokenHash);
  const file = await new GenericRepository(client, 'attachments').find(fileId);
  const isShown =
    file?.visibility === 'client' &&
    ((file.entity_type === 'package' &&
      (await new GenericRepository(client, 'quote_line_items').findOne({
        quote_id: quote.id,
        package_id: file.entity_id,
      }))) ||
      (file.entity_type === 'event_design_item' &&
        event &&
        (await new GenericRepository(client, 'event_design_items').findOne({
          id: file.entity_id,
          event_id: event.id,
        }))));
  if (!isShown) throw new ClientLinkError('link_unknown', 'This link does not show the file.');
}

/**
 * Chooses the extras of a quote: exactly these. The database computes totals and deposit anew.
 *
 * @param contentSha256 of the offer that the client was shown
 * @throws ClientLinkError `link_unknown`; RepositoryError `rule_violated`: decided, changed meanwhile, or no extra of this quote
 */
export async function chooseExtras(
  client: TenantClient,
  tokenHash: string,
  choice: { lineIds: string[]; contentSha256: string },
): Promise<void> {
  const { quote } = await findLinked(client, tokenHash);
  const { error, status } = await client.rpc('choose_extras', {
    quote_id: quote.id,
    line_ids: choice.lineIds,
    content_sha256: choice.contentSha256,
  });
  if (error) throw failureOf(error, status);
}

/** Keeps a client's question among the messages of the deal; the company is notified of it. @throws as `findLinked` */
export async function askQuestion(client: TenantClient, tokenHash: string, question: string): Promise<void> {
  const linked = await findLinked(client, tokenHash);
  await new GenericRepository(client, 'communications').create({
    type: 'note',
    direction: 'inbound',
    status: 'logged',
    subject: linked.quote.quote_number,
    body: question,
    occurred_at: new Date().toISOString(),
    ...aboutOf(linked),
  });
}

function aboutOf({ quote, event }: LinkedRows) {
  return {
    account_id: quote.account_id,
    contact_id: quote.contact_id,
    opportunity_id: quote.opportunity_id,
    event_id: event?.id ?? null,
  };
}

/**
 * The client approves a design, or asks for changes.
 *
 * @param answer.comment undefined approves
 * @throws ClientLinkError `link_unknown`; RepositoryError `rule_violated`: no such design, or approved already
 */
export async function answerDesign(
  client: TenantClient,
  tokenHash: string,
  answer: { designId: string; name: string; comment?: string },
): Promise<void> {
  const { event } = await findLinked(client, tokenHash);
  if (!event) throw new ClientLinkError('link_unknown', 'There is no event yet.');
  await answerDesignOf(client, event.id, answer);
}

/** As `answerDesign`, of an event whose link was checked. */
export async function answerDesignOf(
  client: TenantClient,
  eventId: string,
  answer: { designId: string; name: string; comment?: string },
): Promise<void> {
  const { error, status } = await client.rpc('answer_design', {
    design_id: answer.designId,
    for_event: eventId,
    client_name: answer.name,
    ...(answer.comment ? { comment: answer.comment } : {}),
  });
  if (error) throw failureOf(error, status);
}
