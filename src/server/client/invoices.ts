import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { dueNow, loadCompanyLook } from '@/lib/crm/closing';
import { loadBranding, loadInvoice, loadReceived, renderDocument } from '@/lib/crm/documents';
import { readPaymentInstructions } from '@/lib/crm/payments';
import { failureOf } from '@/lib/crm/refusals';
import { GenericRepository } from '@/lib/repositories';
import { sendFile } from '../api/files';
import { type AnswerOf, createRouter, file, json, Money, PUBLIC } from '../api/router';
import type { ApiDependencies } from '../api/services';
import type { Environment } from '../context';
import { RequestError } from '../errors';
import { PAY, startCheckout } from './checkout';
import { ByToken, ByTokenAndId, guardLinks, openLink } from './link';
import { CompanyLook, DuePayment, HowToPay, PagePayment, SalesDocument } from './offer-schema';
import { sendReceipt } from './receipt';

const InvoicePage = z
  .object({
    status: z.string(),
    company: CompanyLook,
    invoice: SalesDocument,
    paid: Money,
    balance: Money,
    due: DuePayment.nullable(),
    howToPay: HowToPay,
    payments: z.array(PagePayment),
  })
  .openapi('InvoicePage');
export type InvoicePage = AnswerOf<typeof InvoicePage>;

const OPEN = ['sent', 'partially_paid'];

/** `/api/client/invoices/<token>`: an issued invoice that its client reads and pays. The link is the permission. */
export function clientInvoiceRoutes(parts: ApiDependencies) {
  const routes = createRouter(parts);
  routes.use(guardLinks());

  const find = async (context: Context<Environment>, token: string, seen = false) => {
    const { tenantId, hash, client } = await openLink(context, parts, token);
    const { data: id, error, status } = await client.rpc('linked_invoice', { token_hash: hash, seen });
    if (error) throw failureOf(error, status);
    if (!id) throw new RequestError('link_unknown', 'This link no longer opens anything.');
    return { tenantId, hash, client, invoice: await new GenericRepository(client, 'invoices').get(id) };
  };

  const read = createRoute({
    method: 'get',
    path: '/{token}',
    tags: ['Client’s page'],
    summary: 'The invoice, and what is to pay.',
    ...PUBLIC,
    request: { params: ByToken },
    responses: { 200: json(InvoicePage, 'What the client is shown.') },
  });
  routes.openapi(read, async (context) => {
    const { client, tenantId, invoice } = await find(context, context.req.valid('param').token, true);
    const [document, company, payments, payment] = await Promise.all([
      loadInvoice(client, invoice.id),
      loadCompanyLook(client),
      loadReceived(client, invoice),
      readPaymentInstructions(parts, client, tenantId),
    ]);
    const { status, total } = invoice;
    const due = OPEN.includes(status) ? dueNow(invoice) : null;
    const balance = OPEN.includes(status) ? total - invoice.paid : 0;
    // A credit lowers what is owed; it is no payment.
    const paid = invoice.paid - invoice.credited;
    return context.json(
      { status, company, invoice: document, paid, balance, due, howToPay: payment, payments },
      200,
    );
  });

  routes.openapi(PAY, async (context) => {
    const { token } = context.req.valid('param');
    const { invoice, ...link } = await find(context, token);
    const payable = OPEN.includes(invoice.status) ? invoice : null;
    return context.json(
      await startCheckout(context, parts, link, payable, context.req.valid('json'), `/i/${token}`),
      200,
    );
  });

  const pdf = createRoute({
    method: 'get',
    path: '/{token}/invoice.pdf',
    tags: ['Client’s page'],
    summary: 'The invoice as PDF.',
    ...PUBLIC,
    request: { params: ByToken },
    responses: { 200: file('application/pdf', 'The invoice.') },
  });
  routes.openapi(pdf, async (context) => {
    const { client, tenantId, invoice } = await find(context, context.req.valid('param').token);
    const [model, branding] = await Promise.all([loadInvoice(client, invoice.id), loadBranding(client)]);
    const content = await renderDocument(model, branding, { tenantId, signal: context.req.raw.signal });
    return sendFile(context, {
      name: `${invoice.invoice_number}.pdf`,
      mimeType: 'application/pdf',
      content,
    });
  });

  const receipt = createRoute({
    method: 'get',
    path: '/{token}/receipts/{id}',
    tags: ['Client’s page'],
    summary: 'The receipt of a payment of the invoice as PDF.',
    ...PUBLIC,
    request: { params: ByTokenAndId },
    responses: { 200: file('application/pdf', 'The receipt.') },
  });
  routes.openapi(receipt, async (context) => {
    const { token, id } = context.req.valid('param');
    const link = await find(context, token);
    return sendReceipt(context, link, link.invoice.id, id);
  });
  return routes;
}
