import type Stripe from 'stripe';
import { fractionDigits, roundMoney } from '@/lib/money';
import { type Checkout, PaymentError, type PaymentProvider, type PaymentReport } from './provider';
import { readWebhookState, STRIPE_EVENTS } from './stripe-webhook';

export interface StripeOptions {
  secretKey: string;
  webhookSecret: string;
  /** Another host, for a contract fake in tests. */
  host?: { host: string; port: number; protocol: 'http' | 'https' };
}

type TakenEvent = Extract<Stripe.Event, { type: (typeof STRIPE_EVENTS)[number] }>;

/** In a refund's metadata: its idempotency key. */
const KEY = 'marquee_key';

/** Payments by Stripe Checkout; the webhook is the only thing that records money. */
export function createStripeProvider(options: StripeOptions): PaymentProvider {
  // Stripe sends events of its test mode to the same address, signed alike; they are booked only for a test key.
  const isTestMode = /^[a-z]+_test_/.test(options.secretKey);
  let loaded: Promise<Stripe> | undefined;
  // Few companies take payments, and 220 files take a while to load.
  const stripe = () => {
    loaded ??= import('stripe').then(
      ({ default: Client }) =>
        new Client(options.secretKey, { maxNetworkRetries: 2, timeout: 20_000, ...options.host }),
    );
    return loaded;
  };
  return {
    name: 'stripe',
    async startCheckout(checkout: Checkout) {
      const metadata = { tenant_id: checkout.tenantId, invoice_id: checkout.invoiceId };
      const units = toStripe(checkout.amount, checkout.currency);
      const { checkout: checkouts } = await stripe();
      const session = await checkouts.sessions
        .create(
          {
            mode: 'payment',
            line_items: [
              {
                quantity: 1,
                price_data: {
                  currency: checkout.currency.toLowerCase(),
                  unit_amount: units,
                  product_data: { name: checkout.description },
                },
              },
            ],
            success_url: checkout.paidUrl ?? checkout.returnUrl,
            cancel_url: checkout.returnUrl,
            metadata,
            payment_intent_data: { metadata },
          },
          { idempotencyKey: checkout.idempotencyKey },
        )
        .catch((cause) => {
          throw checkoutFailure(cause, checkout.currency);
        });
      if (!session.url) throw new PaymentError('payment_provider_failed', 'Stripe opened no payment page.');
      return { url: session.url, providerId: session.id };
    },
    async readWebhook(body, signature) {
      let event: Stripe.Event;
      try {
        const { webhooks } = await stripe();
        event = await webhooks.constructEventAsync(body, signature, options.webhookSecret);
      } catch (cause) {
        throw new PaymentError(
          'payment_signature_invalid',
          'The webhook is not signed by Stripe for this account.',
          { cause },
        );
      }
      if (event.livemode === false && !isTestMode) return undefined;
      return isTaken(event) ? readEvent(event) : undefined;
    },
    async findInvoice(providerId) {
      const { paymentIntents } = await stripe();
      const { metadata } = await paymentIntents.retrieve(providerId).catch((cause) => {
        throw new PaymentError('payment_provider_failed', 'Stripe does not say what a payment was for.', {
          cause,
        });
      });
      return placeOf(metadata);
    },
    webhookState: async (url) => readWebhookState(await stripe(), url),
    async refund(providerId, amount, currency, idempotencyKey) {
      const units = toStripe(amount, currency);
      const { refunds } = await stripe();
      const { id, status } = await giveBack(refunds, providerId, units, idempotencyKey).catch((cause) => {
        throw refundFailure(cause);
      });
      if (status === 'failed' || status === 'canceled') {
        throw new PaymentError('payment_refused', 'Stripe could not give the money back.');
      }
      return { providerId: id, isDone: status === 'succeeded' };
    },
  };
}

/** Why Stripe opens no payment page: its message is for the company, not for the client who reads this. */
function checkoutFailure(cause: unknown, currency: string): PaymentError {
  const { statusCode, code = '', param = '' } = cause as Partial<Stripe.errors.StripeError>;
  if (statusCode === 401 || statusCode === 403) {
    return new PaymentError('payment_unavailable', 'Stripe does not accept the company’s key.', {
      hint: 'Pay as the invoice says.',
      cause,
    });
  }
  if (statusCode === 400 && (/^amount_too_/.test(code) || /unit_amount|currency/.test(param))) {
    return new PaymentError(
      'payment_amount_unsupported',
      `Stripe does not take this amount in ${currency}.`,
      {
        hint: 'Pay as the invoice says.',
        cause,
      },
    );
  }
  return new PaymentError('payment_provider_failed', 'Stripe opened no payment page.', { cause });
}

/** Stripe forgets idempotency keys after a day, so a refund that was made is looked for first. */
async function giveBack(
  refunds: Stripe['refunds'],
  payment: string,
  amount: number,
  key: string,
): Promise<Stripe.Refund> {
  const { data } = await refunds.list({ payment_intent: payment, limit: 100 });
  const made = data.find(({ metadata }) => metadata?.[KEY] === key);
  const request = { payment_intent: payment, amount, metadata: { [KEY]: key } };
  return made ?? refunds.create(request, { idempotencyKey: key });
}

