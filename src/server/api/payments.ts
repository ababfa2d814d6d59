import { createRoute, z } from '@hono/zod-openapi';
import { bookPayment, PaymentError, type PaymentReport } from '@/lib/crm/payments';
import { paymentProvider } from './payment-providers';
import { createRouter, Id, json, PUBLIC } from './router';
import { type ApiParts, baseUrl } from './services';
import { announce } from './webhook-events';

const Booked = z
  .object({ outcome: z.enum(['booked', 'known', 'set_aside', 'ignored']) })
  .openapi('BookedPayment');

/** Headers in which providers send their signature. */
const SIGNATURE_HEADERS = ['stripe-signature', 'x-test-signature'];

/** Books a report and tells the tenant's own systems. */
export async function takeReport(parts: ApiParts, tenantId: string, provider: string, report: PaymentReport) {
  const booking = await bookPayment(parts.manager, tenantId, provider, report);
  const { paymentId } = booking;
  if (booking.outcome === 'booked' && paymentId && report.status === 'succeeded') {
    const ids = { payment_id: paymentId, invoice_id: report.invoiceId };
    const what = report.kind === 'payment' ? 'payment.received' : 'payment.refunded';
    await announce(parts, tenantId, what, ids);
    if (booking.paidInFull) await announce(parts, tenantId, 'invoice.paid', { invoice_id: report.invoiceId });
  }
  return booking;
}

/** `/api/payments`: what providers report. */
export function paymentRoutes(parts: ApiParts) {
  const routes = createRouter();
  const webhook = createRoute({
    method: 'post',
    path: '/{provider}/webhook/{tenant}',
    tags: ['Payments'],
    summary: 'A payment provider’s report, signed by it.',
    description:
      'Booked once, however often it comes. A report that fits no open invoice is set aside: a task asks the company to look.',
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
    const { outcome } = await takeReport(parts, tenant, name, report);
    return context.json({ outcome }, 200);
  });
  return routes;
}
