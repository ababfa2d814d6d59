import type { TenantClient } from '@/lib/data-sources';
import { GenericRepository, RepositoryError, type RowOf } from '@/lib/repositories';
import { PaymentError } from './errors';

/**
 * Creates a payment, or finds the one that was created with this idempotency key.
 *
 * @param isSame whether a payment is the one that `row` describes
 * @throws RepositoryError as `create`; PaymentError `payment_key_reused`
 */
export async function createOnce(
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
