import { sendContract, sendQuote } from '@/lib/crm/closing';
import type { Action, Linked } from '@/lib/crm/delivery/jobs';
import { loadSettings } from '@/lib/crm/settings';
import { GenericRepository } from '@/lib/repositories';
import type { TenantContext } from '../../tenant-context';
import { contractButton } from '../sales/contracts';
import { makeInvoiceLink } from '../sales/invoice-links';
import { quoteButton } from '../sales/quotes';
import type { ApiDependencies } from '../services';

/**
 * A mail's button with a new link. A quote or a contract is sent again for it, which invalidates the former link.
 *
 * @param base address of this server for clients
 * @throws ClosingError as `sendQuote` and `sendContract`; RequestError `forbidden`; RepositoryError
 */
export async function remakeButton(
  caller: TenantContext,
  { kind, id }: Linked,
  mailLanguage: string | null,
  base: string,
  parts: ApiDependencies,
): Promise<Action> {
  const { client, tenant, user } = caller;
  const language = mailLanguage ?? (await loadSettings(client, ['locale'])).locale;
  if (kind === 'invoice') {
    const invoice = await new GenericRepository(client, 'invoices').get(id);
    return makeInvoiceLink(caller, invoice, base, language, parts);
  }
  const who = {
    tenantId: tenant.id,
    client,
    service: await parts.manager.getClientForTenant(tenant.id, true),
  };
  if (kind === 'quote') {
    const { token } = await sendQuote({ ...who, quoteId: id, senderId: user.id });
    return quoteButton(id, `${base}/c/${token}`, language);
  }
  const { token } = await sendContract({ ...who, contractId: id });
  return contractButton(id, `${base}/s/${token}`, language);
}
