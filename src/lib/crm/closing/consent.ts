import type { TenantClient } from '@/lib/data-sources';
import { GenericRepository } from '@/lib/repositories';
import { loadSettings } from '../settings/load';

/** What a client agrees to by signing (eIDAS art. 25, ESIGN Act § 101: intent and consent to sign electronically). */
const TEXTS = {
  en: {
    offer: 'I have read the quote and the agreement, I accept them, and I agree to sign them electronically.',
    contract: 'I have read the agreement, I accept it, and I agree to sign it electronically.',
  },
  de: {
    offer:
      'Ich habe das Angebot und die Vereinbarung gelesen, nehme sie an und bin einverstanden, sie elektronisch zu unterschreiben.',
    contract:
      'Ich habe die Vereinbarung gelesen, nehme sie an und bin einverstanden, sie elektronisch zu unterschreiben.',
  },
};

/** The consent to an offer with its contract, or to a contract alone, in the client's language. */
export async function consentTo(
  what: 'offer' | 'contract',
  client: TenantClient,
  accountId: string | null | undefined,
): Promise<string> {
  return TEXTS[(await languageOf(client, accountId)).startsWith('de') ? 'de' : 'en'][what];
}

/** The language of a client's documents and mails: the account's, else the company's. */
export async function languageOf(
  client: TenantClient,
  accountId: string | null | undefined,
): Promise<string> {
  const [account, { locale }] = await Promise.all([
    accountId ? new GenericRepository(client, 'accounts').find(accountId) : undefined,
    loadSettings(client, ['locale']),
  ]);
  return account?.locale ?? locale;
}
