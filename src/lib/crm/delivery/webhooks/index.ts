// Webhooks to a tenant's own systems, as Standard Webhooks describes.
export {
  deliverAgain,
  deliveriesOf,
  ENDPOINT_PREFIX,
  endpointsOf,
  PAUSED,
  queueDeliveries,
  type StoredDelivery,
  startDeliveries,
  WEBHOOK_EVENTS,
} from './deliveries';
export { deliverWebhook, type WebhookEvent } from './send';
export { signWebhook, verifyWebhook } from './signature';
