// Delivers a tenant's outbox events: to webhooks, calendars and books.

import type { DeliveryDependencies } from './dependencies';
import { Outbox } from './outbox';
import { startSyncs } from './syncs';
import { startDeliveries } from './webhooks';

export { credentialsPlace, keyIdIn, readCredentials, sealCredentials } from './credentials';
export type { ConnectionServices, DeliveryDependencies } from './dependencies';
export { mailActions } from './mail/sealed-actions';
export { emptyOutbox, Outbox } from './outbox';
export { OF_WHOLE_COMPANY, saveConnection } from './save-connection';
export { clearCalendar, queueWhole } from './syncs';

/** Starts delivering in this process. @param options.allowPrivate tests only */
export async function startConnections(
  parts: DeliveryDependencies,
  options: { allowPrivate?: boolean; pollingIntervalSeconds?: number } = {},
): Promise<void> {
  await startDeliveries(parts, options);
  await startSyncs(parts, options.pollingIntervalSeconds);
  await new Outbox(parts).start(options.pollingIntervalSeconds);
}
