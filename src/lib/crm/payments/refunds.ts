import type { TenantClient } from '@/lib/data-sources';
import { GenericRepository, type RowOf } from '@/lib/repositories';
import { createOnce } from './create-once';
import { PaymentError, type PaymentProvider } from './provider';

/** What a provider says where it gives nothing back. */
const REFUSALS: readonly string[] = ['payment_refused', 'payment_amount_unsupported'];

/**
 * Refunds a payment: through its provider, else as a record of a refund made by hand. Where the provider refuses, the refund is
 * `failed`; where it is not known whether it gave the money back, it stays `pending`, and the same key asks again.
 *
 * @param service of the whole tenant: users may not write what a provider did
 * @param provider opens one by its name
 * @throws as `recordPayment`; PaymentError `payment_unavailable`, `payment_refused`, `payment_amount_unsupported`,
 *   `payment_provider_failed`
 */
export async function refundPayment(
  client: TenantClient,
  service: TenantClient,
  paymentId: string,
  amount: number,
  key: string,
  provider: (name: string) => Promise<PaymentProvider>,
): Promise<RowOf<'payments'>> {
  const payments = new GenericRepository(client, 'payments');
  const original = await payments.get(paymentId);
  const row = {
    invoice_id: original.invoice_id,
    kind: 'refund',
    amount,
    currency: original.currency,
    method: original.method,
    refund_of_id: paymentId,
  };
  const isSame = (made: RowOf<'payments'>) => made.refund_of_id === paymentId && made.amount === amount;
  if (!original.provider || !original.provider_id) return createOnce(client, key, row, isSame);
  const taker = await provider(original.provider);
  // Create it as pending before money moves, so that the database checks it.
  const refund = await createOnce(client, key, { ...row, status: 'pending' }, isSame);
  if (refund.status === 'failed') {
    throw new PaymentError('payment_refused', refund.failure_reason ?? 'The provider refused this refund.');
  }
  if (refund.status !== 'pending') return refund;
  const ours = new GenericRepository(service, 'payments');
  const given = await taker
    .refund(original.provider_id, amount, original.currency, key)
    .catch(async (error: unknown) => {
      if (error instanceof PaymentError && REFUSALS.includes(error.code)) {
        await ours.update(refund.id, { status: 'failed', failure_reason: error.message });
      }
      throw error;
    });
  return ours.update(refund.id, {
    provider_id: given.providerId,
    ...(given.isDone ? { status: 'succeeded' } : {}),
  });
}
