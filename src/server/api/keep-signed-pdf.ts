import { signedPdf } from '@/lib/crm/closing';
import type { TenantClient } from '@/lib/data-sources';
import type { ApiParts } from './services';

/** What the client's page reads next goes first: making a PDF takes a processor for a second or more. */
const AFTER_MS = 1_500;

/** Makes and keeps the PDF of what was signed, soon and while nobody waits. Where that fails, the first who opens it makes it. */
export function keepSignedPdf(
  parts: ApiParts,
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
