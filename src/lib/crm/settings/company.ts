import type { TenantClient } from '@/lib/data-sources';
import { INITIAL_SETTINGS } from '@/lib/initial-settings';
import { loadSettings } from './load';
import type { SettingValue } from './settings';

/** What clients read about the company on its page, in its mail and on its documents. */
export const COMPANY_DETAILS = ['name', 'address', 'email', 'logo', 'tax_number'] as const;
export type CompanyDetail = (typeof COMPANY_DETAILS)[number];

/**
 * Which details clients would miss. A tax number only counts where invoices must show one: outside the United States.
 *
 * @param settings as stored, or their initial values
 */
export function missingCompanyDetails({
  company,
  logo,
  locale,
}: {
  company: SettingValue<'company'>;
  logo: string;
  locale: string;
}): CompanyDetail[] {
  const isThere: Record<CompanyDetail, boolean> = {
    name: company.name.trim() !== '' && company.name !== INITIAL_SETTINGS.company.name,
    address: company.lines.some((line) => line.trim() !== ''),
    // Answers to mails go there.
    email: company.email !== '',
    logo: logo !== '',
    tax_number: company.tax_number.trim() !== '' || new Intl.Locale(locale).maximize().region === 'US',
  };
  return COMPANY_DETAILS.filter((detail) => !isThere[detail]);
}

/** `missingCompanyDetails` of a tenant. */
export async function loadMissingCompanyDetails(client: TenantClient): Promise<CompanyDetail[]> {
  return missingCompanyDetails(await loadSettings(client, ['company', 'logo', 'locale']));
}
