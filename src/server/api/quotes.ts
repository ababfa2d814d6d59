import { createRoute, z } from '@hono/zod-openapi';
import { sendQuote } from '@/lib/crm/closing';
import { requireTenantContext } from '../context';
import { ById, createRouter, Id, json, jsonBody } from './router';
import { type ApiParts, baseUrl, serviceClient } from './services';
import { announce } from './webhook-events';

const SentQuote = z
  .object({
    quoteNumber: z.string(),
    url: z.url().openapi({ description: 'The client’s page. Shown once: only its hash is kept.' }),
    email: z.string().nullable().openapi({ description: 'Of the quote’s contact.' }),
  })
  .openapi('SentQuote');

/** `/api/quotes`: sending one to its client. */
export function quoteRoutes(parts: ApiParts) {
  const routes = createRouter();
  const summary = 'Sends a quote: fixes it, writes its contract and makes the client’s link.';
  const send = createRoute({
    method: 'post',
    path: '/{id}/send',
    tags: ['Quotes'],
    summary,
    description: 'Sending again makes a new link and ends the former one.',
    request: { params: ById, body: jsonBody(z.object({ contractTemplateId: Id.optional() })) },
    responses: { 200: json(SentQuote, summary) },
  });
  routes.openapi(send, async (context) => {
    const { tenant, client } = await requireTenantContext(context, parts);
    const { id: quoteId } = context.req.valid('param');
    const { contractTemplateId } = context.req.valid('json');
    const service = await serviceClient(parts, tenant.id);
    const { quoteNumber, token, email } = await sendQuote({
      tenantId: tenant.id,
      quoteId,
      client,
      service,
      ...(contractTemplateId ? { contractTemplateId } : {}),
    });
    await announce(parts, tenant.id, 'quote.sent', { quote_id: quoteId });
    return context.json({ quoteNumber, url: `${baseUrl(context, parts)}/c/${token}`, email }, 200);
  });
  return routes;
}
