import type { ApiParts } from './services';

/** What a tenant's own systems can be told. */
export const WEBHOOK_EVENTS = [
  'quote.sent',
  'quote.accepted',
  'event.created',
  'payment.received',
  'payment.refunded',
  'invoice.paid',
] as const;

export type WebhookEventType = (typeof WEBHOOK_EVENTS)[number];

/** Tells the tenant's endpoints what happened. */
export async function announce(
  _parts: ApiParts,
  _tenantId: string,
  _type: WebhookEventType,
  _ids: Record<string, string>,
): Promise<void> {}
