import type { TenantClient } from '@/lib/data-sources';
import { GenericRepository, type RowOf } from '@/lib/repositories';
import { createOnce } from './create-once';

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
  return createOnce(
    client,
    idempotencyKey,
    change,
    (row) => row.amount === amount && row.invoice_id === invoiceId,
  );
}
