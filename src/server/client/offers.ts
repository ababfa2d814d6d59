import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { acceptOffer, declineOffer, findLinked, signedPdf } from '@/lib/crm/closing';
import { loadBranding, loadQuote, renderDocument } from '@/lib/crm/documents';
import { PaymentError } from '@/lib/crm/payments';
import { sendFile } from '../api/files';
import { type BodyOf, createRouter, file, Id, json, jsonBody, PUBLIC } from '../api/router';
import { keepSignedPdf } from '../api/sales/keep-signed-pdf';
import type { ApiDependencies } from '../api/services';
import type { Environment } from '../context';
import { RequestError } from '../errors';
import { refuseLinks } from '../typed-names';
import { PAY, startCheckout } from './checkout';
import { ByToken, guardLinks, openLink, Sha256, Signing } from './link';
import { Offer } from './offer-schema';
import { pageActionRoutes } from './page-actions';
import { shownOffer } from './shown-offer';
import { mailSignedCopy } from './signed-copy';

const Acceptance = Signing.extend({ contentSha256: Sha256 }).openapi('Acceptance');

const Closed = z
  .object({ quoteId: Id, contractId: Id, eventId: Id, invoiceId: Id, isNew: z.boolean() })
  .openapi('ClosedDeal');

export type Acceptance = BodyOf<typeof Acceptance>;

/** `/api/client/<token>`: what a client without an account reads, accepts, signs and pays. The link is the permission. */
export function clientRoutes(parts: ApiDependencies) {
  const routes = createRouter(parts);
  routes.use(guardLinks());
  routes.route('/', pageActionRoutes(parts));
  const open = (context: Context<Environment>, token: string) => openLink(context, parts, token);

  const read = createRoute({
    method: 'get',
    path: '/{token}',
    tags: ['Client’s page'],
    summary: 'The quote, its agreement, and what is to pay.',
    ...PUBLIC,
    request: { params: ByToken },
    responses: { 200: json(Offer, 'What the client is shown.') },
  });
  routes.openapi(read, async (context) => {
    const link = await open(context, context.req.valid('param').token);
    return context.json(await shownOffer(parts, link), 200);
  });

  const accept = createRoute({
    method: 'post',
    path: '/{token}/accept',
    tags: ['Client’s page'],
    summary: 'Accepts the quote and signs the agreement.',
    description:
      'Makes the event with its reservations, checklist, deadlines, invoice and invitations, all or nothing. Repeating an acceptance repeats its answer.',
    ...PUBLIC,
    request: { params: ByToken, body: jsonBody(Acceptance) },
    responses: { 200: json(Closed, 'The deal is closed.') },
  });
  routes.openapi(accept, async (context) => {
    const { tenantId, hash, client } = await open(context, context.req.valid('param').token);
    const { signature, name, email, contentSha256 } = context.req.valid('json');
    refuseLinks(name, signature.kind === 'typed' ? signature.text : '');
    const people = await parts.application.users.list(tenantId);
    const deal = await acceptOffer(client, {
      tokenHash: hash,
      contentSha256,
      name,
      ...(email ? { email } : {}),
      signature: signature.kind === 'typed' ? signature.text : signature.png,
      address: context.env.address,
      userAgent: context.req.header('user-agent') ?? '',
      crewUserIds: people
        .filter(({ role, status }) => role === 'staff' && status === 'active')
        .map(({ id }) => id),
    });
    keepSignedPdf(parts, client, tenantId, deal.contractId);
    await mailSignedCopy(parts, client, tenantId, deal.contractId);
    return context.json(deal, 200);
  });

  const decline = createRoute({
    method: 'post',
    path: '/{token}/decline',
    tags: ['Client’s page'],
    summary: 'Declines the quote.',
    ...PUBLIC,
    request: { params: ByToken, body: jsonBody(z.object({ reason: z.string().max(2000).default('') })) },
    responses: { 200: json(z.object({ status: z.literal('declined') }), 'The company sees it.') },
  });
  routes.openapi(decline, async (context) => {
    const { client, hash } = await open(context, context.req.valid('param').token);
    await declineOffer(client, hash, context.req.valid('json').reason);
    return context.json({ status: 'declined' as const }, 200);
  });

  routes.openapi(PAY, async (context) => {
    const { token } = context.req.valid('param');
    const link = await open(context, token);
    const { quote, invoice, isCancelled } = await findLinked(link.client, link.hash);
    if (isCancelled) {
      throw new PaymentError('payment_not_due', 'The event was cancelled: nothing is paid for it here.', {
        hint: 'Ask the company if you think this is wrong.',
      });
    }
    const payable = quote.status === 'accepted' && invoice?.status !== 'draft' ? invoice : null;
    return context.json(
      await startCheckout(context, parts, link, payable, context.req.valid('json'), `/c/${token}`),
      200,
    );
  });

  const pdfs: [
    name: string,
    summary: string,
    answer: (context: Context<Environment>, token: string) => Promise<Response>,
  ][] = [
    [
      'quote.pdf',
      'The quote as PDF.',
      async (context, token) => {
        const { client, hash, tenantId } = await open(context, token);
        const { quote } = await findLinked(client, hash);
        const [model, branding] = await Promise.all([loadQuote(client, quote.id), loadBranding(client)]);
        const { signal } = context.req.raw;
        const content = await renderDocument(model, branding, { tenantId, signal });
        return sendFile(context, { name: `${quote.quote_number}.pdf`, mimeType: 'application/pdf', content });
      },
    ],
    [
      'contract.pdf',
      'The signed agreement as PDF.',
      async (context, token) => {
        const { client, hash, tenantId } = await open(context, token);
        const { contract } = await findLinked(client, hash);
        if (!contract) throw new RequestError('link_unknown', 'There is no agreement yet.');
        return sendFile(context, await signedPdf(client, parts.services.storage, tenantId, contract.id));
      },
    ],
  ];
  for (const [name, summary, answer] of pdfs) {
    const route = createRoute({
      method: 'get',
      path: `/{token}/${name}`,
      tags: ['Client’s page'],
      summary,
      ...PUBLIC,
      request: { params: ByToken },
      responses: { 200: file('application/pdf', summary) },
    });
    routes.openapi(route, (context) => answer(context, context.req.valid('param').token));
  }
  return routes;
}
