import { PaymentError } from './errors';

/** A payment requested from a client. */
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
  /** Where the provider leads once it was paid; `returnUrl` by default. */
  paidUrl?: string;
  /** The same key gives the same checkout, such as after a reload. */
  idempotencyKey: string;
}

/** A provider's report, after its signature was checked. */
export interface PaymentReport {
  /** The provider's own id of the payment: unique, so a report that comes twice is counted once. */
  providerId: string;
  /** Absent where it was not initiated here, such as a refund made at the provider; see `refundOf`. */
  tenantId?: string;
  invoiceId?: string;
  /** Refunds and disputes: the provider's id of the payment, where it says so. */
  refundOf?: string;
  /** Idempotency key of a refund that was initiated here. */
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

/** Whether a provider accepts the company's key and reports payments to its webhook, as far as the provider says. */
export interface WebhookState {
  state: 'reports' | 'key_refused' | 'no_endpoint' | 'endpoint_off' | 'events_missing' | 'unknown';
  /** Events that the endpoint must send and does not. */
  missingEvents: string[];
}

/** A payment provider. Payments recorded by hand need none. */
export interface PaymentProvider {
  readonly name: string;
  /**
   * Opens a payment page for one invoice.
   *
   * @throws PaymentError `payment_amount_unsupported`, `payment_unavailable`, `payment_provider_failed`
   */
  startCheckout(checkout: Checkout): Promise<{ url: string; providerId: string }>;
  /**
   * Checks a webhook's signature and reads it; undefined where it is irrelevant here.
   * @throws PaymentError `payment_signature_invalid`
   */
  readWebhook(body: string, signature: string): Promise<PaymentReport | undefined>;
  /** The invoice of a payment that is not booked yet, if it was initiated here. */
  findInvoice?(providerId: string): Promise<Pick<PaymentReport, 'tenantId' | 'invoiceId'>>;
  /** Asks the provider about the webhook with this address. Never fails. */
  webhookState?(url: string): Promise<WebhookState>;
  /**
   * Gives money back, once for each key.
   *
   * @returns `isDone` false: accepted, and reported once it is decided
   * @throws PaymentError `payment_refused`, `payment_amount_unsupported`: nothing is given back; others: that is not known
   */
  refund(
    providerId: string,
    amount: number,
    currency: string,
    idempotencyKey: string,
  ): Promise<{ providerId: string; isDone: boolean }>;
}

export { PaymentError };
