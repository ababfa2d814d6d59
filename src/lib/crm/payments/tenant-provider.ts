import { z } from 'zod';
import { type DeliveryDependencies, readCredentials } from '../delivery';
import { PaymentError, type PaymentProvider } from './provider';
import { createStripeProvider } from './stripe';
import { createTestProvider } from './test-provider';

const StripeCredentials = z.object({ secretKey: z.string(), webhookSecret: z.string() });

/** What opens a tenant's payment provider. */
export interface PaymentDependencies extends Pick<DeliveryDependencies, 'manager'> {
  services: Pick<DeliveryDependencies['services'], 'secretBox'> & {
    /** Signs the local test provider's reports; absent where payments are real only. */
    testPaymentSecret?: string;
  };
}

/**
 * The tenant's payment provider: its connected Stripe account, else the local test provider if it is switched on.
 *
 * @param name only this provider
 * @param base where this server is reached: the test provider's page is its own
 * @throws PaymentError `payment_unavailable`
 */
export async function paymentProvider(
  parts: PaymentDependencies,
  tenantId: string,
  base: string,
  name?: string,
): Promise<PaymentProvider> {
  if (name === undefined || name === 'stripe') {
    const credentials = await readCredentials(parts, tenantId, 'stripe', StripeCredentials);
    if (credentials) return createStripeProvider(credentials);
  }
  const { testPaymentSecret } = parts.services;
  if (testPaymentSecret && (name === undefined || name === 'test')) {
    return testProvider(testPaymentSecret, base);
  }
  if (name !== undefined) {
    throw new PaymentError('payment_unavailable', `This company has not connected ${name}.`, {
      hint: 'Connect it under Settings, Integrations.',
    });
  }
  throw new PaymentError('payment_unavailable', 'This company does not accept online payments.', {
    hint: 'Pay as the invoice says.',
  });
}

export function testProvider(secret: string, base: string): PaymentProvider {
  return createTestProvider({ secret, pageUrl: `${base}/test-payment` });
}
