import { createRoute, z } from '@hono/zod-openapi';
import type { Tenant } from '@/lib/application';
import { sendQuote } from '@/lib/crm/closing';
import { loadSettings } from '@/lib/crm/settings';
import { textToHtml } from '@/lib/crm/templates';
import { countMail } from '@/lib/identity';
import { GenericRepository } from '@/lib/repositories';
import { requireTenantContext } from '../context';
import { type AnswerOf, ById, createRouter, Id, IdempotencyHeader, json, jsonBody } from './router';
import { type ApiParts, baseUrl } from './services';

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
  mail: z.boolean().default(false).openapi({ description: 'Mail the link to the quote’s contact.' }),
  message: z
    .string()
    .max(5000)
    .optional()
    .openapi({ description: 'Above the link in the mail, as plain text.' }),
});

export type SentQuote = AnswerOf<typeof SentQuote>;

/** `/api/quotes`: sending a quote to its client. */
export function quoteRoutes(parts: ApiParts) {
  const routes = createRouter(parts);

  const mailLink = async (
    tenant: Tenant,
    quoteId: string,
    {
      to,
      quoteNumber,
      url,
      message,
    }: { to: string; quoteNumber: string; url: string; message: string | undefined },
  ): Promise<boolean> => {
    if (!parts.services.mail) return false;
    const client = await parts.manager.getClientForTenant(tenant.id, true);
    const quote = await new GenericRepository(client, 'quotes').get(quoteId);
    const { company } = await loadSettings(client, ['company']);
    const text = message?.trim() || 'Here is your quote. You can read it, accept it and sign it on one page.';
    const queue = await parts.services.mail();
    await queue.queue(tenant.id, {
      to,
      subject: `Quote ${quoteNumber} from ${company.name}`,
      bodyHtml: textToHtml(text),
      action: { label: 'Read the quote', url },
      about: {
        account_id: quote.account_id,
        contact_id: quote.contact_id,
        opportunity_id: quote.opportunity_id,
      },
    });
    return true;
  };

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
    const { contractTemplateId, mail, message } = context.req.valid('json');
    if (mail) await countMail(parts, caller);
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
    const mailed =
      mail && email !== null
        ? await mailLink(tenant, quoteId, { to: email, quoteNumber, url, message })
        : false;
    return context.json({ quoteNumber, url, email, mailed }, 200);
  });
  return routes;
}