/** Stripe refuses with 4xx. 409 and a key in use are about another request that runs. */
function refundFailure(cause: unknown): PaymentError {
  const { statusCode = 0, type, message } = cause as Partial<Stripe.errors.StripeError>;
  if (statusCode === 401 || statusCode === 403) {
    return new PaymentError('payment_refused', 'Stripe does not permit refunds with the company’s key.', {
      cause,
    });
  }
  if (statusCode >= 400 && statusCode < 500 && statusCode !== 409 && type !== 'StripeIdempotencyError') {
    return new PaymentError('payment_refused', message ?? 'Stripe refuses the refund.', { cause });
  }
  return new PaymentError('payment_provider_failed', 'Stripe did not say whether it gives the money back.', {
    hint: 'Try again: it is given back once.',
    cause,
  });
}

/** docs.stripe.com/currencies: digits after the point in Stripe's amounts, where they are not two. */
const STRIPE_DIGITS: Record<string, number> = {
  ...Object.fromEntries(
    'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' ').map((code) => [code, 0]),
  ),
  ...Object.fromEntries('BHD JOD KWD OMR TND'.split(' ').map((code) => [code, 3])),
};

/** How many of Stripe's units make one minor unit: 100 for ISK, whose króna Stripe still counts in hundredths. */
function stripeUnits(currency: string): number {
  return 10 ** ((STRIPE_DIGITS[currency] ?? 2) - fractionDigits(currency));
}

function toStripe(amount: number, currency: string): number {
  const units = roundMoney(amount, 'half_up', stripeUnits(currency));
  const isExact = fromStripe(units, currency) === amount;
  if (isExact && (STRIPE_DIGITS[currency] !== 3 || units % 10 === 0)) return units;
  throw new PaymentError('payment_amount_unsupported', `Stripe does not take this amount in ${currency}.`, {
    hint: 'Ask for it in round amounts, or record the payment by hand.',
  });
}

function fromStripe(units: number, currency: string): number {
  return units / stripeUnits(currency);
}

function isTaken(event: Stripe.Event): event is TakenEvent {
  return STRIPE_EVENTS.some((type) => type === event.type);
}

function readEvent(event: TakenEvent): PaymentReport | undefined {
  switch (event.type) {
    case 'payment_intent.succeeded':
    case 'payment_intent.payment_failed': {
      const intent = event.data.object;
      const succeeded = event.type === 'payment_intent.succeeded';
      const amount = succeeded ? intent.amount_received : intent.amount;
      return report(
        intent.metadata,
        { providerId: intent.id, kind: 'payment', amount, currency: intent.currency },
        succeeded,
      );
    }
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
    case 'checkout.session.async_payment_failed': {
      const { payment_intent, payment_status, amount_total: amount, currency, metadata } = event.data.object;
      const providerId = idOf(payment_intent);
      const isPaid = payment_status === 'paid';
      // Completed and still unpaid: the client's bank is asked, and Stripe reports again.
      if (!isPaid && event.type !== 'checkout.session.async_payment_failed') return undefined;
      if (!providerId || amount === null || currency === null) return undefined;
      // By the id of the payment, so that it is one with Stripe's other report of it.
      return report(metadata ?? {}, { providerId, kind: 'payment', amount, currency }, isPaid);
    }
    case 'refund.created':
    case 'refund.updated':
    case 'refund.failed':
    case 'charge.refund.updated': {
      const { id: providerId, amount, currency, payment_intent, status, metadata } = event.data.object;
      // Still pending: Stripe reports again.
      if (status !== 'succeeded' && status !== 'failed' && status !== 'canceled') return undefined;
      const key = metadata?.[KEY];
      const facts = {
        providerId,
        kind: 'refund' as const,
        amount,
        currency,
        ...aboutPayment(payment_intent),
      };
      return report(metadata ?? {}, { ...facts, ...(key ? { key } : {}) }, status === 'succeeded');
    }
    case 'charge.dispute.created':
    case 'charge.dispute.closed': {
      const { id: providerId, amount, currency, payment_intent, status, reason } = event.data.object;
      const note =
        event.type === 'charge.dispute.created'
          ? `The client’s bank disputes a payment (${reason.replaceAll('_', ' ')}). Answer it at Stripe.`
          : `A disputed payment was decided: ${status.replaceAll('_', ' ')}. Record what was taken back.`;
      const facts = {
        providerId,
        kind: 'dispute' as const,
        amount,
        currency,
        note,
        state: status.replaceAll('_', ' '),
      };
      return report({}, { ...facts, ...aboutPayment(payment_intent) }, status !== 'lost');
    }
    default:
      return event satisfies never;
  }
}

function report(
  metadata: Stripe.Metadata,
  facts: Omit<PaymentReport, 'tenantId' | 'invoiceId' | 'status'>,
  succeeded: boolean,
): PaymentReport | undefined {
  const place = placeOf(metadata);
  // A payment of the same Stripe account that was not initiated here.
  if (!place.invoiceId && !facts.refundOf) return undefined;
  const currency = facts.currency.toUpperCase();
  return {
    ...facts,
    amount: fromStripe(facts.amount, currency),
    currency,
    ...place,
    status: succeeded ? 'succeeded' : 'failed',
  };
}

function placeOf({ tenant_id: tenantId, invoice_id: invoiceId }: Stripe.Metadata) {
  return tenantId && invoiceId ? { tenantId, invoiceId } : {};
}

function aboutPayment(intent: Intent) {
  const refundOf = idOf(intent);
  return refundOf ? { refundOf } : {};
}

type Intent = string | Stripe.PaymentIntent | null | undefined;

function idOf(intent: Intent): string | undefined {
  return typeof intent === 'string' ? intent : intent?.id;
}
