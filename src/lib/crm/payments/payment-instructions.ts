import type { TenantClient } from '@/lib/data-sources';
import { loadSettings } from '../settings';
import { PaymentError } from './errors';
import { type PaymentDependencies, paymentProvider } from './tenant-provider';

export interface PaymentInstructions {
  /** In the company's words; empty: it has entered none. */
  instructions: string;
  /** Whether clients can pay on their page. */
  online: boolean;
}

/** How a company's clients pay. */
export async function readPaymentInstructions(
  parts: PaymentDependencies,
  client: TenantClient,
  tenantId: string,
): Promise<PaymentInstructions> {
  const [{ payment_instructions: instructions }, online] = await Promise.all([
    loadSettings(client, ['payment_instructions']),
    paymentProvider(parts, tenantId, '').then(
      () => true,
      (error: unknown) => {
        if (error instanceof PaymentError && error.code === 'payment_unavailable') return false;
        throw error;
      },
    ),
  ]);
  return { instructions, online };
}
