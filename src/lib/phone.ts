// Phone numbers, on the server and in the browser: read in any spelling, stored in one, shown as people at the company write them.
import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min';

export type { CountryCode };

/**
 * The country whose numbers are written without a country code.
 *
 * @param locale BCP 47, the company's: `en-US` → `US`, `de` → `DE`
 */
export function countryOf(locale: string): CountryCode {
  try {
    const { region } = new Intl.Locale(locale).maximize();
    return region && isSupportedCountry(region) ? region : 'US';
  } catch {
    return 'US';
  }
}

/**
 * A phone number as it is stored: `(512) 555-0177 x12` of the United States → `+1 512 555 0177 ext. 12`.
 *
 * @returns undefined for what is no phone number; store it as it was typed
 */
export function normalizePhone(text: string, country: CountryCode): string | undefined {
  const number = parsePhoneNumberFromString(text, country);
  return number?.isValid() ? number.formatInternational() : undefined;
}

/** A phone number as people in `country` write it; what is no phone number stays as it is. */
export function formatPhone(text: string, country: CountryCode): string {
  const number = parsePhoneNumberFromString(text, country);
  if (!number?.isValid()) return text;
  return number.country === country ? number.formatNational() : number.formatInternational();
}
