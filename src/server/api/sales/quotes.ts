import { createRoute, z } from '@hono/zod-openapi';
import { mergeValues, readDealRows, sendQuote } from '@/lib/crm/closing';
import { mailColumns } from '@/lib/crm/correspondence';
import type { Action } from '@/lib/crm/delivery/jobs';
import { loadSettings } from '@/lib/crm/settings';
import { mergeMailText, mergeTemplate } from '@/lib/crm/templates';
import type { TenantClient } from '@/lib/data-sources';
import { countMail } from '@/lib/identity';
import { requireTenantContext } from '../../tenant-context';
import { requireValues } from '../mail/require-values';
import {
  type AnswerOf,
  ById,
  Cc,
  createRouter,
  Email,
  Id,
  IdempotencyHeader,
  json,
  jsonBody,
} from '../router';
import { type ApiDependencies, baseUrl } from '../services';

const SentQuote = z
  .object({
    quoteNumber: z.string(),
    url: z.url().openapi({ description: 'The client’s page. Shown once: only its hash is kept.' }),
    mailed: z.boolean(),
    email: z.string().nullable().openapi({ description: 'Of the quote’s contact.' }),
  })
  .openapi('SentQuote');

const SendQuote = z.object({
  contractTemplateId: Id.optional(),
  mail: z.boolean().default(false).openapi({ description: 'Mail the link.' }),
  to: Email.optional().openapi({ description: 'Instead of the quote’s contact.' }),
  cc: Cc,
  subject: z.string().max(500).optional(),
  message: z.string().max(5000).optional().openapi({
    description: 'Above the link in the mail: plain text or HTML, with merge fields such as `{{link}}`.',
  }),
});

export type SentQuote = AnswerOf<typeof SentQuote>;

/** `/api/quotes`: sending a quote to its client. */
export function quoteRoutes(parts: ApiDependencies) {
  const routes = createRouter(parts);

  const summary = 'Sends a quote: locks it, writes its contract and makes the client’s link.';
  const send = createRoute({
    method: 'post',
    path: '/{id}/send',
    tags: ['Quotes'],
    summary,
    description: 'Sending again makes a new link; the previous one stops working.',
    request: { params: ById, headers: IdempotencyHeader, body: jsonBody(SendQuote) },
    responses: { 200: json(SentQuote, summary) },
  });
  routes.openapi(send, async (context) => {
    const caller = await requireTenantContext(context, parts);
    const { tenant, client, user } = caller;
    const { id: quoteId } = context.req.valid('param');
    const { contractTemplateId, mail, to, cc, ...texts } = context.req.valid('json');
    if (mail) {
      await countMail(parts, caller);
      // Before the quote is changed, since the mail may lack values.
      await writeMail(client, quoteId, texts, baseUrl(context, parts));
    }
    const service = await parts.manager.getClientForTenant(tenant.id, true);
    const { quoteNumber, token, email } = await sendQuote({
      tenantId: tenant.id,
      quoteId,
      client,
      service,
      senderId: user.id,
      ...(contractTemplateId ? { contractTemplateId } : {}),
    });
    const url = `${baseUrl(context, parts)}/c/${token}`;
    const recipient = mail ? (to ?? email) : null;
    const mailed = recipient !== null && parts.services.mail !== undefined;
    if (mailed) {
      const queue = await parts.services.mail?.();
      // As the sender, who is told if it does not arrive.
      const written = await writeMail(service, quoteId, texts, url);
      await queue?.queue(tenant.id, { to: recipient, cc, ...written }, client);
    }
    return context.json({ quoteNumber, url, email, mailed }, 200);
  });
  return routes;
}

/**
 * The mail that brings a quote's link.
 *
 * @param url of the link
 * @throws RequestError `message_incomplete`; TemplateError; RepositoryError `record_not_found`
 */
async function writeMail(
  client: TenantClient,
  quoteId: string,
  { subject, message }: { subject?: string | undefined; message?: string | undefined },
  url: string,
) {
  const rows = await readDealRows(client, quoteId);
  const { company, locale } = await loadSettings(client, ['company', 'locale']);
  const language = rows.account?.locale ?? locale;
  const words = wordsIn(language);
  const values = { ...(await mergeValues(client, rows, language)), link: url };
  const line = subject?.trim()
    ? mergeTemplate(subject.trim(), values, 'text')
    : { content: words.subject(rows.quote.quote_number, company.name), missing: [] };
  const text = mergeMailText(message?.trim() || words.text, values);
  requireValues([...line.missing, ...text.missing]);
  return {
    language,
    subject: line.content,
    bodyHtml: text.content,
    action: quoteButton(quoteId, url, language),
    about: mailColumns(rows),
  };
}

/** The button of a mail that opens a quote. @param url of its link */
export function quoteButton(quoteId: string, url: string, language: string): Action {
  return { label: wordsIn(language).action, url, opens: { kind: 'quote', id: quoteId } };
}

function wordsIn(language: string): typeof ENGLISH {
  return language.startsWith('de') ? GERMAN : ENGLISH;
}

const ENGLISH = {
  subject: (number: string, company: string) => `Quote ${number} from ${company}`,
  text: 'Here is your quote. You can read it, accept it and sign it on one page.',
  action: 'Read the quote',
};
const GERMAN: typeof ENGLISH = {
  subject: (number, company) => `Angebot ${number} von ${company}`,
  text: 'Hier ist Ihr Angebot. Sie können es auf einer Seite lesen, annehmen und unterschreiben.',
  action: 'Angebot ansehen',
};
