import type { TenantClient } from '@/lib/data-sources';
import { inkOfColor, inkOn } from '../colors';
import { type Branding, loadBranding } from '../documents';

/** How a company shows itself on its clients' pages. Colors are `#rrggbb`; text in them contrasts 4.5 to 1. */
export interface CompanyLook extends Omit<Branding, 'logo'> {
  /** A PNG as data URL. */
  logo?: string;
  /** For text on `primaryColor`. */
  onPrimary: string;
  /** For colored text on white. */
  ink: string;
}

export async function loadCompanyLook(client: TenantClient): Promise<CompanyLook> {
  const { logo, ...branding } = await loadBranding(client);
  return {
    ...branding,
    ...(logo ? { logo: `data:image/png;base64,${Buffer.from(logo).toString('base64')}` } : {}),
    onPrimary: inkOn(branding.primaryColor),
    ink: inkOfColor(branding.primaryColor),
  };
}
