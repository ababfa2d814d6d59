// Delivers a tenant's outbox events: to webhooks, calendars and books.
import { Outbox } from './outbox';
import type { DeliveryParts } from './parts';
import { startSyncs } from './syncs';
import { startDeliveries } from './webhooks';

export { credentialsPlace, keyIdIn, readCredentials, sealCredentials } from './credentials';
export { mailActions } from './mail/sealed-actions';
export { emptyOutbox, Outbox } from './outbox';
export type { ConnectionServices, DeliveryParts } from './parts';
export { OF_WHOLE_COMPANY, saveConnection } from './save-connection';
export { clearCalendar, queueWhole } from './syncs';

/** Starts delivering in this process. @param options.allowPrivate tests only */
export async function startConnections(
  parts: DeliveryParts,
  options: { allowPrivate?: boolean; pollingIntervalSeconds?: number } = {},
): Promise<void> {
  await startDeliveries(parts, options);
  await startSyncs(parts, options.pollingIntervalSeconds);
  await new Outbox(parts).start(options.pollingIntervalSeconds);
}
