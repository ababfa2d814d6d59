import { declareFailures, MarqueeError } from '@/lib/failures';

const WEBHOOK_FAILURES = declareFailures('crm/webhooks', 'user', {
  webhook_failed: {
    category: 'unavailable',
    status: 502,
    means: 'An endpoint did not accept an event.',
    hint: 'Check the endpoint; the event is sent again later.',
  },
  webhook_url_refused: {
    category: 'invalid',
    means: 'The endpoint’s address may not be used.',
    hint: 'Give a public https:// address.',
  },
});

/** An event cannot be delivered to an endpoint. */
export class WebhookError extends MarqueeError<keyof typeof WEBHOOK_FAILURES> {}
