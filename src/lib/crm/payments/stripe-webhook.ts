import type Stripe from 'stripe';
import type { WebhookState } from './provider';

/** What the webhook takes: the endpoint at Stripe must send these. */
export const STRIPE_EVENTS = [
  'payment_intent.succeeded',
  'payment_intent.payment_failed',
  'checkout.session.completed',
  'checkout.session.async_payment_succeeded',
  'checkout.session.async_payment_failed',
  'refund.created',
  'refund.updated',
  'refund.failed',
  'charge.refund.updated',
  'charge.dispute.created',
  'charge.dispute.closed',
] as const satisfies readonly Stripe.Event['type'][];

/** Asks Stripe about the endpoints with this address. Never fails: a connection that cannot be checked may be a good one. */
export function readWebhookState({ webhookEndpoints }: Stripe, url: string): Promise<WebhookState> {
  // A person waits for the answer.
  return webhookEndpoints.list({ limit: 100 }, { maxNetworkRetries: 0, timeout: 5_000 }).then(
    ({ data }) => stateOf(data.filter((endpoint) => pathOf(endpoint.url) === pathOf(url))),
    ({ statusCode }: Partial<Stripe.errors.StripeError>): WebhookState => ({
      state: statusCode === 401 ? 'key_refused' : 'unknown',
      missingEvents: [],
    }),
  );
}

/** Of several endpoints with the address one is enough. */
function stateOf(endpoints: Stripe.WebhookEndpoint[]): WebhookState {
  const active = endpoints.filter(({ status }) => status === 'enabled');
  if (active.length === 0)
    return { state: endpoints.length === 0 ? 'no_endpoint' : 'endpoint_off', missingEvents: [] };
  const sent = active.flatMap(({ enabled_events }) => enabled_events);
  const isSent = (event: string) => sent.some((one) => one === event || one === '*');
  // Of a refund, both of these say the same.
  const missingEvents = STRIPE_EVENTS.filter((event) => !isSent(event)).filter(
    (event) => event !== 'charge.refund.updated' || !isSent('refund.updated'),
  );
  return { state: missingEvents.length > 0 ? 'events_missing' : 'reports', missingEvents };
}

/** The company may be reached at several hosts. */
function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : url;
}
