import { PaymentError } from './errors';

/** What a client is asked to pay. */
export interface Checkout {
  tenantId: string;
  invoiceId: string;
  /** Shown on the provider's page. */
  description: string;
  /** Minor units, positive. */
  amount: number;
  /** ISO 4217. */
  currency: string;
  returnUrl: string;
  /** Same key, same checkout: a reload does not ask twice. */
  idempotencyKey: string;
}

/** What a provider reports about money, after its signature was checked. */
export interface PaymentReport {
  /** The provider's own id of the payment: unique, so a report that comes twice is counted once. */
  providerId: string;
  /** Absent where it did not begin here, such as a refund made at the provider: `refundOf` then says what it is about. */
  tenantId?: string;
  invoiceId?: string;
  /** Refunds and disputes: the provider's id of the payment, where it says so. */
  refundOf?: string;
  /** Refunds that began here: their idempotency key. */
  key?: string;
  /** Disputes: what happened and how it stands, for people. */
  note?: string;
  state?: string;
  kind: 'payment' | 'refund' | 'dispute';
  status: 'succeeded' | 'failed';
  amount: number;
  currency: string;
  /** Minor units kept by the provider, where it says so. */
  fee?: number;
}

/** A way to be paid. `record by hand` needs none: it is a row in `payments`. */
export interface PaymentProvider {
  readonly name: string;
  /** Opens a payment page for one invoice. */
  startCheckout(checkout: Checkout): Promise<{ url: string; providerId: string }>;
  /**
   * Checks a webhook's signature and reads it; undefined where it is about something else.
   * @throws PaymentError `payment_signature_invalid`
   */
  readWebhook(body: string, signature: string): Promise<PaymentReport | undefined>;
  /** Of a payment that is not known here yet: what it was for, where it began here. */
  findInvoice?(providerId: string): Promise<Pick<PaymentReport, 'tenantId' | 'invoiceId'>>;
  refund(
    providerId: string,
    amount: number,
    currency: string,
    idempotencyKey: string,
  ): Promise<{ providerId: string }>;
}

export { PaymentError };
