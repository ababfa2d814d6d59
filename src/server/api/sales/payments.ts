import { createRoute, z } from '@hono/zod-openapi';
import { bookPayment, PaymentError, paymentProvider, recordPayment, refundPayment } from '@/lib/crm/payments';
import type { RowOf } from '@/lib/repositories';
import { requireTenantContext } from '../../tenant-context';
import {
  ById,
  createRouter,
  Id,
  IdempotencyHeader,
  json,
  jsonBody,
  Money,
  PUBLIC,
  RequiredIdempotencyHeader,
} from '../router';
import { type ApiDependencies, baseUrl } from '../services';

const Booked = z
  .object({ outcome: z.enum(['booked', 'known', 'set_aside', 'ignored']) })
  .openapi('BookedPayment');

const Amount = z.number().int().positive().max(1_000_000_000_000);
const Payment = z
  .object({
    id: Id,
    invoice_id: Id,
    kind: z.string(),
    amount: Money,
    currency: z.string(),
    method: z.string(),
    status: z.string(),
    paid_at: z.string().nullable(),
    reference: z.string().nullable(),
    note: z.string().nullable(),
    is_correction: z.boolean(),
  })
  .openapi('Payment');
const ByHand = z.object({
  amount: Amount,
  method: z.enum(['card', 'bank_transfer', 'cash', 'check', 'other']),
  paidAt: z.iso.datetime({ offset: true }).optional(),
  reference: z.string().max(200).optional(),
  note: z.string().max(1000).optional(),
});

/** Headers in which providers send their signature. */
const SIGNATURE_HEADERS = ['stripe-signature', 'x-test-signature'];

/** `/api/payments`: webhooks of payment providers, and refunds. */
export function paymentRoutes(parts: ApiDependencies) {
  const routes = createRouter(parts);
  const webhook = createRoute({
    method: 'post',
    path: '/{provider}/webhook/{tenant}',
    tags: ['Payments'],
    summary: 'A payment provider’s report, signed by it.',
    description:
      'Booked once, however often it is sent. A report that fits no open invoice is set aside, and a task asks the company to check it.',
    ...PUBLIC,
    request: { params: z.object({ provider: z.enum(['stripe', 'test']), tenant: Id }) },
    responses: { 200: json(Booked, 'Taken.') },
  });
  routes.openapi(webhook, async (context) => {
    const { provider: name, tenant } = context.req.valid('param');
    const provider = await paymentProvider(parts, tenant, baseUrl(context, parts), name);
    const signature = SIGNATURE_HEADERS.map((header) => context.req.header(header)).find(Boolean);
    if (!signature) throw new PaymentError('payment_signature_invalid', 'The report is not signed.');
    const report = await provider.readWebhook(await context.req.text(), signature);
    if (!report) return context.json({ outcome: 'ignored' as const }, 200);
    await parts.people.freshen(tenant);
    let { outcome } = await bookPayment(parts.manager, tenant, name, report);
    if (outcome === 'unplaced' && report.refundOf) {
      // The report came before its payment's, or its payment was not made through Marquee.
      const place = await provider.findInvoice?.(report.refundOf);
      if (place?.tenantId === tenant)
        ({ outcome } = await bookPayment(parts.manager, tenant, name, { ...report, ...place }));
    }
    context.set('tenantId', tenant);
    return context.json({ outcome: outcome === 'unplaced' ? ('ignored' as const) : outcome }, 200);
  });

  const refund = createRoute({
    method: 'post',
    path: '/{id}/refunds',
    tags: ['Payments'],
    summary: 'Gives money back, through the provider that took it. For owners, admins and managers.',
    request: {
      params: ById,
      headers: RequiredIdempotencyHeader,
      body: jsonBody(z.object({ amount: Amount })),
    },
    responses: { 201: json(Payment, 'The refund.') },
  });
  routes.openapi(refund, async (context) => {
    const { client, tenant } = await requireTenantContext(context, parts);
    const { amount } = context.req.valid('json');
    const key = context.req.valid('header')['idempotency-key'];
    const byName = (name: string) => paymentProvider(parts, tenant.id, baseUrl(context, parts), name);
    const service = await parts.manager.getClientForTenant(tenant.id, true);
    const row = await refundPayment(client, service, context.req.valid('param').id, amount, key, byName);
    return context.json(describe(row), 201);
  });
  return routes;
}

/** `/api/invoices`: payments recorded by hand. */
export function invoiceRoutes(parts: ApiDependencies) {
  const routes = createRouter(parts);
  const record = createRoute({
    method: 'post',
    path: '/{id}/payments',
    tags: ['Payments'],
    summary: 'Records a payment by hand. For owners, admins and managers.',
    request: { params: ById, headers: IdempotencyHeader, body: jsonBody(ByHand) },
    responses: { 201: json(Payment, 'Recorded.') },
  });
  routes.openapi(record, async (context) => {
    const { client } = await requireTenantContext(context, parts);
    const { amount, method, paidAt, reference, note } = context.req.valid('json');
    const idempotencyKey = context.req.valid('header')['idempotency-key'];
    const row = await recordPayment(client, {
      invoiceId: context.req.valid('param').id,
      amount,
      method,
      ...(paidAt ? { paidAt } : {}),
      ...(reference ? { reference } : {}),
      ...(note ? { note } : {}),
      ...(idempotencyKey ? { idempotencyKey } : {}),
    });
    return context.json(describe(row), 201);
  });
  return routes;
}

function describe(row: RowOf<'payments'>): z.infer<typeof Payment> {
  const { id, invoice_id, kind, amount, currency, method, status, paid_at, reference, note, is_correction } =
    row;
  return { id, invoice_id, kind, amount, currency, method, status, paid_at, reference, note, is_correction };
}
