import type { TenantClient } from '@/lib/data-sources';
import { createClientLink } from '../client-link';
import type { Action } from '../delivery/mail/outgoing-mail';
import { failureOf } from '../refusals';

/**
 * The button of a mail that opens an issued invoice. Makes a link of its own; earlier links stay valid.
 *
 * @param service of the whole tenant: the caller has checked who may send invoices
 * @param base address of this server for clients @param language of the mail
 * @throws RepositoryError `rule_violated`: not issued
 */
export async function makeInvoiceButton(
  service: TenantClient,
  tenantId: string,
  invoiceId: string,
  { base, language }: { base: string; language: string },
): Promise<Action> {
  const { token, hash } = createClientLink(tenantId);
  const { error, status } = await service.rpc('link_invoice', { invoice_id: invoiceId, token_hash: hash });
  if (error) throw failureOf(error, status);
  return {
    label: language.startsWith('de') ? 'Rechnung ansehen' : 'View invoice',
    url: `${base}/i/${token}`,
    opens: { kind: 'invoice', id: invoiceId },
  };
}
