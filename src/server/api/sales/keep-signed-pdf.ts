import { signedPdf } from '@/lib/crm/closing';
import type { TenantClient } from '@/lib/data-sources';
import type { ApiDependencies } from '../services';

/** Delay, so that the client's next page loads first: making a PDF takes a second of CPU or more. */
const AFTER_MS = 1_500;

/** Makes and stores the PDF of a signed contract in the background. If that fails, the first request for it makes it. */
export function keepSignedPdf(
  parts: ApiDependencies,
  client: TenantClient,
  tenantId: string,
  contractId: string,
): void {
  const timer = setTimeout(() => {
    signedPdf(client, parts.services.storage, tenantId, contractId).catch((err: unknown) =>
      parts.logger.warn({ err, tenantId }, 'signed PDF not kept yet'),
    );
  }, AFTER_MS);
  timer.unref();
}
