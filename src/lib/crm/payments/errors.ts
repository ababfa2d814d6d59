import { declareFailures, MarqueeError } from '@/lib/failures';

const PAYMENT_FAILURES = declareFailures('crm/payments', 'user', {
  payment_amount_unsupported: {
    category: 'conflict',
    means: 'The provider does not take this amount in this currency.',
    hint: 'Ask for a round amount, or record the payment by hand.',
  },
  payment_currency_mismatch: {
    category: 'conflict',
    means: 'The payment is in another currency than the invoice.',
    hint: 'Refund it with the provider and ask for payment again.',
  },
  payment_disputed: {
    category: 'conflict',
    means: 'The client disputes a payment.',
    hint: 'Answer the dispute with the provider.',
  },
  payment_key_reused: {
    category: 'conflict',
    means: 'The idempotency key was used for another payment.',
    hint: 'Make a new key for each payment.',
  },
  payment_not_due: {
    category: 'conflict',
    means: 'The invoice’s status allows no payment.',
    hint: 'Check the status of the invoice.',
  },
  payment_refund_failed: {
    category: 'conflict',
    means: 'The provider reports that a refund failed.',
    hint: 'Refund the client in another way.',
  },
  payment_refund_unknown: {
    category: 'conflict',
    means: 'A refund came for a payment that is not booked.',
    hint: 'Book the payment first.',
  },
  payment_refused: {
    category: 'conflict',
    means: 'The provider refuses to give the money back.',
    hint: 'Read why it does, or refund the client in another way.',
  },
  payment_signature_invalid: {
    category: 'invalid',
    status: 400,
    means: 'A provider’s report is not signed by it.',
    hint: 'Check the webhook’s secret.',
  },
  payment_too_much: {
    category: 'conflict',
    means: 'The payment is larger than what the invoice asks for.',
    hint: 'Refund the difference, or record it on account by hand.',
  },
  payment_unavailable: {
    category: 'conflict',
    means: 'The company has not connected a payment provider, or not this one.',
    hint: 'Connect one under Settings, Integrations.',
  },
  payment_provider_failed: {
    category: 'unavailable',
    status: 502,
    means: 'The payment provider does not answer as it should.',
    hint: 'Try again in a minute.',
  },
  payment_unknown_invoice: {
    category: 'not-found',
    means: 'The report is about an invoice that does not exist.',
    hint: 'Check which account the provider reports to.',
  },
});

/** A payment cannot be begun or booked. */
export class PaymentError extends MarqueeError<keyof typeof PAYMENT_FAILURES> {}
