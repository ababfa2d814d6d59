import { createHash } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { dueNow, languageOf } from '@/lib/crm/closing';
import { wordsOf } from '@/lib/crm/documents';
import { PaymentError, paymentProvider } from '@/lib/crm/payments';
import type { TenantClient } from '@/lib/data-sources';
import { GenericRepository, type RowOf } from '@/lib/repositories';
import { type BodyOf, IdempotencyHeader, json, jsonBody, PUBLIC } from '../api/router';
import { type ApiDependencies, baseUrl } from '../api/services';
import type { Environment } from '../context';
import { ByToken } from './link';

const Payment = z.object({ what: z.enum(['due', 'balance']).default('due') });
export type PaymentAsked = BodyOf<typeof Payment>;

/** `POST …/{token}/pay` of a client's page. */
export const PAY = createRoute({
  method: 'post',
  path: '/{token}/pay',
  tags: ['Client’s page'],
  summary: 'Opens a payment page for what is due, or for the whole balance.',
  ...PUBLIC,
  request: { params: ByToken, headers: IdempotencyHeader, body: jsonBody(Payment) },
  responses: { 200: json(z.object({ url: z.url() }), 'Where to pay.') },
});

/**
 * Begins the payment of an invoice.
 *
 * @param invoice null where nothing is to pay
 * @param page of the client, below the address of the company: where the provider leads back to
 * @returns the provider's payment page
 * @throws PaymentError `payment_not_due`, and what the provider refuses
 */
export async function startCheckout(
  context: Context<Environment>,
  parts: ApiDependencies,
  { tenantId, client }: { tenantId: string; client: TenantClient },
  invoice: RowOf<'invoices'> | null | undefined,
  { what }: PaymentAsked,
  page: `/${string}`,
): Promise<{ url: string }> {
  const due = invoice ? dueNow(invoice) : null;
  if (!invoice || !due) throw new PaymentError('payment_not_due', 'There is nothing to pay here now.');
  const whole = what === 'balance';
  const amount = whole ? invoice.total - invoice.paid : due.amount;
  const base = baseUrl(context, parts);
  const provider = await paymentProvider(parts, tenantId, base);
  const checkout = {
    tenantId,
    invoiceId: invoice.id,
    description: await describe(client, invoice, whole ? 'Balance' : due.label),
    amount,
    currency: invoice.currency,
    returnUrl: `${base}${page}`,
    // The provider reports the payment a moment later. By the amount paid before, the page can tell whether it was booked.
    paidUrl: `${base}${page}?paid=${invoice.paid - invoice.credited}`,
  };
  // A reload opens the same checkout; the next instalment another, and so does what was given back since. The key is made of all
  // that is asked for, such as the description in the client's language, since providers refuse a key that is reused with anything else.
  const refunds = await new GenericRepository(client, 'payments').count({
    invoice_id: invoice.id,
    kind: 'refund',
    status: 'succeeded',
  });
  const fingerprint = createHash('sha256').update(JSON.stringify(checkout)).digest('hex').slice(0, 32);
  const { url } = await provider.startCheckout({
    ...checkout,
    idempotencyKey: `${invoice.id}:${invoice.paid}:${refunds}:${fingerprint}`,
  });
  return { url };
}

/** What the provider's page calls the payment, in the client's language: `Anzahlung, Rechnung R-1001`. */
async function describe(client: TenantClient, invoice: RowOf<'invoices'>, label: string): Promise<string> {
  const words = wordsOf(await languageOf(client, invoice.account_id));
  return `${words.known[label] ?? label}, ${words.invoice} ${invoice.invoice_number}`;
}
