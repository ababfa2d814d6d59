import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { type Checkout, PaymentError, type PaymentProvider, type PaymentReport } from './provider';

/**
 * A provider that takes no money: for trying out and for tests. Its payment page is Marquee's own and says that it is a
 * test; paying there posts a webhook signed with `secret`, as a real provider would.
 *
 * @param pageUrl Marquee's page that plays the provider's, e.g. `http://localhost:3000/test-payment`
 */
export function createTestProvider(options: { secret: string; pageUrl: string }): PaymentProvider & {
  sign(report: PaymentReport): { body: string; signature: string };
} {
  const mac = (body: string) => createHmac('sha256', options.secret).update(body).digest();
  return {
    name: 'test',
    async startCheckout(checkout: Checkout) {
      // Derived from the key, so that every process gives a repeated checkout the same id.
      const providerId = `test_${mac(checkout.idempotencyKey).toString('hex').slice(0, 32)}`;
      const report: PaymentReport = {
        providerId,
        tenantId: checkout.tenantId,
        invoiceId: checkout.invoiceId,
        kind: 'payment',
        status: 'succeeded',
        amount: checkout.amount,
        currency: checkout.currency,
      };
      const { body, signature } = this.sign(report);
      const query = new URLSearchParams({ body, signature, return: checkout.returnUrl });
      return { url: `${options.pageUrl}?${query}`, providerId };
    },
    async readWebhook(body, signature) {
      const given = Buffer.from(signature, 'hex');
      const expected = mac(body);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
        throw new PaymentError(
          'payment_signature_invalid',
          'The webhook is not signed by this test provider.',
        );
      }
      return JSON.parse(body) as PaymentReport;
    },
    async refund() {
      return { providerId: `test_refund_${randomUUID()}`, isDone: true };
    },
    sign(report) {
      const body = JSON.stringify(report);
      return { body, signature: mac(body).toString('hex') };
    },
  };
}
