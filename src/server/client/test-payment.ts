import { type Context, Hono } from 'hono';
import { html } from 'hono/html';
import { z } from 'zod';
import { bookPayment, type PaymentReport, testProvider } from '@/lib/crm/payments';
import { formatMoney } from '@/lib/money';
import { type ApiDependencies, baseUrl } from '../api/services';
import type { Environment } from '../context';
import { page } from '../docs/page';
import { RequestError } from '../errors';

const Fields = z.object({ body: z.string(), signature: z.string(), return: z.string() });

/** `/test-payment`: stands in for a payment provider's page, where test payments are switched on. */
export function testPaymentPage(parts: ApiDependencies): Hono<Environment> {
  const routes = new Hono<Environment>();

  const read = async (context: Context<Environment>, given: unknown) => {
    const secret = parts.services.testPaymentSecret;
    if (!secret) throw new RequestError('not_found', 'There is nothing at this address.');
    const fields = Fields.safeParse(given).data;
    if (!fields) throw new RequestError('request_malformed', 'This payment page is not complete.');
    const base = baseUrl(context, parts);
    const report = await testProvider(secret, base).readWebhook(fields.body, fields.signature);
    if (!report?.tenantId)
      throw new RequestError('request_malformed', 'This payment page is about no payment.');
    // Redirect to this server only: the return address is not covered by the signature.
    const wanted = URL.canParse(fields.return) ? new URL(fields.return) : undefined;
    const back = wanted && wanted.origin === new URL(base).origin ? wanted.toString() : base;
    return { fields, report, tenantId: report.tenantId, back };
  };

  routes.get('/', async (context) => {
    const { fields, report, back } = await read(context, context.req.query());
    return context.html(testPage(fields, report, back));
  });
  routes.post('/', async (context) => {
    const fields = await context.req.parseBody().catch(() => ({}));
    const { report, tenantId, back } = await read(context, fields);
    await parts.people.freshen(tenantId);
    await bookPayment(parts.manager, tenantId, 'test', report);
    context.set('tenantId', tenantId);
    return context.redirect(back, 303);
  });
  return routes;
}

function testPage(fields: z.infer<typeof Fields>, { amount, currency }: PaymentReport, back: string) {
  return page(
    'Test payment',
    html`<h1>Test payment</h1>
<p class="note"><strong>This is a test.</strong> No money moves. This page stands in for a payment provider, so that
the way from quote to payment can be tried out.</p>
<p>Amount: <strong>${formatMoney(amount, currency)}</strong></p>
<form method="post" action="test-payment">
<input type="hidden" name="body" value="${fields.body}">
<input type="hidden" name="signature" value="${fields.signature}">
<input type="hidden" name="return" value="${fields.return}">
<button type="submit">Pay as a test</button>
</form>
<p><a href="${back}">Back without paying</a></p>`,
  );
}
