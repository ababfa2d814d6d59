import { loadSettings } from '@/lib/crm/settings';
import { textToHtml } from '@/lib/crm/templates';
import type { TenantClient } from '@/lib/data-sources';
import { GenericRepository } from '@/lib/repositories';
import type { ApiDependencies } from '../api/services';

/**
 * Mails the client the signed contract as PDF, once, to the address that is stored with the signature. The contract is signed: a
 * mail that cannot be queued does not fail it, and the client's next attempt queues it.
 */
export async function mailSignedCopy(
  parts: ApiDependencies,
  client: TenantClient,
  tenantId: string,
  contractId: string,
): Promise<void> {
  try {
    const contract = await new GenericRepository(client, 'contracts').get(contractId);
    const to = contract.signer_email;
    if (!to || !parts.services.mail) return;
    const [{ company, locale }, account] = await Promise.all([
      loadSettings(client, ['company', 'locale']),
      new GenericRepository(client, 'accounts').find(contract.account_id),
    ]);
    const language = account?.locale ?? locale;
    const { subject, text } = wordsIn(language, contract.title, company.name, contract.signer_name ?? '');
    const queue = await parts.services.mail();
    await queue.queue(tenantId, {
      to,
      subject,
      language,
      bodyHtml: textToHtml(text),
      key: `signed:${contractId}`,
      attached: [{ kind: 'contract', id: contractId }],
      about: {
        account_id: contract.account_id,
        contact_id: contract.contact_id,
        opportunity_id: contract.opportunity_id,
        event_id: contract.event_id,
        quote_id: contract.quote_id,
      },
    });
  } catch (err) {
    parts.logger.warn({ err, tenantId }, 'signed copy not queued');
  }
}

function wordsIn(language: string, title: string, company: string, name: string) {
  return language.startsWith('de')
    ? {
        subject: `Ihre unterschriebene Kopie: ${title}`,
        text: `Guten Tag ${name},\n\nvielen Dank. Im Anhang finden Sie Ihre unterschriebene Kopie von „${title}“ als PDF.\n\n${company}`,
      }
    : {
        subject: `Your signed copy: ${title}`,
        text: `Hello ${name},\n\nThank you. Your signed copy of “${title}” is attached as a PDF.\n\n${company}`,
      };
}
