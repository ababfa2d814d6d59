import type { TenantClient } from '@/lib/data-sources';
import { GenericRepository, RepositoryError, type RowOf } from '@/lib/repositories';
import { PaymentError, type PaymentProvider } from './provider';

export interface RecordedPayment {
  invoiceId: string;
  /** Minor units of the invoice's currency. */
  amount: number;
  method: 'card' | 'bank_transfer' | 'cash' | 'check' | 'other';
  /** ISO timestamp; now where left out. */
  paidAt?: string;
  reference?: string;
  note?: string;
  /** A payment with a known key is not recorded again. */
  idempotencyKey?: string;
}

/**
 * Records a payment made without a provider.
 *
 * @param client of the user: only managers record money
 * @throws RepositoryError `record_not_found`, `permission_denied`, `rule_violated`: more than the balance, a draft, …
 * @throws PaymentError `payment_key_reused`
 */
export async function recordPayment(
  client: TenantClient,
  payment: RecordedPayment,
): Promise<RowOf<'payments'>> {
  const { invoiceId, amount, method, paidAt, reference, note, idempotencyKey } = payment;
  const { currency } = await new GenericRepository(client, 'invoices').get(invoiceId);
  const change = {
    invoice_id: invoiceId,
    amount,
    currency,
    method,
    ...(paidAt ? { paid_at: paidAt } : {}),
    ...(reference ? { reference } : {}),
    ...(note ? { note } : {}),
  };
  return once(client, idempotencyKey, change, (row) => row.amount === amount && row.invoice_id === invoiceId);
}

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
  if (!original.provider || !original.provider_id) return once(client, key, row, isSame);
  const taker = await provider(original.provider);
  // Create it as pending before money moves, so that the database checks it.
  const refund = await once(client, key, { ...row, status: 'pending' }, isSame);
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

/** Creates a payment, or finds the one of this key. */
async function once(
  client: TenantClient,
  key: string | undefined,
  row: Parameters<GenericRepository<'payments'>['create']>[0],
  isSame: (made: RowOf<'payments'>) => boolean,
): Promise<RowOf<'payments'>> {
  const payments = new GenericRepository(client, 'payments');
  const before = key ? await payments.findOne({ idempotency_key: key }) : undefined;
  const made =
    before ??
    (await payments
      .create({ ...row, ...(key ? { idempotency_key: key } : {}) })
      .catch(async (error: unknown) => {
        const isTaken = key && error instanceof RepositoryError;
        const other = isTaken ? await payments.findOne({ idempotency_key: key }) : undefined;
        if (other) return other;
        throw error;
      }));
  if (isSame(made)) return made;
  throw new PaymentError('payment_key_reused', 'This idempotency key was used for another payment.', {
    hint: 'Make a new key for each payment.',
  });
}
